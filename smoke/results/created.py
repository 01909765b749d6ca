"""
The things that checks created, and those of them that no check removed or registered.

A forgotten thing stays on the service, and the next run finds it there. A removal is registered
before it is sent, so a thing counts as removed from then on, even if the service refuses later.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.contract.operation_id import OperationId, encoded


@dataclass(frozen=True)
class Created:
    """One created thing: the check, the operation, the path of the thing, and the ids in it."""

    check: str
    operation: str
    path: str
    ids: frozenset[str]


class Creations:
    """The creations of one run, and the ids in the paths of its removals."""

    def __init__(self) -> None:
        self._created: list[Created] = []
        self._removed: set[str] = set()

    def creates(self, check: str, operation: str, path: str, value: Any) -> None:
        """Note that an operation with this filled path created the thing with this id."""
        name = encoded(value)
        ids = frozenset({name, *_ids_in(operation, path)})
        self._created.append(Created(check, operation, f"{path.rstrip('/')}/{name}", ids))

    def removes(self, operation: str, path: str) -> None:
        """Note that a removal with this filled path was sent, or registered for the end."""
        self._removed |= _ids_in(operation, path)

    def stays(self, check: str) -> None:
        """Note that the last thing that a check created stays, and that the check states so."""
        self._removed |= next((o.ids for o in reversed(self._created) if o.check == check), set())

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the created things, as in paths."""
        return frozenset(one.path.rpartition("/")[2] for one in self._created)

    def forgotten(self) -> Iterator[Created]:
        """The things without a removal; one that goes away with its parent counts as removed."""
        # By id, not by path: some services remove a thing below another path than they create it.
        return (one for one in self._created if one.ids.isdisjoint(self._removed))


def _ids_in(operation: str, path: str) -> frozenset[str]:
    """The values of the path parameters in a filled path."""
    template = OperationId(operation).path.split("/")
    # Counted from the end, so that a base path before the template does not matter.
    pairs = zip(reversed(template), reversed(path.split("/")), strict=False)
    return frozenset(value for name, value in pairs if "{" in name)


# The most places that a note names; it counts the others.
MOST_NAMED = 5


def what_stays(left: Iterable[tuple[str, str]]) -> str:
    """Return the note about resources, by kind and name, that stay on the service."""
    by_kind: dict[str, list[str]] = {}
    for kind, name in left:
        by_kind.setdefault(kind, []).append(name)
    counts = (f"{kind}: {len(names)} ({', '.join(names)})" for kind, names in by_kind.items())
    return f"stays on the service: {'; '.join(counts)}"


# A note for each place would hide all others: one newer version of a service has many.
def excluded_fields(found: Mapping[tuple[str, str], int]) -> str:
    """Return the note about fields that the contract excludes, counted by operation and field."""
    places = [f"{operation} {field}" for operation, field in sorted(found)]
    more = f", and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    return (
        f"drift: {len(places)} fields that the contract excludes, in {sum(found.values())} places: "
        f"{', '.join(places[:MOST_NAMED])}{more}"
    )
