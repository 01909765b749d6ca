"""The generated pass: the plan's requests, one pytest item each, answered with their success.

pytest collects this module itself; `test_operation` is parametrised with the plan's entries.
"""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from smoke.auth import Actor, Caller
from smoke.client import Bounds, Client, Request, fill, split
from smoke.errors import BlockedError, SmokeError
from smoke.plan import Entry
from smoke.plan.pool import Blocked, FilledRequest, Pool

if TYPE_CHECKING:
    from smoke.expect import Answer, Expect
    from smoke.fixtures import Cast
    from smoke.plan import Plan
    from smoke.seed import World


class Replay:
    """Sends entries of the plan; what an entry needs and nobody has sent yet goes first."""

    def __init__(
        self, client: Client, plan: "Plan", pool: Pool, expect: "Expect",
        caller: "Callable[[str], Caller]",
    ) -> None:  # fmt: skip
        self.client = client
        self.plan = plan
        self.pool = pool
        self.expect = expect
        self.caller = caller
        self.tried: dict[str, bool] = {}

    async def answer(self, entry: Entry) -> "Answer":
        """Send an entry, after what it needs, and expect its documented success.

        Raises:
            BlockedError: what it needs failed earlier, or answered without the value.
            Mismatch: it, or what it needs and nobody had sent yet, answered something else.
        """
        await self._provide(entry)
        self.tried[entry.name] = False
        filled = self.pool.fill(entry)
        if isinstance(filled, Blocked):
            raise BlockedError(f"{entry.name}: {filled.reason}")
        exchange = await self.client.send(await self._request(filled))
        answer = self.expect(exchange, *entry.expect)
        self.pool.feed(entry.name, exchange.json, exchange.headers, filled)
        self.tried[entry.name] = True
        return answer

    async def _provide(self, entry: Entry) -> None:
        for name in entry.needs:
            needed = self.plan.by_name.get(name)
            if needed is not None and name not in self.tried and needed.problem is None:
                await self.answer(needed)
        for name in sorted(self.pool.wants(entry)):
            await self._learn(name)

    async def _learn(self, name: str) -> None:
        """Make a fact of an actor known that only its sign-in tells."""
        kind, _, rest = name.partition(".")
        who, _, what = rest.partition(".")
        if kind != "actor":
            return
        actor = self.caller(who)
        if isinstance(actor, Actor):
            session = await actor.session()
            facts = {"access": session.access, "refresh": session.refresh}
            if facts.get(what):
                self.pool.know(name, facts[what])

    async def _request(self, filled: FilledRequest) -> Request:
        caller, body = self.caller(filled.actor), filled.body
        headers = dict(filled.headers)
        if body.media_type is not None:
            headers["content-type"] = body.media_type
        if filled.owned:
            self.client.run.own(fill(split(filled.operation)[1], filled.path))
        for secret in filled.secrets:
            self.client.run.secrets.register(secret, "SMOKE_TOKEN_OF_THE_PLAN")
        return Request(
            operation=filled.operation,
            actor=filled.actor,
            path=filled.path,
            query=filled.query,
            headers=headers,
            json=body.value if body.has_json else None,
            content=body.content,
            form=body.form,
            files=body.files,
            credential=await caller.credential(),
            stream=_bounds(filled),
        )

    async def clear(self) -> None:
        """Take away what the pass made and no entry of it has taken away yet."""
        made = {name for name, done in self.tried.items() if done}
        for entry in self.plan.entries:
            if entry.destructive and entry.name not in self.tried and made & set(entry.needs):
                try:
                    await self.answer(entry)
                except (AssertionError, SmokeError) as error:
                    self.client.run.note(f"left behind: {entry.name}: {error}")


def _bounds(filled: FilledRequest) -> Bounds | None:
    stream = filled.stream
    return Bounds(stream.events, stream.bytes, stream.time_s) if stream else None


def known_of(cast: "Cast", world: "World") -> dict[str, Any]:
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
    client: Client, cast: "Cast", world: "World", expect: "Expect"
) -> AsyncIterator[Replay]:
    """The generated pass of the run; at the end it takes away what it made."""
    known = known_of(cast, world)
    protected = [known[name] for name in known if name.endswith(("user_id", "tenant_id"))]
    pool = Pool(client.run.id, known, protected)
    replay = Replay(client, cast.smoke.plan, pool, expect, cast.caller)
    yield replay
    client.run.current = "cleanup"
    await replay.clear()


@pytest.mark.generated
async def test_operation(entry: Entry, generated_pass: Replay) -> None:
    """The operation answers with its documented success."""
    await generated_pass.answer(entry)
