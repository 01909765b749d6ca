"""Replaying the plan: each entry is sent after what it needs, with the values of this run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smoke.contract.events import EVENT_STREAM
from smoke.contract.operation_id import OperationId, encoded
from smoke.contract.pointers import at
from smoke.errors import BlockedError, LeftOutError, SmokeError
from smoke.http.client import Bounds, Client, Request
from smoke.http.pace import LATER
from smoke.http.policy import writes
from smoke.plan import Blocked, Entry, FilledRequest, Pool, follow_up
from smoke.session.actors import Actor, Caller
from smoke.session.newness import CREATED, is_new, shown_before
from smoke.session.presence import something_must_be_there
from smoke.session.readback import Readback

if TYPE_CHECKING:
    from collections.abc import Callable

    from smoke.plan import Plan
    from smoke.results.expectations import Answer, Expect
    from smoke.results.run import Exchange

# What is going on when a run takes its things away: nothing is proven then.
CLEANUP = "cleanup"

# Answers to a DELETE after which the thing is not there.
GONE = ("200", "202", "204", "404", "410")


class Replay:
    """Sends entries of the plan; what an entry needs and nobody has sent yet goes first."""

    def __init__(
        self, client: Client, plan: Plan, pool: Pool, expect: Expect,
        caller: Callable[[str], Caller],
    ) -> None:  # fmt: skip
        self.client = client
        self.plan = plan
        self.pool = pool
        self.expect = expect
        self.caller = caller
        self.tried: dict[str, bool] = {}
        self.made: dict[str, Request] = {}
        """What would take away each thing that the pass made and that is still there, by path."""
        self.sent: dict[str, FilledRequest] = {}
        self.left_out: dict[str, str] = {}
        self.blocked: dict[str, str] = {}
        """Entries that could not be sent, each with the one that had failed before."""
        self.readback = Readback(self)
        self.without_bytes: set[str] = set()
        """Entries that were to send bytes to a URL, and were given none that takes any."""

    async def answer(self, entry: Entry) -> None:
        """
        Send an entry, after what it needs, and expect its documented success.

        An entry that succeeded already, because another one needed it, is not sent again.

        Raises:
            BlockedError: what it needs failed earlier, or answered without the value.
            Mismatch: it, or what it needs and nobody had sent yet, answered something else.
        """
        if self.tried.get(entry.name):
            self.client.run.hit(entry.operation, self.client.run.current)
            return
        self.tried[entry.name] = False
        try:
            filled = await self.filled(entry)
        except LeftOutError as reason:
            self.left_out[entry.name] = str(reason)
            raise
        except BlockedError as error:
            self.blocked[entry.name] = error.by
            raise
        caller = self.caller(filled.actor)
        before = await shown_before(entry, filled, caller)
        if self.client.run.current != CLEANUP:
            await self.readback.look_before(entry, filled)
        self.sent[entry.name] = filled
        exchange = await self.send(filled, caller)
        if 200 <= (exchange.status or 0) < 300:
            await self._note_what_it_made(entry, filled, exchange, before)
        # A wrong shape, or a success that is not documented, is reported once, here: what depends
        # on the answer still finds its values in it.
        if 200 <= (exchange.status or 0) < 300:
            self.pool.feed(entry.name, exchange.json, exchange.headers, filled)
        await something_must_be_there(self.client, exchange)
        answer = self.expect(exchange, *entry.expect)
        _must_flow(entry, answer)
        self.pool.feed(entry.name, exchange.json, exchange.headers, filled)
        self.readback.saw(entry, filled, exchange.json)
        self._undoes(entry)
        await self._follow_up(entry, answer)
        self.tried[entry.name] = True

    async def _note_what_it_made(
        self, entry: Entry, filled: FilledRequest, exchange: Exchange, before: set[str]
    ) -> None:
        """Keep how to take away what an entry made; forget what an entry took away."""
        operation = OperationId(entry.operation)
        path = operation.fill(filled.path)
        if entry.destructive:
            self.made.pop(path, None)
        values: list[object] = [filled.path[name] for name in operation.parameters]
        made = at(exchange.json, entry.creates) if entry.creates is not None else None
        if operation.method == "PUT" and entry.is_made_up:
            self._remove_later(path, values)
        if operation.method != "POST" or made is None:
            return
        if await is_new(entry, filled, self.caller(filled.actor), exchange, before):
            if exchange.status != CREATED and entry.operation in self.client.policy.unproven:
                self.client.made(entry.operation, path, made)
            self._remove_later(f"{path}/{encoded(made)}", [*values, made])
        else:
            self.pool.doubt(entry.name)
            self.client.run.note(
                f"{entry.name} answered {exchange.status} about something that may have been "
                "there before: it is left as it is"
            )

    def _remove_later(self, place: str, values: list[object]) -> None:
        """Keep what takes away the thing at a path, where the plan has such an operation."""
        request = self._remover(place, values)
        if request is not None:
            self.made[place] = request
            self.client.run.undoes(request.operation, request.actor, request.path)

    def _remover(self, place: str, values: list[object]) -> Request | None:
        """The DELETE of a path, if the plan has one that this run may send."""
        operation = self.client.contract.match("DELETE", place)
        entry = self.plan.by_name.get(operation.id) if operation is not None else None
        if entry is None or entry.excepted or entry.problem or entry.ends_session:
            return None
        names = OperationId(entry.operation).parameters
        if len(names) != len(values):
            return None
        return Request(entry.operation, entry.actor, dict(zip(names, values, strict=True)))

    async def filled(self, entry: Entry) -> FilledRequest:
        """
        Return an entry with its values, after what it needs has been sent.

        Raises:
            BlockedError: a value is not to be had.
            LeftOutError: the list it is to come from was answered, and has nothing in it; or this
                target was not seeded by the run; or its object URLs take no bytes.
        """
        await self._provide(entry)
        doubted = "" if entry.asks or not writes(entry.operation) else self.pool.doubted(entry)
        if doubted:
            raise LeftOutError(
                f"{doubted} did not show that what it answers with is new; if it always makes a "
                "new one, say creates = … in its rule"
            )
        filled = self.pool.fill(entry)
        lacking = self._lacking(entry)
        if lacking and (isinstance(filled, Blocked) or not entry.destructive):
            raise LeftOutError(f"{lacking} was given no URL that takes bytes")
        if isinstance(filled, Blocked):
            if filled.by.startswith("GET ") and self.tried.get(filled.by):
                raise LeftOutError(f"{filled.by} lists nothing here")
            if filled.by.startswith(("world.", "actor.")):
                raise LeftOutError(f"nothing was seeded for this run, so it has no {filled.by}")
            told = self.tried.get(filled.by) is False
            raise BlockedError(f"{entry.name}: {filled.reason}", filled.by if told else "")
        if filled.owned or filled.operation in self.client.policy.leaves:
            self.client.run.own(filled.operation, filled.path, filled.actor)
        return filled

    async def send(self, filled: FilledRequest, caller: Caller) -> Exchange:
        """Send a filled entry on behalf of a caller; nothing is expected of the answer."""
        return await self.client.send(await self._request(filled, caller))

    async def _follow_up(self, entry: Entry, answer: Answer) -> None:
        """Send what the entry sends to a URL of its answer, such as the bytes of an upload."""
        follow = follow_up(entry, answer.exchange.json)
        if follow is None and entry.then is not None:
            self.without_bytes.add(entry.name)
        if follow is not None:
            caller = self.caller(entry.actor)
            exchange = await caller.fetch(
                follow.method, follow.url, headers=follow.headers, content=follow.content
            )
            self.expect(exchange, 200, 201, 204)

    def _lacking(self, entry: Entry) -> str:
        """What an entry needs that should have sent bytes and could not; empty where nothing is."""
        needed = {one.name for one in self.plan.closure({entry.name})} - {entry.name}
        return min(needed & self.without_bytes, default="")

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
        request = Request(
            operation=filled.operation,
            actor=caller.name,
            path=filled.path,
            query=filled.query,
            headers=headers,
            json=body.value if body.has_json else None,
            content=body.content,
            form=body.form,
            files=body.files,
            stream=_bounds(filled),
            at_once=not LATER.isdisjoint(self.plan.by_name[filled.entry].expect),
        )
        return await caller.signed(request)

    def _undoes(self, entry: Entry) -> None:
        """Write down what takes away what an entry made, in case this run is killed."""
        for other in self.plan.entries:
            if other.destructive and entry.name in other.needs:
                filled = self.pool.fill(other)
                if isinstance(filled, FilledRequest) and filled.owned:
                    self.client.run.undoes(
                        filled.operation, filled.actor, filled.path, filled.body.value
                    )

    async def clear(self) -> None:
        """Take away what the pass made and no entry of it has taken away yet."""
        made = {name for name, done in self.tried.items() if done}
        for entry in self.plan.entries:
            if self._is_left_behind(entry, made):
                try:
                    await self.answer(entry)
                except (AssertionError, SmokeError) as error:
                    self.client.run.note(f"left behind: {entry.name}: {error}")
        for path, request in reversed(self.made.items()):
            await self._remove(path, request)

    def _is_left_behind(self, entry: Entry, made: set[str]) -> bool:
        """Whether it takes away what the pass made, and needs nothing made for it first."""
        needs = [self.plan.by_name[name] for name in entry.needs if name in self.plan.by_name]
        missing = [need for need in needs if writes(need.operation) and need.name not in made]
        untried = entry.destructive and entry.name not in self.tried
        return untried and bool(made & set(entry.needs)) and not missing

    async def _remove(self, path: str, request: Request) -> None:
        """Take one thing away; what could not be is noted, not raised."""
        try:
            exchange = await self.client.send(await self.caller(request.actor).signed(request))
            told = str(exchange.status or exchange.error)
        except SmokeError as error:
            told = str(error)
        if told not in GONE:
            self.client.run.note(f"left behind: DELETE {path}: {told}")


def _bounds(filled: FilledRequest) -> Bounds | None:
    stream = filled.stream
    return Bounds(stream.events, stream.bytes, stream.time_s) if stream else None


def _must_flow(entry: Entry, answer: Answer) -> None:
    """
    Expect that a stream said something before its time was up; no events asked: silence is fine.

    A stream that ended by itself may be empty.
    """
    stream, exchange = entry.stream, answer.exchange
    if stream is None or stream.events == 0 or exchange.ended:
        return
    said = exchange.events if exchange.content_type == EVENT_STREAM else exchange.body
    answer.that(f"something of the stream within {stream.time_s:g} s", bool(said))
