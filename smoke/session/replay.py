"""Replaying the plan: each entry goes after its prerequisites, with the values of this run."""

from collections.abc import Callable

from smoke.contract.media import EVENT_STREAM
from smoke.contract.operation_id import OperationId
from smoke.errors import BlockedError, LeftOutError, SmokeError
from smoke.http.client import Client, Request
from smoke.http.pace import LATER
from smoke.http.policy import writes
from smoke.plan import Blocked, Entry, FilledRequest, Plan, Pool, follow_up
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer, Expect
from smoke.session.actors import Actor
from smoke.session.caller import Caller
from smoke.session.cleanup.removal import Gone, take_away, waves
from smoke.session.known_things import KnownThings
from smoke.session.newness import shown_before
from smoke.session.readback import Readback
from smoke.session.readiness import something_must_be_there
from smoke.session.removals import Removals
from smoke.session.second_look import sent_in_time

# The name of the cleanup in the record: its requests prove nothing, so nothing is read back.
CLEANUP = "cleanup"


class Replay:
    """Sends entries of the plan; prerequisites that were not sent yet go first."""

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
        self.removals = Removals(client, plan, pool, caller)
        self.sent: dict[str, FilledRequest] = {}
        self.left_out: dict[str, str] = {}
        # Entries that could not be sent, each with the one that had failed before.
        self.blocked: dict[str, str] = {}
        self.readback = Readback(self)
        self.known = KnownThings(self)
        # Entries that should upload bytes, but got no URL that accepts any.
        self.without_bytes: set[str] = set()

    async def answer(self, entry: Entry) -> None:
        """
        Send an entry, after its prerequisites, and expect its documented success.

        An entry that already succeeded as a prerequisite of another is not sent again.

        Raises:
            BlockedError: a prerequisite failed earlier, or its response lacks the value.
            Mismatch: the entry or a prerequisite sent now answered something else.
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
        exchange = await sent_in_time(self, filled, caller)
        if exchange.succeeded:
            await self.removals.note(entry, filled, exchange, before)
        # A wrong shape, or an undocumented success, is reported once, here: entries that depend on
        # the response still get their values from it.
        if exchange.succeeded:
            self.pool.feed(entry.name, exchange.json, exchange.headers, filled)
        await something_must_be_there(self.client, exchange)
        answer = self.expect(exchange, *entry.expect)
        _must_flow(entry, answer)
        for pointer, value in entry.holds.items():
            answer.holds(pointer, value)
        self.pool.feed(entry.name, exchange.json, exchange.headers, filled)
        self.readback.saw(entry, filled, exchange)
        self._undoes(entry)
        await self._follow_up(entry, answer)
        self.tried[entry.name] = True

    def was_answered(self, entry: Entry) -> bool:
        """
        Whether an earlier exchange of the run shows that the operation answers with its success.

        It is expected again under the name of the present check, so that it proves as much as a
        request of the entry. The entry itself is still sent where another one needs its answer.
        """
        own = entry.stream is not None or entry.then is not None or entry.holds
        if own or entry.name in self.tried:
            return False
        for exchange in self.client.run.until_now():
            known = exchange.operation == entry.operation and exchange.status in entry.expect
            if known and not exchange.forgotten:
                self.expect(exchange, *entry.expect)
                return True
        return False

    async def filled(self, entry: Entry) -> FilledRequest:
        """
        Return an entry with its values, after its prerequisites have been sent.

        Raises:
            BlockedError: a value is missing.
            LeftOutError: the list that should give the value is empty; or the run did not seed this
                target; or its object URLs accept no bytes.
        """
        await self._provide(entry)
        doubted = "" if entry.asks or not writes(entry.operation) else self.pool.doubted(entry)
        if doubted:
            raise LeftOutError(
                f"the response to {doubted} did not show that it created a new thing; if it always "
                "does, set creates = … in its rule"
            )
        filled = self.pool.fill(entry)
        lacking = self._lacking(entry)
        if lacking and (isinstance(filled, Blocked) or not entry.destructive):
            raise LeftOutError(f"{lacking} got no URL that accepts bytes")
        if isinstance(filled, Blocked):
            if filled.by.startswith("GET ") and self.tried.get(filled.by):
                raise LeftOutError(f"{filled.by} lists nothing here")
            if filled.by.startswith(("world.", "actor.")):
                raise LeftOutError(f"nothing was seeded for this run, so it has no {filled.by}")
            has_failed = self.tried.get(filled.by) is False
            raise BlockedError(f"{entry.name}: {filled.reason}", filled.by if has_failed else "")
        if filled.owned or filled.operation in self.client.policy.leaves:
            self.client.run.own(filled.operation, filled.path, filled.actor)
        return filled

    async def send(self, filled: FilledRequest, caller: Caller) -> Exchange:
        """Send a filled entry on behalf of a caller; any response is accepted."""
        return await self.client.send(await self._request(filled, caller))

    async def _follow_up(self, entry: Entry, answer: Answer) -> None:
        """Send the entry's second request to a URL of its response, such as an upload of bytes."""
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
        """The prerequisite that could not upload its bytes; empty if there is none."""
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
        """Store a token of an actor for the plan; only the actor's sign-in gives it."""
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
            stream=filled.stream,
            at_once=not LATER.isdisjoint(self.plan.by_name[filled.entry].expect),
        )
        return await caller.signed(request)

    def _undoes(self, entry: Entry) -> None:
        """Record the requests that remove an entry's thing, in case this run is killed."""
        for other in self.plan.entries:
            if other.destructive and entry.name in other.needs:
                filled = self.pool.fill(other)
                if isinstance(filled, FilledRequest) and filled.owned:
                    self.client.run.undoes(
                        filled.operation, filled.actor, filled.path, filled.body.value
                    )

    async def clear(self) -> None:
        """Remove the things that the pass created and no entry has removed yet."""
        made = {name for name, done in self.tried.items() if done}
        left = [entry for entry in self.plan.entries if self._is_left_behind(entry, made)]
        names = {entry.name for entry in left}

        def removed_by(entry: Entry) -> Gone:
            operation = OperationId(entry.operation)
            # One that needs another one waits for it.
            waits = names.intersection(entry.needs)
            return Gone("" if waits else operation.method, operation.path)

        for entry, reason in await take_away(waves(left, removed_by), self._attempt):
            self.client.run.leaves_behind(entry.name, f": {reason}")
        await self.removals.send()

    async def _attempt(self, entry: Entry) -> str:
        try:
            await self.answer(entry)
        except (AssertionError, SmokeError) as error:
            return str(error)
        return ""

    def _is_left_behind(self, entry: Entry, made: set[str]) -> bool:
        """Whether an entry removes a thing of the pass, and needs no further creation for that."""
        needs = [self.plan.by_name[name] for name in entry.needs if name in self.plan.by_name]
        missing = [need for need in needs if writes(need.operation) and need.name not in made]
        untried = entry.destructive and entry.name not in self.tried
        known = untried and bool(made & set(entry.needs)) and not missing
        # A thing that the pass only read, such as a row of a list, is not its to remove.
        return known and any(
            writes(one.operation) and one.name in made for one in self.plan.closure({entry.name})
        )


def _must_flow(entry: Entry, answer: Answer) -> None:
    """
    Expect that a stream delivered something in time, unless the plan asks for no events.

    A stream that ended by itself may be empty.
    """
    stream, exchange = entry.stream, answer.exchange
    if stream is None or stream.events == 0 or exchange.ended:
        return
    delivered = exchange.events if exchange.content_type == EVENT_STREAM else exchange.body
    answer.that(f"something of the stream within {stream.time_s:g} s", bool(delivered))
