"""The demo service fulfils its contract, and `bug` breaks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx

from smoke.contract import Contract
from smoke.demo.service import CONTRACT, Server, Store

PASSWORD = "a-password-of-the-demo"


@contextmanager
def demo(*, bug: bool = False) -> Iterator[httpx.Client]:
    """A client with the sign-in of Ada."""
    with Server(0, Store(PASSWORD, bug)) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            login = {"email": "ada@example.com", "password": PASSWORD}
            token = client.post("/login", json=login).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client
        server.shutdown()
        thread.join()


def test_every_documented_operation_is_routed() -> None:
    contract = Contract.load(CONTRACT)
    with demo() as client:
        for operation in contract.operations.values():
            path = operation.id.fill(dict.fromkeys(operation.id.parameters, "nowhere"))
            answer = client.request(operation.method, path)
            assert answer.json().get("error") != "no such path", operation.id


def test_note_is_stored_listed_and_deleted() -> None:
    with demo() as client:
        note = client.post("/notes", json={"title": "first", "text": "x"}).json()
        assert client.get(f"/notes/{note['id']}").json() == note
        assert client.get("/notes").json() == {"items": [note], "next_cursor": None}
        assert client.get("/notes/search", params={"q": "second"}).json()["items"] == []
        assert client.delete(f"/notes/{note['id']}").status_code == 204
        assert client.get(f"/notes/{note['id']}").status_code == 404


def test_list_continues_at_its_cursor() -> None:
    with demo() as client:
        made = [client.post("/notes", json={"title": str(n)}).json()["id"] for n in range(3)]
        first = client.get("/notes", params={"limit": 2}).json()
        cursor = {"limit": 2, "cursor": first["next_cursor"]}
        second = client.get("/notes", params=cursor).json()
        assert [n["id"] for n in first["items"] + second["items"]] == made[::-1]
        assert second["next_cursor"] is None


def test_other_user_cannot_see_notes() -> None:
    with demo() as client:
        note = client.post("/notes", json={"title": "mine"}).json()
        login = {"email": "bob@example.com", "password": PASSWORD}
        other = client.post("/login", json=login).json()["access_token"]
        headers = {"Authorization": f"Bearer {other}"}
        assert client.get(f"/notes/{note['id']}", headers=headers).status_code == 404
        assert client.get("/notes", headers=headers).json()["items"] == []


def test_caller_without_a_token_is_refused() -> None:
    with demo() as client:
        answer = client.get("/notes", headers={"Authorization": "Bearer wrong"})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_bug_returns_a_change_without_storing_it() -> None:
    for bug, kept in ((False, "new"), (True, "old")):
        with demo(bug=bug) as client:
            note = client.post("/notes", json={"title": "old"}).json()
            path = f"/notes/{note['id']}"
            assert client.patch(path, json={"title": "new"}).json()["title"] == "new"
            assert client.get(path).json()["title"] == kept
