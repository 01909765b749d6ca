"""Whatever a service answers and a check asks: what the run did not make it does not destroy."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.contract.operation_id import id_text
from smoke.errors import RefusedError
from smoke.http.client import Client, Request
from smoke.http.policy import Policy
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from tests.loopback import Heard, answer, listening
from tests.smoking import smoke_run
from tests.unlike import notes
from tests.unlike.projects import KEYS
from tests.unlike.projects import project_of as unlike_project
from tests.unlike.serve import serving

COLLECTIONS = ("/users", "/tenants", "/tenants/{tenant_id}/members")
MADE = {f"POST {path}": "/id" for path in COLLECTIONS}
TAKEN = (
    "DELETE /users/{user_id}",
    "DELETE /tenants/{tenant_id}",
    "DELETE /tenants/{tenant_id}/members/{user_id}",
    "POST /users/{user_id}/disable",
    "DELETE /users",
    "POST /users/me/disable",
)
OTHERS = ("DELETE /unknown/{user_id}", "delete /users/{user_id}", "DELETE /users/{user_id}/")
POLICY = Policy(
    creates=MADE, destroys=frozenset(TAKEN), leaves=frozenset({"POST /users/me/disable"})
)
IDS: tuple[Any, ...] = (
    *("1", "2", 1, True, None, "", ".", "..", "../users/2", "a/b", "a/../2", "a\\..\\2", "me"),
    *("%2e%2e", "%2F", "2?x", "2#x", ";2", " 2", "é", "\ud800", "disable", "members", "*"),
)
ids = st.sampled_from(IDS)


def contract() -> Contract:
    """Users and tenants; a member is known by the id of its user."""
    paths: dict[str, Any] = {}
    for operation in (*MADE, *TAKEN):
        method, _, path = operation.partition(" ")
        named = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        schema = {"type": "string"}
        rows = [{"name": n, "in": "path", "required": True, "schema": schema} for n in named]
        responses = {"200": {"description": "done"}}
        paths.setdefault(path, {})[method.lower()] = {"parameters": rows, "responses": responses}
    info = {"title": "people", "version": "1"}
    return Contract({"openapi": "3.1.0", "info": info, "paths": paths})


CONTRACT = contract()


@dataclass
class Service:
    """Gives prepared answers, and records what was made in it and what it should destroy."""

    made: set[tuple[str, ...]] = field(default_factory=set)
    destroyed: list[tuple[str, ...]] = field(default_factory=list)
    next_id: Any = None

    async def handle(self, heard: Heard, writer: Any) -> None:
        """Take note of a request as a careless server reads it."""
        method, target, _ = heard.line.split(" ")
        found = tuple(unquote(part, errors="surrogatepass") for part in read(target))
        if method == "DELETE":
            self.destroyed.append(found[:-1] if target.endswith("/") else found)
        elif len(found) == 4 and found[2] and found[3] == "disable":
            self.destroyed.append(found[:3])
        elif method == "POST":
            self.made.add((*found, id_text(self.next_id)))
        await answer(200, json.dumps({"id": self.next_id}).encode())(heard, writer)


def read(target: str) -> list[str]:
    """The segments of a path, after what a proxy makes of encoded slashes and of dots."""
    path = target.partition("?")[0]
    if any(part in (".", "..") for part in unquote(path).replace("\\", "/").split("/")):
        return [""]
    return path.split("/")[1:]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people() -> AsyncIterator[tuple[Service, Client]]:
    """A service, and a client of it that may destroy what its run made."""
    service = Service()
    async with listening(service.handle) as server:
        target = Target("t", base_url=f"{server.url}/api")
        client = Client(target, CONTRACT, Run("t", Secrets()), POLICY)
        yield service, client
        await client.close()


@pytest.fixture
def fresh(people: tuple[Service, Client]) -> tuple[Service, Client]:
    """The service with nothing in it, and its client in a run that made nothing."""
    return anew(*people)


def anew(service: Service, client: Client) -> tuple[Service, Client]:
    """Begin again."""
    service.made, service.destroyed = set(), []
    client.run = Run("t", Secrets())
    return service, client


creations = st.tuples(st.just("make"), st.sampled_from(list(MADE)), ids, ids)
vouchings = st.tuples(st.just("vouch"), st.sampled_from(TAKEN[:4]), ids, ids)
attempts = st.tuples(st.just("take"), st.sampled_from((*TAKEN, *OTHERS)), ids, ids)
spelled = st.tuples(st.just("spell"), st.sampled_from((*TAKEN, *OTHERS)), ids, ids)
steps = st.lists(st.one_of(creations, vouchings, attempts, attempts, spelled), max_size=12)


@given(steps=steps)
@settings(max_examples=300, deadline=None)
async def test_nothing_is_destroyed_that_the_run_did_not_make(
    steps: list[tuple[str, str, Any, Any]], people: tuple[Service, Client]
) -> None:
    service, client = anew(*people)
    for step in steps:
        await do(step, service, client)
    assert [thing for thing in service.destroyed if thing not in service.made] == []
    assert all(map(all, service.destroyed))


async def do(step: tuple[str, str, Any, Any], service: Service, client: Client) -> None:
    """Take one step; what the client refuses is not sent."""
    kind, operation, tenant, user = step
    values = {"tenant_id": tenant, "user_id": user}
    path = {name: value for name, value in values.items() if f"{{{name}}}" in operation}
    if kind == "make":
        service.next_id = user
        await client.send(Request(operation, path=path, json={}))
    elif kind == "vouch":
        client.run.own(operation, path)
        place = operation.partition(" ")[2].removesuffix("/disable").split("/")[1:]
        named = (id_text(path.get(part.strip("{}"), part)) for part in place)
        service.made.add(("api", *named))
    elif kind == "spell":
        for name, value in path.items():
            operation = operation.replace(f"{{{name}}}", id_text(value))
        await attempt(client, Request(operation))
    else:
        await attempt(client, Request(operation, path=path))


async def attempt(client: Client, request: Request) -> None:
    """Send what may be refused."""
    with suppress(RefusedError):
        await client.send(request)


async def made(client: Client, service: Service, operation: str, id: Any, **path: Any) -> None:  # noqa: A002
    """Make something that gets this id."""
    service.next_id = id
    await client.send(Request(operation, path=path, json={}))


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("DELETE /tenants/{tenant_id}", {"tenant_id": "1"}),
        ("DELETE /tenants/{tenant_id}/members/{user_id}", {"tenant_id": "9", "user_id": "1"}),
        ("DELETE /tenants/{tenant_id}/members/{user_id}", {"tenant_id": "1", "user_id": "1"}),
        ("DELETE /users/2", {}),
        ("DELETE /users", {}),
        ("DELETE /users/{user_id}", {"user_id": "1/../2"}),
        ("POST /users/2/disable", {}),
        ("POST /users/me/disable", {}),
        ("DELETE /unknown/{id}", {"id": "1"}),
    ],
)
async def test_ownership_of_a_user_does_not_extend_to_other_paths(
    operation: str, path: dict[str, str], fresh: tuple[Service, Client]
) -> None:
    service, client = fresh
    await made(client, service, "POST /users", "1")
    with pytest.raises(RefusedError, match="this run did not create"):
        await client.send(Request(operation, path=path))
    await client.send(Request("DELETE /users/{user_id}", path={"user_id": "1"}))
    assert service.destroyed == [("api", "users", "1")]


async def test_own_tenant_does_not_make_its_members_own(fresh: tuple[Service, Client]) -> None:
    one = "DELETE /tenants/{tenant_id}/members/{user_id}"
    service, client = fresh
    await made(client, service, "POST /tenants", "acme")
    with pytest.raises(RefusedError):
        await client.send(Request(one, path={"tenant_id": "acme", "user_id": "somebody"}))
    members = "POST /tenants/{tenant_id}/members"
    await made(client, service, members, "guest", tenant_id="acme")
    await client.send(Request(one, path={"tenant_id": "acme", "user_id": "guest"}))
    assert service.destroyed == [("api", "tenants", "acme", "members", "guest")]


async def test_caller_is_removed_only_with_permission_of_the_run(
    fresh: tuple[Service, Client],
) -> None:
    leave = "POST /users/me/disable"
    service, client = fresh
    client.run.own(leave, {}, "guest")
    with pytest.raises(RefusedError):
        await client.send(Request(leave, "owner"))
    await client.send(Request(leave, "guest"))
    assert service.destroyed == [("api", "users", "me")]


async def test_nothing_is_deleted_at_a_url_that_the_service_handed_out(
    fresh: tuple[Service, Client],
) -> None:
    service, client = fresh
    with pytest.raises(RefusedError):
        await client.send(Request("DELETE (presigned URL)", url=f"{client.target.base_url}/x"))
    assert service.destroyed == []


def test_emptying_a_collection_is_never_sent_as_a_refusal(tmp_path: Path) -> None:
    app = notes.make()
    app.state.rows["theirs"] = {"id": "theirs", "title": "kept", "archived": False, "version": 1}
    with serving(app) as url:
        root = unlike_project("notes", tmp_path / "project", f'base_url = "{url}"')
        run = smoke_run(tmp_path, root=root, **KEYS)
    assert run.code == 0, run.out
    tried = [row["actor"] for row in run.record("exchange") if row["operation"] == "DELETE /notes"]
    assert tried == []
    assert list(app.state.rows) == ["theirs"]
