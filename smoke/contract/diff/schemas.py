"""
Compare two schemas: which values are no longer accepted, and which promises no longer hold.

A request breaks if the deployment accepts less than the contract promises. An answer breaks if a
field is gone or has become optional, or if it has a type that the contract does not name.
"""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from smoke.contract.diff.shapes import ANYTHING, Bound, Shape, alternatives, name_of, shape, takes
from smoke.contract.views import Direction
from smoke.documents.files import cut

# Whether a change is breaking, and its description.
Found = tuple[bool, str]

MAX_SHOWN = 60
# Up to so many alternatives are compared pairwise; more are only matched by name and text.
MAX_WEIGHED = 8


class Comparison:
    """Compares schemas of two documents in one direction; each pair only once, so it terminates."""

    def __init__(self, ours: Any, theirs: Any, direction: Direction) -> None:
        self._ours = ours
        self._theirs = theirs
        self._sent = direction == "request"
        self._seen: set[tuple[object, object]] = set()
        self._kept: dict[int, tuple[Any, list[Any]]] = {}

    def changes(self, ours: Any, theirs: Any, place: str = "") -> Iterator[Found]:
        """The changes from our schema to theirs; in the pointer `place`, `*` is any member."""
        if isinstance(ours, dict) and isinstance(theirs, dict) and self._met(id(ours), id(theirs)):
            return
        a, b = shape(ours, self._ours), shape(theirs, self._theirs)
        yield from self._types(a, b, place)
        if a.discriminator and b.discriminator and a.discriminator != b.discriminator:
            words = f"has the discriminator {b.discriminator!r}, not {a.discriminator!r}"
            yield True, f"{_at(place)} {words}"
        if a.options or b.options:
            yield from self._options(
                self._apart(ours, a, self._ours), self._apart(theirs, b, self._theirs), place
            )
        else:
            yield from self._flat(a, b, place)

    def _flat(self, a: Shape, b: Shape, place: str) -> Iterator[Found]:
        """The changes between two shapes without alternatives."""
        yield from self._values(a, b, place)
        yield from self._limits(a, b, place)
        yield from self._conditions(a, b, place)
        if a.types & b.types & {"object"} and not self._met(a.sources, b.sources):
            yield from self._properties(a, b, place)
            yield from self._others(a, b, place)
        if a.types & b.types & {"array"}:
            yield from self._items(a, b, place)

    def _apart(self, schema: Any, found: Shape, document: Any) -> list[Any]:
        """The alternatives of a schema, always the same objects: `_met` compares identities."""
        key = id(schema)
        if key not in self._kept:
            self._kept[key] = (schema, alternatives(schema, found, document))
        return self._kept[key][1]

    def _met(self, ours: object, theirs: object) -> bool:
        """Whether two parts of the documents were compared before; notes them as compared."""
        pair = (ours, theirs)
        met = pair in self._seen
        if pair != (frozenset(), frozenset()):
            self._seen.add(pair)
        return met

    def _types(self, a: Shape, b: Shape, place: str) -> Iterator[Found]:
        gone = [kind for kind in a.types if not takes(b.types, kind)]
        new = [kind for kind in b.types if not takes(a.types, kind)]
        if gone or new:
            words = f"{_at(place)} is {_types(b.types)}, not {_types(a.types)}"
            yield bool(gone if self._sent else new), words

    def _values(self, a: Shape, b: Shape, place: str) -> Iterator[Found]:
        if a.values is None or b.values is None:
            if b.values is not None:
                yield self._sent, f"{_at(place)} is one of {_list(b.values)}, not any value"
            elif a.values is not None:
                yield False, f"{_at(place)} is any value, not one of {_list(a.values)}"
            return
        gone = [value for value in a.values if value not in b.values]
        new = [value for value in b.values if value not in a.values]
        other = len(gone) == len(a.values)
        if gone:
            yield self._sent or other, f"{_at(place)} is no longer {_list(gone)}"
        if new:
            yield False, f"{_at(place)} may also be {_list(new)}"

    def _limits(self, a: Shape, b: Shape, place: str) -> Iterator[Found]:
        for key in sorted({*a.limits, *b.limits}):
            old, new = a.limits.get(key), b.limits.get(key)
            if old != new:
                words = f"{_at(place)} has {key} {_shown(new)}, not {_shown(old)}"
                yield self._sent and _narrower(key, old, new), words
        if a.low != b.low:
            words = f"{_at(place)} has minimum {_bound(b.low)}, not {_bound(a.low)}"
            yield self._sent and b.low > a.low, words
        if a.high != b.high:
            words = f"{_at(place)} has maximum {_bound(b.high)}, not {_bound(a.high)}"
            narrower = (b.high[0], not b.high[1]) < (a.high[0], not a.high[1])
            yield self._sent and narrower, words

    def _conditions(self, a: Shape, b: Shape, place: str) -> Iterator[Found]:
        """Conditions cannot be compared by meaning: any new or changed one may refuse a request."""
        for key in sorted({*a.conditions, *b.conditions}):
            old, new = a.conditions.get(key), b.conditions.get(key)
            if _text(old) != _text(new):
                word = "no longer has" if new is None else "has another" if old else "now has"
                yield self._sent and new is not None, f"{_at(place)} {word} {key!r}"

    def _properties(self, a: Shape, b: Shape, place: str) -> Iterator[Found]:
        for name in a.properties:
            if name not in b.properties:
                closed = b.others is False
                words = "is no longer taken" if self._sent else "is gone"
                yield closed if self._sent else True, f"{place}/{name} {words}"
        for name in dict.fromkeys([*b.properties, *sorted(b.required)]):
            if name in a.properties:
                yield from self._required(name in a.required, name in b.required, place, name)
                if name in b.properties:
                    path = f"{place}/{name}"
                    yield from self.changes(a.properties[name], b.properties[name], path)
            elif name not in a.required:
                required = name in b.required
                words = "is new and required" if required else "is new"
                yield self._sent and required, f"{place}/{name} {words}"

    def _required(self, before: bool, after: bool, place: str, name: str) -> Iterator[Found]:
        if before and not after:
            yield not self._sent, f"{place}/{name} is no longer required"
        elif after and not before:
            yield self._sent, f"{place}/{name} is required"

    def _others(self, a: Shape, b: Shape, place: str) -> Iterator[Found]:
        """The changes of unnamed members: the values of a map, or that none are allowed."""
        for pattern in dict.fromkeys([*a.patterns, *b.patterns]):
            ours, theirs = a.patterns.get(pattern, a.others), b.patterns.get(pattern, b.others)
            yield from self.changes(ours, theirs, f"{place}/*")
        if b.others is False and a.others is not False:
            mapped = isinstance(a.others, dict)
            yield self._sent and mapped, f"{_at(place)} takes no other fields"
        elif isinstance(a.others, dict) or isinstance(b.others, dict):
            yield from self.changes(a.others, b.others, f"{place}/*")

    def _items(self, a: Shape, b: Shape, place: str) -> Iterator[Found]:
        """The changes of items: first those with a fixed position, then all others."""
        for index in range(max(len(a.first), len(b.first))):
            ours = a.first[index] if index < len(a.first) else a.items
            theirs = b.first[index] if index < len(b.first) else b.items
            yield from self.changes(ours, theirs, f"{place}/{index}")
        if a.items is not b.items:
            yield from self.changes(a.items, b.items, f"{place}/*")

    def _options(self, a: Iterable[Any], b: Iterable[Any], place: str) -> Iterator[Found]:
        gone, new, pairs = self._paired(list(a), list(b))
        for option in gone:
            words = f"{_at(place)} is no longer {self._option(option, self._ours)}"
            yield self._sent or not pairs, words
        for option in new:
            yield False, f"{_at(place)} may also be {self._option(option, self._theirs)}"
        for ours, theirs in pairs:
            yield from self.changes(ours, theirs, place)

    def _paired(
        self, a: list[Any], b: list[Any]
    ) -> tuple[list[Any], list[Any], list[tuple[Any, Any]]]:
        """The removed and added alternatives, and the pairs that match: by name, text, or fit."""
        pairs: list[tuple[Any, Any]] = []
        few = len(a) * len(b) <= MAX_WEIGHED * MAX_WEIGHED
        for fits in (_same_name, _same_text, self._fits if few else _same_text):
            for ours in list(a):
                theirs = next((other for other in b if fits(ours, other)), None)
                if theirs is not None:
                    pairs.append((ours, theirs))
                    a.remove(ours)
                    b.remove(theirs)
        if len(a) == len(b) and not any(map(name_of, [*a, *b])):
            return [], [], [*pairs, *zip(a, b, strict=True)]
        return a, b, pairs

    def _fits(self, ours: Any, theirs: Any) -> bool:
        """Whether one alternative may replace another without breaking any client."""
        trial = Comparison(self._ours, self._theirs, "request" if self._sent else "response")
        # A trial must not mark parts as compared, so it gets a copy of `_seen`.
        trial._seen, trial._kept = set(self._seen), self._kept
        return not any(breaking for breaking, _ in trial.changes(ours, theirs))

    def _option(self, option: Any, document: Any) -> str:
        return name_of(option) or _types(shape(option, document).types)


def _same_name(ours: Any, theirs: Any) -> bool:
    return bool(name_of(ours)) and name_of(ours) == name_of(theirs)


def _same_text(ours: Any, theirs: Any) -> bool:
    return _text(ours) == _text(theirs)


def _narrower(key: str, old: Any, new: Any) -> bool:
    """Whether a limit excludes values that were allowed; a changed pattern or format may."""
    if new is None:
        return False
    if old is None:
        return True
    if key.startswith("min"):
        return bool(new > old)
    # An invalid zero must not cause a division by zero here.
    if key == "multipleOf":
        return not new or not math.isclose(old / new, round(old / new))
    return bool(new < old) if key.startswith("max") else True


def _at(place: str) -> str:
    return place or "the value"


def _types(types: Iterable[str]) -> str:
    kinds = frozenset(types)
    return "anything" if kinds >= ANYTHING else " or ".join(sorted(kinds)) or "nothing"


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)


def _bound(bound: "Bound") -> str:
    if not math.isfinite(bound[0]):
        return "none"
    return f"{bound[0]} (exclusive)" if bound[1] else str(bound[0])


def _list(values: Iterable[Any]) -> str:
    return cut(", ".join(map(_text, values)), MAX_SHOWN)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
