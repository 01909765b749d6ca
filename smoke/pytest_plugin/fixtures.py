"""Fixtures of a check: the actors, the seeded world, and `expect`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from smoke.http.client import Client
from smoke.plan.pool import Pool
from smoke.results.expectations import Expect
from smoke.results.outcome import AFTER, SEEDING, Checking, Place
from smoke.results.run import Run
from smoke.session.caller import Caller
from smoke.session.cleanup.removal import Gone, Removal, removed_by, waves
from smoke.session.lists import Lists
from smoke.session.readiness import wait_until_ready
from smoke.session.replay import Replay
from smoke.session.run_actors import Actors
from smoke.session.seeding import Seeding, World
from smoke.session.session import SmokeSession

# Where the plugin keeps the session that the fixtures share.
STASH = pytest.StashKey["SmokeSession"]()


def cleanup_of_run() -> Checking:
    """The work at the end of a run, which belongs to no check."""
    return Checking("cleanup", AFTER, has_ended=True)


@pytest.fixture(scope="session")
def smoke(pytestconfig: pytest.Config) -> SmokeSession:
    """The settings, contract, rules and run of this invocation."""
    return pytestconfig.stash[STASH]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session_loop() -> asyncio.AbstractEventLoop:
    """The one event loop of the run."""
    return asyncio.get_running_loop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(smoke: SmokeSession) -> AsyncIterator[Client]:
    """The one client of the run, once the service is ready."""
    client = Client(smoke.target(), smoke.contract, smoke.run, smoke.policy)
    try:
        await wait_until_ready(client, smoke.rules, smoke.say)
        yield client
    finally:
        await client.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def seeding(client: Client, smoke: SmokeSession) -> AsyncIterator[Seeding]:
    """The one seeding of the run. The run deletes its own seeded data at the end."""
    seeding = Seeding(client, smoke.rules, client.target, smoke.gates_on, smoke.env)
    with smoke.run.within(Checking("seeding", SEEDING)):
        seeding.world = await seeding.seed()
        for request in seeding.cleanup(seeding.world):
            smoke.run.undoes(request.operation, request.actor, request.path)
    yield seeding


@pytest.fixture(scope="session")
def world(seeding: Seeding) -> World:
    """Ids and texts of the seeded data."""
    return seeding.world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def actors(client: Client, seeding: Seeding, smoke: SmokeSession) -> AsyncIterator[Actors]:
    """The actors of the run. At its end, the seeded data is deleted and their sessions end."""
    actors = Actors(client, seeding, smoke)
    yield actors
    with smoke.run.within(cleanup_of_run()):
        seeded = () if smoke.keeps else seeding.cleanup(seeding.world)
        removals = (
            Removal(one.operation, one.actor, partial(actors.caller, one.actor), one.path)
            for one in seeded
        )
        await actors.take_away(waves(removals, removed_by))
        await actors.leave()


@pytest.fixture(scope="session")
def actor(actors: Actors) -> Callable[[str], Caller]:
    """Returns the actor with a given name from the rules."""
    return actors.actor


@pytest.fixture(scope="session")
def anonymous(client: Client) -> Caller:
    """A caller without a token."""
    return Caller(client)


def _actor_fixture(name: str, who: str) -> Any:
    @pytest.fixture(scope="session", name=name)
    def of_actors(actors: Actors) -> Caller:
        return actors.actor(name)

    of_actors.__doc__ = who
    return of_actors


owner = _actor_fixture("owner", "The owner of the run's tenant.")
operator = _actor_fixture("operator", "A platform operator.")
member = _actor_fixture("member", "A member of the run's tenant.")
viewer = _actor_fixture("viewer", "A member of the run's tenant with read access only.")
outsider = _actor_fixture("outsider", "The owner of another tenant.")
disposable = _actor_fixture("disposable", "A member for checks that end its sessions.")


@pytest.fixture(scope="session")
def run(smoke: SmokeSession) -> Run:
    """The run: its id makes values unique."""
    return smoke.run


@pytest.fixture(scope="session")
def options(smoke: SmokeSession) -> Mapping[str, Any]:
    """The `options` of the target's row, merged over `[tool.smoke.options]`."""
    return smoke.settings.options


@pytest.fixture(scope="session")
def expect(smoke: SmokeSession) -> Expect:
    """Checks the status and the shape of a response."""
    return smoke.expect


# `cleanup(owner, "DELETE /x/{id}", id=…)`: see the fixture of that name.
Cleanup = Callable[..., None]


@asynccontextmanager
async def _cleaning(actors: Actors, at_the_end: Checking | None = None) -> AsyncIterator[Cleanup]:
    calls: list[tuple[Place, Removal]] = []

    def register(caller: Caller, operation: str, **options: Any) -> None:
        removal = Removal(operation, caller.name, lambda: caller, options)
        path = {name: value for name, value in options.items() if f"{{{name}}}" in operation}
        actors.smoke.run.undoes(operation, caller.name, path, options.get("json"))
        calls.append((actors.smoke.run.check.place, removal))

    yield register
    with actors.smoke.run.within(at_the_end or actors.smoke.run.check):
        # In the suite's order: checks that run beside each other register in any order.
        calls.sort(key=lambda call: call[0])
        calls = [] if actors.smoke.keeps else calls[::-1]
        # What one check has made may belong together; what many checks have made rarely does.
        groups = waves(calls, _gone) if at_the_end else [[call] for call in calls]
        await actors.take_away([[removal for _, removal in group] for group in groups])


def _gone(call: tuple[Place, Removal]) -> Gone:
    place, removal = call
    return Gone(removal.operation, removal.path, place)


@pytest.fixture(scope="session")
def lists(expect: Expect) -> Lists:
    """Reads lists page by page, in any length and order."""
    return Lists(expect)


@pytest_asyncio.fixture(loop_scope="session")
async def cleanup(actors: Actors) -> AsyncIterator[Cleanup]:
    """Registers the call that deletes a created resource: `cleanup(owner, "DELETE /x/{id}", id=…)`.

    Registering states that this run created the resource, so the run may delete it. The arguments
    are those of `Caller.call`. The run sends the calls after the check, in reverse order, except
    for resources that the check has deleted itself. It reports a call that fails.
    """
    async with _cleaning(actors) as register:
        yield register


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session_cleanup(actors: Actors) -> AsyncIterator[Cleanup]:
    """Registers the call that deletes a shared resource when the run ends."""
    async with _cleaning(actors, cleanup_of_run()) as register:
        yield register


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def generated_pass(
    client: Client,
    actors: Actors,
    expect: Expect,
    session_cleanup: Cleanup,  # noqa: ARG001  (whatever is set up first is cleaned up last)
) -> AsyncIterator[Replay]:
    """The generated pass of the run. At the end it deletes its own resources, before all others."""
    known = actors.known()
    protected = [known[name] for name in known if name.endswith(("user_id", "tenant_id"))]
    pool = Pool(client.run.id, known, protected)
    replay = Replay(client, actors.smoke.plan, pool, expect, actors.caller)
    yield replay
    if actors.smoke.keeps:
        return
    with client.run.within(cleanup_of_run()):
        await replay.clear()
