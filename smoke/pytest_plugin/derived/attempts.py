"""
Attempts: what another tenant tries with a thing of the run, and how its owner looks at the thing.

An attempt only needs the ids in its path: a refusal does not depend on the order of the plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from smoke.contract.operation_id import OperationId
from smoke.errors import LeftOutError
from smoke.http.pace import together
from smoke.http.policy import writes
from smoke.plan import Entry, FilledRequest, Plan
from smoke.plan.values import primary
from smoke.plan.wire import Body
from smoke.results.exchange import Exchange
from smoke.results.run import Run
from smoke.results.sightings import NOT_THERE, was_read
from smoke.session.replay import Replay

# Methods of requests that may create the thing at their path, or below it.
MAKES = frozenset({"POST", "PUT"})


@dataclass(frozen=True)
class Attempt:
    """One operation on a thing of the run's tenant, and the owner's read of the thing."""

    entry: Entry
    filled: FilledRequest
    reader: FilledRequest | None

    @property
    def place(self) -> str:
        """
        The path of the owner's read; empty if there is none, or if the attempt only reads.

        A thing that the run did not make is not compared: another run may be changing it.
        """
        if self.reader is None or not self.filled.owned or not writes(self.entry.operation):
            return ""
        return OperationId(self.reader.operation).fill(self.reader.path)


async def attempts_of(entries: Iterable[Entry], replay: Replay) -> list[Attempt]:
    """
    Return the entries with their values, once their things exist.

    Raises:
        LeftOutError: no entry has a thing that another tenant could reach.
    """
    found, left_out = [], ""
    for entry in entries:
        alone = _with_its_thing(entry, replay.plan)
        try:
            filled = await replay.known.filled(alone) or await replay.filled(alone)
        except LeftOutError as nothing:
            left_out = str(nothing)
            continue
        found.append(Attempt(entry, filled, _reader(entry, filled, replay.plan)))
    if left_out and not found:
        raise LeftOutError(left_out)
    return found


def _with_its_thing(entry: Entry, plan: Plan) -> Entry:
    """The entry without the prerequisites that give no value and do not make what it names."""
    parts = [entry.path, entry.query, entry.headers, entry.body]
    values = {str(reference["$from"]) for reference in primary(parts)}
    needed = [one for one in plan.closure({entry.name}) if one.name != entry.name]
    kept = [one.name for one in needed if one.name in values or _makes(one, entry)]
    return replace(entry, needs=tuple(kept))


def _makes(other: Entry, entry: Entry) -> bool:
    """Whether another entry may create what an entry names in its path."""
    there, here = OperationId(other.operation), OperationId(entry.operation)
    return there.method in MAKES and f"{here.path}/".startswith(f"{there.path}/")


def _reader(entry: Entry, filled: FilledRequest, plan: Plan) -> FilledRequest | None:
    """The plan's GET of the nearest thing or list that the path of an entry names."""
    template = OperationId(entry.operation).path
    while "{" in template:
        reader = plan.by_name.get(f"GET {template}")
        if reader is not None and reader.stream is None and reader.media_type is None:
            return replace(
                filled, operation=reader.operation, actor=reader.actor, query={}, body=Body()
            )
        template = template.rpartition("/")[0]
    return None


async def things_before(attempts: list[Attempt], replay: Replay) -> dict[str, Any]:
    """The things as they are before the attempts, read unless this check has just read them."""
    known = {
        one.place: exchange
        for one in attempts
        if one.place and (exchange := _just_read(one, replay.client.run))
    }
    others = [one for one in attempts if one.place not in known]
    shown = {place: _lasting(exchange.json) for place, exchange in known.items()}
    return {**shown, **await things_of(others, replay)}


async def things_of(attempts: list[Attempt], replay: Replay) -> dict[str, Any]:
    """The things of the writes among the attempts, by path; None if a thing cannot be read."""
    readers = {one.place: one.reader for one in attempts if one.place and one.reader}
    calls = [replay.send(reader, replay.caller(reader.actor)) for reader in readers.values()]
    seen = zip(readers, await together(calls), strict=True)
    return {
        place: _lasting(exchange.json) if exchange.status == 200 else None
        for place, exchange in seen
    }


def _just_read(attempt: Attempt, run: Run) -> Exchange | None:
    """The answer of this check to the owner's read, if it has written nothing there since."""
    reader = attempt.reader
    for one in reversed(run.of_current()):
        here = urlsplit(one.url)
        # A POST elsewhere makes something else; any other write may have changed the thing.
        if writes(one.operation) and (
            one.method != "POST" or f"{attempt.place}/" in f"{here.path}/"
        ):
            return None
        plain = one.status == 200 and not here.query
        same = reader and (one.operation, one.actor) == (reader.operation, reader.actor)
        if plain and same and here.path.endswith(attempt.place):
            return one
    return None


def not_found(
    tried: Iterable[tuple[Attempt, Exchange]], run: Run
) -> list[tuple[Attempt, Exchange]]:
    """
    Return the reads that did not find a thing which no earlier read has shown either.

    *Not found* is a refusal only where the thing is; *forbidden* is one in any case.
    """
    return [
        (attempt, exchange)
        for attempt, exchange in tried
        if exchange.status in NOT_THERE
        and not writes(attempt.entry.operation)
        and not was_read(run, attempt.entry.operation, _path(attempt))
    ]


async def must_be_there(attempt: Attempt, replay: Replay) -> None:
    """Let the owner read a thing that another tenant did not find, unless it was read by now."""
    entry = attempt.entry
    if entry.name not in replay.tried and not was_read(
        replay.client.run, entry.operation, _path(attempt)
    ):
        await replay.answer(entry)


def _path(attempt: Attempt) -> str:
    return OperationId(attempt.entry.operation).fill(attempt.filled.path)


def _lasting(value: Any) -> Any:
    """A thing without fields that may change by themselves, such as the time of the last sync."""
    if isinstance(value, dict):
        moving = [name for name in value if name.startswith("last_") or name.endswith("_at")]
        return {name: _lasting(v) for name, v in value.items() if name not in moving}
    return [_lasting(item) for item in value] if isinstance(value, list) else value
