"""Replaying the plan: each entry is sent after what it needs, with the values of this run."""

from typing import TYPE_CHECKING

from smoke.auth import Actor, Caller
from smoke.client import Bounds, Client, Request, fill, split
from smoke.errors import BlockedError, SmokeError
from smoke.plan import Blocked, Entry, FilledRequest, Pool, follow_up
from smoke.run import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from smoke.expect import Answer, Expect
    from smoke.plan import Plan


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

    async def answer(self, entry: Entry) -> None:
        """Send an entry, after what it needs, and expect its documented success.

        An entry that succeeded already, because another one needed it, is not sent again.

        Raises:
            BlockedError: what it needs failed earlier, or answered without the value.
            Mismatch: it, or what it needs and nobody had sent yet, answered something else.
        """
        if self.tried.get(entry.name):
            self.client.run.hit(entry.operation, self.client.run.current)
            return
        self.tried[entry.name] = False
        filled = await self.filled(entry)
        exchange = await self.send(filled, self.caller(filled.actor))
        answer = self.expect(exchange, *entry.expect)
        self.pool.feed(entry.name, exchange.json, exchange.headers, filled)
        await self._follow_up(entry, answer)
        self.tried[entry.name] = True

    async def filled(self, entry: Entry) -> FilledRequest:
        """Return an entry with its values, after what it needs has been sent.

        Raises:
            BlockedError: a value is not to be had.
        """
        await self._provide(entry)
        filled = self.pool.fill(entry)
        if isinstance(filled, Blocked):
            raise BlockedError(f"{entry.name}: {filled.reason}")
        if filled.owned:
            self.client.run.own(fill(split(filled.operation)[1], filled.path))
        return filled

    async def send(self, filled: FilledRequest, caller: Caller) -> Exchange:
        """Send a filled entry on behalf of a caller; nothing is expected of the answer."""
        return await self.client.send(await self._request(filled, caller))

    async def _follow_up(self, entry: Entry, answer: "Answer") -> None:
        """Send what the entry sends to a URL of its answer, such as the bytes of an upload."""
        follow = follow_up(entry, answer.exchange.json)
        if follow is not None:
            caller = self.caller(entry.actor)
            exchange = await caller.fetch(
                follow.method, follow.url, headers=follow.headers, content=follow.content
            )
            self.expect(exchange, 200, 201, 204)

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

    async def _request(self, filled: FilledRequest, caller: Caller) -> Request:
        body = filled.body
        headers = dict(filled.headers)
        if body.media_type is not None:
            headers["content-type"] = body.media_type
        for secret in filled.secrets:
            self.client.run.secrets.register(secret, "SMOKE_TOKEN_OF_THE_PLAN")
        return Request(
            operation=filled.operation,
            actor=caller.name,
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
