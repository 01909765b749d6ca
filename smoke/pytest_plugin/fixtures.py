"""What a check may ask for: the actors, the world, and what states an expectation."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from smoke.contract.operation_id import OperationId
from smoke.errors import LeftOutError, SmokeError
from smoke.http.client import Client, Request
from smoke.http.pace import together
from smoke.plan.pool import Pool
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.session.actors import Actor, Caller, KeyHolder
from smoke.session.readiness import wait_until_ready
from smoke.session.replay import Replay
from smoke.session.seeding import Seeding, World
from smoke.session.tokens import Verifier

if TYPE_CHECKING:
    from smoke.session.session import SmokeSession

STASH = pytest.StashKey["SmokeSession"]()
"""Where the plugin keeps the session that the fixtures share."""


@dataclass
class Cast:
    """The actors of a run by name; each is made when first asked for."""

    client: Client
    seeding: Seeding
    smoke: "SmokeSession"
    made: dict[str, Caller]

    def actor(self, name: str) -> Caller:
        """Return the actor of that name; how it signs in is what the rules' [login] says.

        Raises:
            LeftOutError: this target has no account for it.
            SmokeError: the rules declare no such actor.
        """
        rules, target = self.smoke.rules, self.smoke.settings.target
        if name not in rules.actors:
            raise SmokeError(f"The rules declare no actor {name!r}. Actors: {list(rules.actors)}.")
        if target.actors and name not in target.actors:
            raise LeftOutError(f"target {target.name!r} has no actor {name!r}")
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Caller:
        login = self.smoke.rules.login
        if login.kind == "key":
            schemes = self.smoke.contract.security_schemes
            scheme = schemes[login.scheme] if login.scheme else next(iter(schemes.values()), {})
            return KeyHolder(self.client, name, self.smoke.keys[name], scheme)
        if login.kind == "none":
            return Caller(self.client, name)
        return Actor(self.client, self.seeding.account(name), login, self.verifier)

    @cached_property
    def verifier(self) -> Verifier:
        """What verifies the tokens of all actors: their service has one key set."""
        return Verifier(self.client, self.smoke.token_rules)

    def caller(self, name: str) -> Caller:
        """Return the actor of that name, or the one without an account."""
        return Caller(self.client) if name == "anonymous" else self.actor(name)


@pytest.fixture(scope="session")
def smoke(pytestconfig: pytest.Config) -> "SmokeSession":
    """The settings, contract, rules and run of this invocation."""
    return pytestconfig.stash[STASH]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(smoke: "SmokeSession") -> AsyncIterator[Client]:
    """The one client of the run, once the service is ready."""
    client = Client(smoke.target(), smoke.contract, smoke.run, smoke.policy)
    try:
        await wait_until_ready(client, smoke.rules, smoke.say)
        yield client
    finally:
        await client.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def seeding(client: Client, smoke: "SmokeSession") -> AsyncIterator[Seeding]:
    """The one seeding of the run; what it made for this run alone is taken away at the end."""
    smoke.run.current = "seeding"
    seeding = Seeding(client, smoke.rules, client.target, smoke.gates_on)
    seeding.world = await seeding.seed()
    for request in seeding.cleanup(seeding.world):
        smoke.run.undoes(request.operation, request.actor, request.path)
    yield seeding


@pytest.fixture(scope="session")
def world(seeding: Seeding) -> World:
    """Ids and texts of what seeding made."""
    return seeding.world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cast(client: Client, seeding: Seeding, smoke: "SmokeSession") -> AsyncIterator[Cast]:
    """The actors of the run; at the end the world is taken down and their sessions are ended."""
    cast = Cast(client, seeding, smoke, {})
    yield cast
    smoke.run.current = "cleanup"
    for request in seeding.cleanup(seeding.world):
        await send_cleanup(cast, request)
    await together(actor.leave() for actor in cast.made.values() if isinstance(actor, Actor))


async def send_cleanup(cast: Cast, request: Request) -> None:
    """Take something away that is still there; what could not be is noted, not raised."""
    path = OperationId(request.operation).fill(request.path)
    if (request.operation, path, request.actor) in cast.smoke.run.taken_away:
        return
    try:
        caller = cast.caller(request.actor)
        exchange = await cast.client.send(await caller.signed(request))
    except LeftOutError as refused:
        cast.smoke.run.note(f"left behind: {request.operation}: {refused}")
        return
    if exchange.status not in (200, 202, 204, 404, 410):
        cast.smoke.run.note(
            f"left behind: {exchange.method} {exchange.url} answered "
            f"{exchange.status or exchange.error}"
        )


@pytest.fixture(scope="session")
def actor(cast: Cast) -> Callable[[str], Caller]:
    """Gives any actor the rules declare, by name."""
    return cast.actor


@pytest.fixture(scope="session")
def anonymous(client: Client) -> Caller:
    """Someone without a token."""
    return Caller(client)


def _actor_fixture(name: str, who: str) -> Any:
    @pytest.fixture(scope="session", name=name)
    def of_cast(cast: Cast) -> Caller:
        return cast.actor(name)

    of_cast.__doc__ = who
    return of_cast


owner = _actor_fixture("owner", "The owner of the run's tenant.")
operator = _actor_fixture("operator", "A platform operator.")
member = _actor_fixture("member", "A member of the run's tenant.")
viewer = _actor_fixture("viewer", "Someone who may only read in the run's tenant.")
outsider = _actor_fixture("outsider", "The owner of another tenant.")
disposable = _actor_fixture("disposable", "A member whose sessions may die.")


@pytest.fixture(scope="session")
def run(smoke: "SmokeSession") -> Run:
    """The run: its id makes values unique."""
    return smoke.run


@pytest.fixture(scope="session")
def options(smoke: "SmokeSession") -> Mapping[str, Any]:
    """What the target's row says in `options`, over the defaults of `[tool.smoke.options]`."""
    return smoke.settings.options


@pytest.fixture(scope="session")
def expect(smoke: "SmokeSession") -> Expect:
    """States what an answer must be."""
    return smoke.expect


@pytest_asyncio.fixture(loop_scope="session")
async def cleanup(cast: Cast) -> AsyncIterator[Callable[..., None]]:
    """Registers what takes a created thing away again: `cleanup(owner, "DELETE /x/{id}", id=…)`.

    To register it is to say that this run made it, so the run may destroy it.
    """
    requests: list[Request] = []

    def register(caller: Caller, operation: str, **path: Any) -> None:
        request = Request(operation=operation, actor=caller.name, path=path)
        cast.smoke.run.undoes(operation, caller.name, path)
        requests.append(request)

    yield register
    for request in reversed(requests):
        await send_cleanup(cast, request)


def known_of(cast: Cast, world: World) -> dict[str, Any]:
    """What the run knows before it starts, under the names that the plan uses."""
    known: dict[str, Any] = {f"world.{name}": value for name, value in world.items()}
    known["run.tenant"] = cast.seeding.values["tenant"]
    for name in cast.smoke.rules.actors:
        account = cast.seeding.account(name)
        for field in ("email", "password", "user_id", "tenant_id"):
            known[f"actor.{name}.{field}"] = getattr(account, field)
    return {name: value for name, value in known.items() if value is not None}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def generated_pass(
    client: Client, cast: Cast, world: World, expect: Expect
) -> AsyncIterator[Replay]:
    """The generated pass of the run; at the end it takes away what it made."""
    known = known_of(cast, world)
    protected = [known[name] for name in known if name.endswith(("user_id", "tenant_id"))]
    pool = Pool(client.run.id, known, protected)
    replay = Replay(client, cast.smoke.plan, pool, expect, cast.caller)
    yield replay
    client.run.current = "cleanup"
    await replay.clear()
