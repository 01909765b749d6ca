"""What the checks of api-service share: things of the world, people, and reading lists."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from smoke.checks.frames import PATIENCE_S
from smoke.checks.guests import (
    DEPROVISION,
    OVER,
    SEED,
    Guest,
    Undo,
    dismissed,
    invited,
    made_tenant,
    may_leave,
    secret,
    undone,
)
from smoke.checks.lists import Lists
from smoke.contract.pointers import at
from smoke.http.client import Request
from smoke.pytest_plugin.fixtures import Cast, send_cleanup
from smoke.results.expectations import Answer, Expect
from smoke.results.run import Run
from smoke.session.actors import Actor, Caller
from smoke.session.seeding import World

TRIES = 25
"""How often a write is tried that other runs get ahead of: each of them has two to make."""

Mailed = Callable[[str, str], Awaitable[str]]


@pytest.fixture(scope="session")
def conversation_id(world: World) -> str:
    """The conversation that seeding made for this run, with a question and an answer."""
    return world["conversation_id"]


@pytest.fixture(scope="session")
def scrap_id(world: World) -> str:
    """A conversation that seeding made for this run, to be deleted by a check."""
    return world["scrap_conversation_id"]


@pytest.fixture(scope="session")
def unique(conversation_id: str, run: Run) -> str:
    """A word that stands in the seeded conversation and nowhere else."""
    assert conversation_id
    return f"order-{run.id}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def talk(member: Actor, expect: Expect, cast: Cast, run: Run) -> AsyncIterator[str]:
    """A conversation that was begun by a chat of this run; checks may go on with it."""
    may_leave(member.client, "conversation")
    asked = {"message": f"Remember smoke-{run.id}."}
    sent = await member.call("POST /api/v1/chat", json=asked, timeout_s=PATIENCE_S)
    begun = expect(sent)
    path = {"conversation_id": str(begun.value("/conversation_id"))}
    operation = "DELETE /api/v1/conversations/{conversation_id}"
    run.undoes(operation, "owner", path)
    yield path["conversation_id"]
    await send_cleanup(cast, Request(operation=operation, actor="owner", path=path))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def guest(owner: Actor, expect: Expect, run: Run) -> AsyncIterator[Guest]:
    """A member that this run made; checks may do with it what they undo. Disabled at the end."""
    guest = await invited(owner, expect, run)
    yield guest
    await dismissed(guest, owner)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def throwaway(operator: Actor, expect: Expect, run: Run) -> AsyncIterator[Answer]:
    """A tenant that this run made, as it was answered. Deprovisioned at the end."""
    tenant = await made_tenant(operator, expect, run)
    yield tenant
    await undone(operator, DEPROVISION, json=OVER, tenant_id=str(tenant.value("/id")))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def inhabitant(throwaway: Answer, guest: Guest, world: World, expect: Expect) -> Caller:
    """The guest as an admin of the throw-away tenant, where seeding alone can put it."""
    assert world["tenant_id"]
    user = {"email": guest.email, "password": guest.password, "role": "admin"}
    tenant_id, slug = str(throwaway.value("/id")), throwaway.value("/slug")
    tenant = {"slug": slug, "name": throwaway.value("/name"), "users": [user]}
    made = expect(await Caller(guest.client).call(SEED, json={"tenants": [tenant]}))
    made.holds(f"/tenants/{slug}/tenant_id", tenant_id)
    guest.refresh = ""  # what seeding resets may have ended its session
    session = expect(await guest.sign_in(tenant_id=tenant_id), 200)
    return guest.caller.bearing(str(session.value("/access_token")))


@pytest_asyncio.fixture(loop_scope="session")
async def undo() -> AsyncIterator[Undo]:
    """Registers a call that takes something away, by a guest or with a body: see `Caller.call`."""
    calls: list[tuple[Caller, str, dict[str, Any]]] = []

    def register(caller: Caller, operation: str, **options: Any) -> None:
        path = {name: value for name, value in options.items() if f"{{{name}}}" in operation}
        caller.client.run.undoes(operation, caller.name, path, options.get("json"))
        calls.append((caller, operation, options))

    yield register
    for caller, operation, options in reversed(calls):
        await undone(caller, operation, **options)


@pytest.fixture(scope="session")
def mailed(world: World, anonymous: Caller, expect: Expect, run: Run) -> Mailed:
    """Gives the token that the service would send by mail; only a seeded target hands it out."""
    assert world["tenant_id"]

    async def token(door: str, email: str) -> str:
        answer = expect(await anonymous.call(door, json={"email": email}))
        return secret(run, answer.value("/token"))

    return token


@pytest.fixture(scope="session")
def lists(expect: Expect) -> Lists:
    """Reads lists page by page, whatever their length and order."""
    return Lists(expect)


class Lasting:
    """Writes a value and believes it when it is read back, also beside another run.

    Two runs may write the same field at once, and put back what was there. Where the value is not
    the one written, but the answer not what it was before either (its `updated_at`, say), another
    run came between, and the write is tried again; an answer as before is a lost write.
    """

    def __init__(self, read: Callable[[], Awaitable[Answer]], pointer: str) -> None:
        self.read = read
        self.pointer = pointer

    async def written(self, value: str, write: Callable[[str], Awaitable[Any]]) -> Answer:
        """Write the value, read it back and return that answer."""
        for _ in range(TRIES):
            before = await self.read()
            await write(value)
            after = await self.read()
            if at(after.json, self.pointer) == value or after.json == before.json:
                break
        return after.holds(self.pointer, value)
