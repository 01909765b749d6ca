"""
Vector stores: files go in, are found by what they say, and are found no more.
"""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from smoke.reference.vector_stores.search import chunks_of

from .process import client, fetch, served
from .world import bearer, seed

PATH = "/api/v1/vector-stores"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


def stored(admin: httpx.Client, content: bytes, filename: str = "notes.txt") -> str:
    """
    Upload an object and return its id.
    """
    body = {"filename": filename, "mime_type": "text/plain", "size_bytes": len(content)}
    ticket = admin.post("/api/v1/storage/objects/upload-url", json=body).json()
    put = fetch("PUT", ticket["upload_url"], content=content, headers=ticket["headers"])
    assert put.status_code == 200
    return str(ticket["object_id"])


def made(admin: httpx.Client, **values: object) -> dict[str, Any]:
    """
    Make a store with a name of its own.
    """
    answer = admin.post(PATH, json={"name": f"store {uuid4().hex}"} | values)
    assert answer.status_code == 201, answer.text
    store: dict[str, Any] = answer.json()
    return store


@pytest.fixture
def store(admin: httpx.Client) -> Any:
    """
    A store, removed after the test.
    """
    store = made(admin)
    yield store
    admin.delete(f"{PATH}/{store['id']}")


def upload(admin: httpx.Client, store: dict[str, Any], text: str, **values: object) -> Any:
    """
    Upload a text into a store and return the file.
    """
    body = {"object_id": stored(admin, text.encode())} | values
    answer = admin.post(f"{PATH}/{store['id']}/files/upload", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def found(caller: httpx.Client, store: dict[str, Any], query: Any, **values: object) -> list[Any]:
    """
    Search a store and return what was found.
    """
    answer = caller.post(f"{PATH}/{store['id']}/search", json={"query": query} | values)
    assert answer.status_code == 200, answer.text
    hits: list[Any] = answer.json()["data"]
    return hits


def test_a_store_is_made_once_listed_and_removed(
    admin: httpx.Client, viewer: httpx.Client, outsider: httpx.Client
) -> None:
    name = f"store {uuid4().hex}"
    store = made(admin, name=name)
    assert (store["status"], store["usage_bytes"], store["metadata"]) == ("completed", 0, {})
    assert admin.post(PATH, json={"name": name}).status_code == 409
    assert outsider.post(PATH, json={"name": name}).status_code == 201
    assert viewer.get(f"{PATH}/{store['id']}").json() == store
    listed = viewer.get(PATH, params={"limit": 100}).json()
    assert store in listed["items"]
    assert listed["total"] == len(listed["items"])
    assert viewer.delete(f"{PATH}/{store['id']}").status_code == 403
    assert outsider.delete(f"{PATH}/{store['id']}").status_code == 404
    assert admin.delete(f"{PATH}/{store['id']}").status_code == 204
    assert admin.delete(f"{PATH}/{store['id']}").status_code == 404
    assert viewer.get(f"{PATH}/{store['id']}").status_code == 404


def test_a_tenant_has_ten_stores_at_most(outsider: httpx.Client) -> None:
    names = [f"many {number}" for number in range(11)]
    answers = [outsider.post(PATH, json={"name": name}) for name in names]
    assert answers[-1].status_code == 409
    for answer in answers:
        if answer.status_code == 201:
            assert outsider.delete(f"{PATH}/{answer.json()['id']}").status_code == 204


def test_search_ranks_what_fits_best_first(
    admin: httpx.Client, viewer: httpx.Client, store: dict[str, Any]
) -> None:
    upload(admin, store, "The lighthouse keeper reads. Nothing about ships here.")
    best = upload(admin, store, "Lighthouse, lighthouse: a lighthouse on the cliff, very old.")
    upload(admin, store, "Bread, butter and cheese for breakfast.")
    hits = found(viewer, store, "Where is the old lighthouse on the cliff?")
    assert hits[0]["file_id"] == best["openai_file_id"]
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert "cliff" in hits[0]["content"][0]["text"]
    assert len(found(viewer, store, ["butter", "cliff"])) == 2
    assert found(viewer, store, "spaceship") == []
    assert found(viewer, store, '"*?-') == []
    assert len(found(viewer, store, "the", max_num_results=1)) == 1


def test_a_detached_file_is_not_found_and_can_come_back(
    admin: httpx.Client, viewer: httpx.Client, store: dict[str, Any]
) -> None:
    file = upload(admin, store, "The harbour is deep.", attributes={"kind": "note"})
    path = f"{PATH}/{store['id']}/files"
    one = f"{path}/{file['openai_file_id']}"
    download = f"/api/v1/openai/files/{file['openai_file_id']}/download"
    assert viewer.get(one).json() == file
    assert viewer.get(path).json() == {"items": [file], "total": 1}
    assert viewer.get(path, params={"status": "failed"}).json() == {"items": [], "total": 0}
    assert viewer.get(f"{PATH}/{store['id']}").json()["usage_bytes"] == file["usage_bytes"] > 0
    got = viewer.get(download)
    assert got.content == b"The harbour is deep."
    assert "notes.txt" in got.headers["content-disposition"]
    again = {"file_id": file["openai_file_id"], "attributes": {"kind": "again"}}
    assert admin.post(path, json=again).status_code == 409
    for _ in range(2):
        assert admin.delete(one).status_code == 204
    assert viewer.get(one).status_code == 404
    assert viewer.get(download).status_code == 404
    assert found(viewer, store, "harbour") == []
    assert admin.post(path, json=again).status_code == 201
    assert found(viewer, store, "harbour")[0]["attributes"] == {"kind": "again"}


def test_what_cannot_be_attached_is_refused(
    admin: httpx.Client, outsider: httpx.Client, member: httpx.Client, store: dict[str, Any]
) -> None:
    path = f"{PATH}/{store['id']}/files"
    body = {"filename": "none.txt", "mime_type": "text/plain", "size_bytes": 1}
    empty = admin.post("/api/v1/storage/objects/upload-url", json=body).json()["object_id"]
    assert admin.post(f"{path}/upload", json={"object_id": empty}).status_code == 409
    assert admin.post(f"{path}/upload", json={"object_id": UNKNOWN}).status_code == 404
    theirs = stored(outsider, b"theirs")
    assert admin.post(f"{path}/upload", json={"object_id": theirs}).status_code == 404
    assert admin.post(path, json={"file_id": "file-unknown"}).status_code == 404
    assert member.post(path, json={"file_id": "file-unknown"}).status_code == 403
    assert outsider.get(path).status_code == 404
    assert admin.post(f"{PATH}/{UNKNOWN}/search", json={"query": "x"}).status_code == 404
    assert admin.post(f"{PATH}/{store['id']}/search", json={"query": ""}).status_code == 422


def test_a_file_that_is_no_text_fails(
    admin: httpx.Client, viewer: httpx.Client, store: dict[str, Any]
) -> None:
    body = {"object_id": stored(admin, b"\xff\xfe\x00picture")}
    file = admin.post(f"{PATH}/{store['id']}/files/upload", json=body).json()
    assert (file["status"], file["last_error"]) == ("failed", "The file is not UTF-8 text.")
    assert found(viewer, store, "picture") == []


def test_a_store_takes_its_files_and_bindings_along(
    admin: httpx.Client, viewer: httpx.Client
) -> None:
    store = made(admin)
    file = upload(admin, store, "The tide comes in.")
    path = f"{PATH}/{store['id']}/bindings/triage"
    assert [admin.post(path).status_code for _ in range(2)] == [204, 204]
    assert admin.delete(f"{PATH}/{store['id']}").status_code == 204
    download = f"/api/v1/openai/files/{file['openai_file_id']}/download"
    assert viewer.get(download).status_code == 404
    assert admin.delete(path).status_code == 204
    assert admin.post(path).status_code == 404


def test_bindings_are_the_tenant_s_own(
    admin: httpx.Client, member: httpx.Client, outsider: httpx.Client, store: dict[str, Any]
) -> None:
    path = f"{PATH}/{store['id']}/bindings/researcher"
    assert outsider.post(path).status_code == 404
    assert member.post(path).status_code == 403
    assert admin.post(path).status_code == 204
    assert outsider.delete(path).status_code == 204
    assert [admin.delete(path).status_code for _ in range(2)] == [204, 204]


def test_switched_off_stores_refuse() -> None:
    with served(REFERENCE_WITHOUT="vector_stores,containers") as off:
        world = seed(off.url, "off")
        with client(off.url, bearer(world.login("owner")["access_token"])) as owner:
            for path in (PATH, "/api/v1/containers", "/api/v1/openai/files/file-x/download"):
                assert owner.get(path).status_code == 403


def test_chunks_overlap() -> None:
    words = [f"w{number}" for number in range(1000)]
    assert list(chunks_of(" ".join(words))) == [" ".join(words[:800]), " ".join(words[400:])]
    assert list(chunks_of("one")) == ["one"]
    assert list(chunks_of(" ")) == []
