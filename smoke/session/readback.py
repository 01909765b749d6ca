"""
Reading back: a write counts when a read shows it, a delete when a read no longer shows the thing.

A missing thing is proof only if the run saw it before, in the same place and with the same id.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from smoke.contract.operation_id import OperationId
from smoke.contract.pointers import at
from smoke.errors import BlockedError, LeftOutError
from smoke.plan import Blocked, Entry, FilledRequest, Plan
from smoke.plan.wire import Body
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer
from smoke.session.differences import differs
from smoke.session.listing import pages, rows_of
from smoke.session.lists import SECOND_LOOK_S
from smoke.session.shown import file_differs, shown_in

if TYPE_CHECKING:
    from smoke.session.replay import Replay

WRITTEN, UPDATED, REMOVED = "written", "updated", "removed"

# Fields that mark a row as removed in services that keep such rows.
MARKS = re.compile(
    r"delet|remov|archiv|trash|cancel|revok|clos|disab|activ|status|state", re.IGNORECASE
)


# No answer, or an empty list or map: what emptied a history leaves an empty history.
NOTHING_THERE: tuple[Any, ...] = (None, [], {})


@dataclass(frozen=True)
class Pair:
    """One entry of the plan that changes something, and the plan's read that shows the thing."""

    kind: str
    entry: Entry
    reader: Entry

    @property
    def is_list(self) -> bool:
        """Whether the read is a list, so that the thing is one of its rows."""
        here, there = (
            OperationId(self.entry.operation).path,
            OperationId(self.reader.operation).path,
        )
        return not there.endswith("}") and (here != there or self.kind == WRITTEN)

    @property
    def name(self) -> str:
        """The name of the pair in reports."""
        return f"{self.entry.operation} {self.kind}"


def pairs_of(plan: Plan) -> Iterator[Pair]:
    """The pairs of a plan: each creation, change or removal with a read of the same thing."""
    for entry in plan.entries:
        path = OperationId(entry.operation).path
        same = plan.by_name.get(f"GET {path}")
        if entry.creates is not None and (reader := _reader_of(entry, plan)):
            yield Pair(WRITTEN, entry, reader)
        elif entry.phase == "update" and entry.body is not None and _reads(same):
            yield Pair(UPDATED, entry, same)  # type: ignore[arg-type]  # _reads has seen it
        elif entry.operation.startswith("DELETE ") and entry.names_own:
            collection = path.rpartition("/{")[0] if path.endswith("}") else ""
            listing = plan.by_name.get(f"GET {collection}")
            reader = next((one for one in (same, listing) if one and _reads(one)), None)
            if reader is not None:
                yield Pair(REMOVED, entry, reader)


def _reads(entry: Entry | None) -> bool:
    return entry is not None and entry.problem is None and not (entry.excepted or entry.stream)


def _reader_of(maker: Entry, plan: Plan) -> Entry | None:
    """The plan's read of the thing that an entry creates: the thing itself, else its list."""
    for entry in plan.entries:
        name = OperationId(entry.operation)
        value = entry.path.get(name.last_parameter)
        made = isinstance(value, dict) and value.get("$from") == maker.name
        if made and name.method == "GET" and name.path.endswith("}") and _reads(entry):
            return entry
    listing = plan.by_name.get(f"GET {OperationId(maker.operation).path}")
    return listing if _reads(listing) else None


class Readback:
    """Reads back the writes of a pass, as far as the plan has a read for them."""

    def __init__(self, replay: "Replay") -> None:
        self._replay = replay
        # The value in each place before the change there; None if no read showed it.
        self._seen: dict[str, Any] = {}
        # The results of the pass's reads, by path, until something there changes.
        self._shown: dict[str, Any] = {}

    def saw(self, entry: Entry, filled: FilledRequest, exchange: Exchange) -> None:
        """Keep the result of a read of the pass, until something there changes."""
        path = OperationId(entry.operation).fill(filled.path)
        if entry.operation.startswith("GET "):
            self._shown[path] = shown_in(exchange)
        else:
            self._shown = {p: shown for p, shown in self._shown.items() if not path.startswith(p)}

    @cached_property
    def _pairs(self) -> dict[str, Pair]:
        """The pairs of the plan, by the entry that writes."""
        return {pair.entry.name: pair for pair in pairs_of(self._replay.plan)}

    async def look_before(self, entry: Entry, filled: FilledRequest) -> None:
        """Read a thing before its change or removal: without it a later read proves nothing."""
        pair = self._pairs.get(entry.name)
        if pair is None or pair.kind == WRITTEN:
            return
        path = OperationId(entry.operation).fill(filled.path)
        earlier = self._sighting(pair, filled) if pair.kind == REMOVED else None
        if not pair.is_list and path in self._shown:
            self._seen[entry.name] = self._shown[path]
        elif earlier is not None:
            self._seen[entry.name] = earlier
        else:
            exchange, found = await self._look(pair, filled)
            self._seen[entry.name] = found if exchange.status == 200 else None

    async def check(self, pair: Pair) -> None:
        """
        Expect that the read of a pair shows the effect of its write.

        Raises:
            BlockedError: the write had failed.
            LeftOutError: the thing was not seen before, so that the read proves nothing.
            Mismatch: the read shows another value than the written one, or a removed thing.
        """
        entry, replay = pair.entry, self._replay
        if entry.name in replay.left_out:
            raise LeftOutError(replay.left_out[entry.name])
        if replay.tried.get(entry.name) is False:
            first = replay.blocked.get(entry.name) or entry.name
            raise BlockedError(f"{pair.name}: {first} failed", first)
        await replay.answer(entry)
        was = self._seen.get(entry.name)
        # What was never seen there cannot be shown to be gone.
        if pair.kind == REMOVED and was in NOTHING_THERE:
            raise LeftOutError("no earlier read showed it, so its absence would prove nothing")
        filled = replay.sent[entry.name]
        exchange, found = await self._look(pair, filled)
        wrong = self._wrong(pair, filled, was, exchange, found)
        if wrong:
            await asyncio.sleep(SECOND_LOOK_S)
            exchange, found = await self._look(pair, filled, again=True)
            if not (again := self._wrong(pair, filled, was, exchange, found)):
                replay.client.run.note_late(pair.reader.operation, SECOND_LOOK_S)
            wrong = again
        sentence = {
            WRITTEN: f"what {entry.operation} made, as it was sent and answered",
            UPDATED: f"what {entry.operation} wrote",
            REMOVED: f"the thing gone after {entry.operation}",
        }[pair.kind]
        answer = Answer(exchange, replay.client.run)
        answer.that(sentence, not wrong, wrong)
        replay.client.run.expected(exchange, sentence, "so", met=True)

    def _earlier(self, read: FilledRequest) -> Exchange | None:
        """The plan's own read of the created thing: a second read would prove no more."""
        path = OperationId(read.operation).fill(read.path)
        if path not in self._shown:
            return None
        of_reader = (
            exchange
            for exchange in reversed(self._replay.client.run.exchanges)
            if exchange.operation == read.operation and exchange.status == 200
        )
        return next((e for e in of_reader if e.path.endswith(path)), None)

    def _sighting(self, pair: Pair, filled: FilledRequest) -> Any:
        """The thing as the latest read in the same place showed it; None if no read did."""
        read, thing = self._read(pair, filled), self._id(pair, filled)
        path = OperationId(read.operation).fill(read.path)
        for exchange in reversed(self._replay.client.run.exchanges):
            same = exchange.operation == read.operation and exchange.status == 200
            if not same or not exchange.path.endswith(path):
                continue
            if not pair.is_list:
                return shown_in(exchange)
            if row := _row(rows_of(exchange.json), thing):
                return row
        return None

    async def _look(
        self, pair: Pair, filled: FilledRequest, *, again: bool = False
    ) -> tuple[Exchange, Any]:
        """Read the thing of a pair: itself, or its row in the list."""
        replay = self._replay
        caller = replay.caller(pair.reader.actor)
        read = self._read(pair, filled)
        if not pair.is_list:
            earlier = self._earlier(read) if pair.kind == WRITTEN and not again else None
            if earlier is not None:
                return earlier, shown_in(earlier)
            exchange = await replay.send(read, caller)
            return exchange, shown_in(exchange) if exchange.status == 200 else None
        async for rows in pages(caller, pair.reader.operation, read.path, self._query(pair)):
            if row := _row(rows, self._id(pair, filled)):
                return replay.client.run.of_current()[-1], row
        return replay.client.run.of_current()[-1], None

    def _read(self, pair: Pair, filled: FilledRequest) -> FilledRequest:
        """The request that reads the thing of a pair, or its list."""
        return replace(filled, entry=pair.reader.name, operation=pair.reader.operation,
                       actor=pair.reader.actor, path=self._path(pair, filled), query={},
                       headers={}, body=Body(), stream=None)  # fmt: skip

    def _query(self, pair: Pair) -> Mapping[str, Any]:
        """The query that the plan gives a list: some services show a list only of one parent."""
        asked = self._replay.pool.fill(replace(pair.reader, path={}, body=None, media_type=None))
        return {} if isinstance(asked, Blocked) else asked.query

    def _path(self, pair: Pair, filled: FilledRequest) -> dict[str, Any]:
        """The path values of the read: as the plan has them, else those of the write."""
        if pair.kind == WRITTEN and not pair.is_list:
            # The plan's read may name the thing by another value than its id, such as its name.
            bare = replace(pair.reader, query={}, headers={}, body=None, media_type=None)
            asked = self._replay.pool.fill(bare)
            if not isinstance(asked, Blocked):
                return dict(asked.path)
        names = OperationId(pair.reader.operation).parameters
        values = {name: filled.path[name] for name in names if name in filled.path}
        if missing := [name for name in names if name not in values]:
            values[missing[-1]] = self._id(pair, filled)
        return values

    def _id(self, pair: Pair, filled: FilledRequest) -> str:
        if pair.kind == WRITTEN:
            answered = self._replay.pool.answer_of(pair.entry.name)
            return str(at(answered, pair.entry.creates or ""))
        return str(filled.path.get(OperationId(pair.entry.operation).last_parameter, ""))

    def _wrong(
        self, pair: Pair, filled: FilledRequest, was: Any, exchange: Exchange, found: Any
    ) -> str:
        """The problem with the present read, in words; empty if there is none."""
        if pair.kind == REMOVED:
            kept = found not in NOTHING_THERE and not _marked(was, found)
            broken = exchange.status is None or exchange.status >= 500
            return f"{exchange.status}, and it is as before" if kept or broken else ""
        if found is None:
            return f"{exchange.status}, without it"
        if isinstance(found, bytes):
            return file_differs(filled.body, exchange)
        answered = was if pair.kind == UPDATED else self._replay.pool.answer_of(pair.entry.name)
        return differs(
            filled.body.value, found, answered, self._replay.client.run.id, pair.kind == UPDATED
        )


def _row(rows: list[dict[str, Any]], thing: str) -> dict[str, Any] | None:
    """The row that shows a thing by its id."""
    return next((row for row in rows if thing in (str(value) for value in row.values())), None)


def _marked(was: Any, now: Any) -> bool:
    """Whether one of a row's fields changed to mark it as removed."""
    if not isinstance(was, dict) or not isinstance(now, dict):
        return isinstance(now, bytes) and now != was  # a page about the removal
    return any(MARKS.search(name) and now[name] != was.get(name) for name in now)
