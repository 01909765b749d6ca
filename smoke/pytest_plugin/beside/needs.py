"""
Which checks may run beside each other: those that share nothing that one of them changes.

A check names such a thing with `@pytest.mark.alone("…")`; alone without a name is alone with every
other check. `@pytest.mark.beside("…")` names a shared fixture that the check uses only through
another one, so that it may run beside those that change it. The rest is derived: from the
operations that it declares, from the fixtures that it shares with other checks, and, for an entry
of the plan, from the entries that it needs.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smoke.contract.operation_id import PARAMETER, OperationId
from smoke.http.policy import writes
from smoke.plan.values import primary, thing
from smoke.pytest_plugin.items import entry_of, exercised, pair_of
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    import pytest

    from smoke.plan import Entry, Plan

# Changes to what is already there; a POST usually makes something new.
CHANGES = frozenset({"PUT", "PATCH", "DELETE"})

# Checks of different kinds do not run beside each other: what the plan makes appears in the lists
# of others, and lists are walked while nothing is made. Only refusals without a token, which make
# nothing and name nothing that is there, fill the gaps between hand-written checks.
CHECK, ENTRY, WALK, OTHERS, REFUSAL = "check", "entry", "walk", "others", "refusal"
MIXED = frozenset({CHECK, REFUSAL})

# Types of fixtures that a check may read beside others; of another type, a read may change it.
READABLE = (str, int, float, bytes, tuple, list, dict, Answer, Exchange)

# The actor for checks that end its sessions.
DISPOSABLE = "disposable"


@dataclass(frozen=True)
class Needs:
    """
    The names of what one check changes and reads, and of what its first user makes.

    `first` names things that come into being with their first use, such as the session of an actor:
    the first check that uses one runs alone with the others that do.
    """

    kind: str = CHECK
    changes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    # Entries that a check needs only to look at something, each with a place where the thing that
    # it makes may show: it is made while no other check looks there.
    makes: frozenset[tuple[str, str]] = frozenset()
    looks: frozenset[str] = frozenset()
    always_alone: bool = False
    # The minimum number of requests that it sends for entries of the plan.
    size: int = 0


class Crowd:
    """The changes and reads of all checks that have not ended."""

    def __init__(self, made: "Collection[str]") -> None:
        """Begin with no check; `made` names the things that exist already."""
        self._made = made
        self._kinds: set[str] = set()
        self._changes: set[str] = set()
        self._touches: set[str] = set()
        self._first: set[str] = set()
        self._makes: set[tuple[str, str]] = set()
        self._looks: set[str] = set()
        # Whether a check of the crowd admits no other.
        self.is_closed = False

    def admits(self, needs: Needs) -> bool:
        """Whether a check may run beside all of these."""
        return not (
            self.is_closed
            or (needs.always_alone and self._kinds)
            or self._kinds - (MIXED if needs.kind in MIXED else {needs.kind})
            or not self._touches.isdisjoint(needs.changes)
            or not self._changes.isdisjoint(needs.reads)
            or (needs.first & self._first).difference(self._made)
            or _overlap(self._new(self._makes), needs.looks)
            or _overlap(self._new(needs.makes), self._looks)
        )

    def fits_only_in_gaps(self, needs: Needs) -> bool:
        """Whether all of these have more to wait for than a check that waits for nothing."""
        return needs.kind == REFUSAL and CHECK in self._kinds

    def _new(self, makes: "Iterable[tuple[str, str]]") -> set[str]:
        """The places that will show a thing which does not exist yet."""
        return {place for name, place in makes if name not in self._made}

    def add(self, needs: Needs) -> None:
        """Take one more check into account."""
        self.is_closed = self.is_closed or needs.always_alone
        self._kinds.add(needs.kind)
        self._changes |= needs.changes
        self._touches |= needs.changes | needs.reads
        self._first |= needs.first
        self._makes |= needs.makes
        self._looks |= needs.looks


def needs_of(
    item: "pytest.Item", plan: "Plan", shared: "Mapping[str, Any]", actors: "Collection[str]"
) -> Needs:
    """
    Return what an item needs.

    `shared` has the project's fixtures that the item shares with others, by name; `actors` names
    those who sign in when they are first used.
    """
    entries = list(_entries(item))
    operations = exercised(item)
    careful = not operations or any(map(writes, operations)) or bool(entries)
    changes = named_alone(item)
    reads: set[str] = set()
    for operation in (*operations, *(entry.operation for entry in entries)):
        (changes if _changes(operation) else reads).add(OperationId(operation).path)
    kind = _kind(item)
    writing = any(writes(entry.operation) for entry in entries) and kind == ENTRY
    for entry in entries:
        *outer, inner = ("", *_things(entry.operation))
        reads.update(outer)
        # What another tenant or an invalid body may have changed is looked at before and after.
        trying = writes(entry.operation) and (writing or kind == OTHERS)
        (changes if trying else reads).add(inner)
        reads.update(_values(entry.path, entry.query, entry.headers, entry.body))
        # What an entry removes may stand in the body of another one, and not only in its path.
        if entry.destructive and kind == ENTRY:
            changes.update(_values(entry.path.get(OperationId(entry.operation).last_parameter)))
    apart = named_beside(item)
    for name, value in shared.items():
        if name in apart:
            continue
        readable = isinstance(value, READABLE) and not careful
        (reads if readable else changes).add(f"fixture {name}")
    if DISPOSABLE in actors:
        changes.add(f"sessions of {DISPOSABLE}")
    needed = _needed(entries, plan, itself=kind not in (OTHERS, WALK))
    parts = {f"entry {one.name}" for one in needed}
    (changes if writing else reads).update(parts)
    first = parts | {f"actor {name}" for name in (*actors, *(one.actor for one in needed))}
    first.discard("actor anonymous")
    looks = kind in (OTHERS, WALK)
    return Needs(
        kind=kind,
        makes=frozenset(_makings(needed) if looks and not _tries_bodies(item) else ()),
        looks=_looks(entries, kind) if looks else frozenset(),
        changes=frozenset(changes - {""}),
        reads=frozenset(reads - changes - {""}),
        # The first sign-in of all also fetches the keys that verify the tokens of every actor.
        first=frozenset(first | ({"sign-in"} if first else set())),
        always_alone=any(not mark.args for mark in item.iter_markers("alone"))
        or any(entry.ends_session for entry in entries),
        size=len(entries),
    )


def _needed(entries: list["Entry"], plan: "Plan", *, itself: bool) -> list["Entry"]:
    """
    The entries that are sent for some: all that they need, and they themselves.

    A check that looks at what an entry would do does not send that one, unless another needs it.
    """
    names = {entry.name for entry in entries}
    if itself or not entries:
        return list(plan.closure(names)) if entries else []
    each = {name: plan.closure({name}) for name in names}
    found = {one.name: one for name in names for one in each[name] if one.name != name}
    return list(found.values())


def _makings(needed: list["Entry"]) -> "Iterator[tuple[str, str]]":
    """The entries that make something, each with all the places where that may show."""
    for entry in needed:
        if writes(entry.operation):
            for place in {_root(entry.operation), *_values(entry.path, entry.query, entry.body)}:
                yield f"entry {entry.name}", place


def _looks(entries: list["Entry"], kind: str) -> frozenset[str]:
    """The places that a check reads: reading a whole list may show anything in it."""
    roots = {_root(entry.operation) for entry in entries} if kind == OTHERS else {""}
    return frozenset(roots.union(*(_values(one.path, one.query, one.body) for one in entries)))


def _root(operation: str) -> str:
    """The path of the list that holds the outermost thing of an operation."""
    return OperationId(operation).path.partition("{")[0].rstrip("/")


def _overlap(some: "Iterable[str]", others: "Iterable[str]") -> bool:
    """Whether two sets of places overlap: a place is in both, or lies inside one of the others."""
    pairs = [(f"{one}/", f"{other}/") for one in some for other in others]
    return any(one.startswith(other) or other.startswith(one) for one, other in pairs)


def _tries_bodies(item: "pytest.Item") -> bool:
    """Whether a check sends invalid bodies, always to things that exist already."""
    return "inputs" in getattr(item, "fixturenames", ())


def named_alone(item: "pytest.Item") -> set[str]:
    """The names in the `alone` marks of a check."""
    return {str(name) for mark in item.iter_markers("alone") for name in mark.args}


def named_beside(item: "pytest.Item") -> set[str]:
    """The shared fixtures that a check uses only through others, and does not change."""
    return {str(name) for mark in item.iter_markers("beside") for name in mark.args}


def _changes(operation: str) -> bool:
    """Whether an operation changes something shared: its path names nothing of the check."""
    name = OperationId(operation)
    return name.method in CHANGES and not name.parameters


def _values(*parts: object) -> set[str]:
    """The things that the values of a request belong to, each by its source and its place there."""
    return {f"value {' '.join(thing(reference))}" for reference in primary(list(parts))}


def _things(operation: str) -> list[str]:
    """The things that a path names, each by its template: the outer ones first."""
    path = OperationId(operation).path
    return [path[: found.end()] for found in PARAMETER.finditer(path)]


def _entries(item: "pytest.Item") -> "Iterator[Entry]":
    """The entries of the plan that an item sends."""
    entry, pair = entry_of(item), pair_of(item)
    if entry is not None:
        yield entry
    if pair is not None:
        yield from (pair.entry, pair.reader)
    params = getattr(getattr(item, "callspec", None), "params", {})
    if "paged_list" in params:
        yield params["paged_list"]
    yield from (*params.get("others", ()), *params.get("inputs", ()))


def _kind(item: "pytest.Item") -> str:
    names = getattr(item, "fixturenames", ())
    if "others" in names or "inputs" in names:
        return OTHERS
    if "paged_list" in names:
        return WALK
    if "surface" in names:
        return REFUSAL
    return ENTRY if entry_of(item) or pair_of(item) else CHECK
