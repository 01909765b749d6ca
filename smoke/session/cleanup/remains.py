"""
What a run left in the lists of the service: things that carry its id.

A run that is killed while a request is on its way has made what its record does not know of. The
id of the run stands in every name that it gives, and in the name of its program; so the lists of
what can be taken away are read. What carries that id, or names a thing that the run made, and is
not older than the run is the run's, unless it is an account or a tenant in which somebody signed
in: a run may have renamed those.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from smoke.session.listing import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from smoke.contract import Contract, Operation
    from smoke.http.policy import Policy
    from smoke.plan import Entry, Plan
    from smoke.session.actors import Caller

# How far the service's clock may be behind.
SKEW = timedelta(minutes=5)

# The names of fields that tell when a thing was made.
MADE_AT = re.compile(r"(?:.+_)?(?:created|issued|joined|started)_at")

# An id (RFC 9562 §4), whose digits say nothing of a run.
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Remover:
    """
    An operation that takes away what a list shows, by one id, and who may send it.

    `keys` are the names that the id may have in a list, the likeliest first.
    """

    operation: str
    listing: str
    parameter: str
    actor: str
    keys: tuple[str, ...]
    body: Any = None

    def id_of(self, item: Mapping[str, Any]) -> str:
        """The id of a thing of the list; empty where it tells none."""
        found = (item[key] for key in self.keys if item.get(key) is not None)
        return str(next(found, ""))


def removers(contract: Contract, plan: Plan, policy: Policy, target: str) -> list[Remover]:
    """The removers that the plan can send to a target: one for each list, a DELETE where it can."""
    found: dict[str, Remover] = {}
    for operation in contract.operations.values():
        remover = _remover(operation, contract, plan, target)
        if remover is None or not policy.takes_away(operation.id):
            continue
        if operation.method == "DELETE" or remover.listing not in found:
            found[remover.listing] = remover
    return list(found.values())


def _remover(operation: Operation, contract: Contract, plan: Plan, target: str) -> Remover | None:
    names = operation.id.parameters
    listing = f"GET {operation.path.partition('/{')[0]}"
    entry = next((one for one in plan.entries if _can(one, operation, target)), None)
    if len(names) != 1 or listing not in contract.operations or entry is None:
        return None
    return Remover(operation.id, listing, names[0], entry.actor, _keys(names[0], entry), entry.body)


def _keys(parameter: str, entry: Entry) -> tuple[str, ...]:
    """The parameter's own name, the one under which the plan finds its value, and the usual."""
    source = entry.path.get(parameter)
    pointer = source.get("pointer", "") if isinstance(source, dict) else ""
    told = str(pointer).rpartition("/")[2]
    return tuple(dict.fromkeys(name for name in (parameter, told, "id") if name))


def _can(entry: Entry, operation: Operation, target: str) -> bool:
    """Whether an entry is sent to the target, with a body that needs nothing of its run."""
    sent = entry.problem is None and entry.excepted_on(target) is None
    return entry.operation == operation.id and sent and not _refers(entry.body)


def _refers(value: Any) -> bool:
    if isinstance(value, dict):
        return any(key.startswith("$") or _refers(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(_refers, value))


class Trace:
    """
    How the things of a run are known: its id, when it began, and the ids of what it made.

    `kept` are ids of what it did not make.
    """

    def __init__(self, run_id: str, began: datetime, made: Iterable[str] = ()) -> None:
        self.kept: set[str] = set()
        self._made = frozenset(made)
        self._since = began - SKEW
        id_alone = rf"(?<![0-9A-Za-z]){re.escape(run_id)}(?![0-9A-Za-z])"
        self._carries = re.compile(id_alone).search

    def is_left_by(self, thing: str, item: Mapping[str, Any]) -> bool:
        """Whether a thing of a list was made by the run."""
        moments = [value for name, value in item.items() if MADE_AT.fullmatch(name)]
        if thing in self.kept or any(self._is_older(moment) for moment in moments):
            return False
        return any(map(self._tells, _texts(item)))

    def _tells(self, text: str) -> bool:
        """Whether a text speaks of the run; the digits of an id do not, but it may be known."""
        if UUID.fullmatch(text):
            return text in self._made - self.kept
        return bool(self._carries(text))

    def _is_older(self, moment: Any) -> bool:
        """Whether a moment is before the run; what cannot be read may be."""
        try:
            told = datetime.fromisoformat(str(moment))
        except ValueError:
            return True
        return (told if told.tzinfo else told.replace(tzinfo=UTC)) < self._since


async def remains(caller: Caller, remover: Remover, trace: Trace) -> AsyncIterator[str]:
    """Give the ids of the things on a list that a run left; none where it is not shown."""
    async for rows in pages(caller, remover.listing):
        for row in rows:
            thing = remover.id_of(row)
            if thing and trace.is_left_by(thing, row):
                yield thing


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
