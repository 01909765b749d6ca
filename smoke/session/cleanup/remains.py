"""
Remains of a run in the lists of the service: things that contain its id.

A run that is killed during a request may have created a thing that its record lacks. Every name
that a run gives contains the id of the run, and so does its user agent. So the sweep reads the
lists of removable things. A thing belongs to the run if it contains that id, or the id of a thing
of the run, and is not older than the run. Accounts and tenants of the sign-ins never do: a run may
have renamed them.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from smoke.contract import Contract, Operation
from smoke.http.policy import Policy
from smoke.plan import Entry, Plan
from smoke.session.caller import Caller
from smoke.session.listing import pages

# How far the service's clock may be behind.
SKEW = timedelta(minutes=5)

# Names of fields with the time of a thing's creation.
MADE_AT = re.compile(r"(?:.+_)?(?:created|issued|joined|started)_at")

# A UUID (RFC 9562 §4): its random digits may contain the id of a run by chance.
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Remover:
    """
    An operation that removes a row of a list by one id, and the actor that may send it.

    `keys` are the possible field names of the id in a row, the likeliest first.
    """

    operation: str
    listing: str
    parameter: str
    actor: str
    keys: tuple[str, ...]
    body: Any = None

    def id_of(self, item: Mapping[str, Any]) -> str:
        """The id of a row; empty if the row has none."""
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
    """The parameter's own name, the field from which the plan takes its value, and `id`."""
    source = entry.path.get(parameter)
    pointer = source.get("pointer", "") if isinstance(source, dict) else ""
    field = str(pointer).rpartition("/")[2]
    return tuple(dict.fromkeys(name for name in (parameter, field, "id") if name))


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
    The marks of a run's things: its id, its start, and the ids of things that it created.

    `kept` are ids of things that it did not create.
    """

    def __init__(self, run_id: str, began: datetime, made: Iterable[str] = ()) -> None:
        self.kept: set[str] = set()
        self._made = frozenset(made)
        self._since = began - SKEW
        id_alone = rf"(?<![0-9A-Za-z]){re.escape(run_id)}(?![0-9A-Za-z])"
        self._carries = re.compile(id_alone).search

    def is_left_by(self, thing: str, item: Mapping[str, Any]) -> bool:
        """Whether the run created a thing on a list."""
        moments = [value for name, value in item.items() if MADE_AT.fullmatch(name)]
        if thing in self.kept or any(self._is_older(moment) for moment in moments):
            return False
        return any(map(self._names_run, _texts(item)))

    def _names_run(self, text: str) -> bool:
        """Whether a text contains the run's id; a UUID counts only if the run created its thing."""
        if UUID.fullmatch(text):
            return text in self._made - self.kept
        return bool(self._carries(text))

    def _is_older(self, moment: Any) -> bool:
        """Whether a time is before the run; an unreadable time counts as older, to be safe."""
        try:
            made_at = datetime.fromisoformat(str(moment))
        except ValueError:
            return True
        return (made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC)) < self._since


async def remains(caller: Caller, remover: Remover, trace: Trace) -> AsyncIterator[str]:
    """Yield the ids of a run's things on a list; none if the service refuses the list."""
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
