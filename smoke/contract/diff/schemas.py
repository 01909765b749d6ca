"""
Two schemas compared: what a sender may no longer send, what a reader may no longer rely on.

A request breaks where the deployment takes less than the contract says; an answer breaks where a
field is gone or may be missing, or where its type is one that the contract does not name.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from smoke.contract.diff.shapes import ANYTHING, Shape, name_of, shape, takes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smoke.contract.schemas import Direction

Found = tuple[bool, str]
"""Whether a change breaks, and the change in words."""

MAX_SHOWN = 60


class Comparison:
    """Compares schemas of two documents in one direction; each pair once, so recursion ends."""

    def __init__(self, ours: Any, theirs: Any, direction: Direction) -> None:
        self._ours = ours
        self._theirs = theirs
        self._sent = direction == "request"
        self._seen: set[tuple[object, object]] = set()

    def changes(self, ours: Any, theirs: Any, place: str = "") -> Iterator[Found]:
        """What changed from our schema to theirs; `place` is a JSON pointer, `*` any member."""
        if isinstance(ours, dict) and isinstance(theirs, dict) and self._met(id(ours), id(theirs)):
            return
        a, b = shape(ours, self._ours), shape(theirs, self._theirs)
        yield from self._types(a, b, place)
        yield from self._values(a, b, place)
        yield from self._limits(a, b, place)
        if a.types & b.types & {"object"} and not self._met(a.sources, b.sources):
            yield from self._properties(a, b, place)
            yield from self._others(a, b, place)
        if a.types & b.types & {"array"} and a.items is not b.items:
            yield from self.changes(a.items, b.items, f"{place}/*")
        if len(a.options) > 1 or len(b.options) > 1:
            yield from self._options(a.options, b.options, place)

    def _met(self, ours: object, theirs: object) -> bool:
        """Whether two parts of the documents were compared before; from now on they were."""
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
                words = f"{_at(place)} has {key} {_said(new)}, not {_said(old)}"
                yield self._sent and _narrower(key, old, new), words

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
        """Members that are not named: a map's values, or none allowed."""
        if b.others is False and a.others is not False:
            mapped = isinstance(a.others, dict)
            yield self._sent and mapped, f"{_at(place)} takes no other fields"
        elif isinstance(a.others, dict) or isinstance(b.others, dict):
            yield from self.changes(a.others, b.others, f"{place}/*")

    def _options(self, a: Iterable[Any], b: Iterable[Any], place: str) -> Iterator[Found]:
        gone, new, pairs = _paired(list(a), list(b))
        for option in gone:
            yield self._sent, f"{_at(place)} is no longer {self._option(option, self._ours)}"
        for option in new:
            yield False, f"{_at(place)} may also be {self._option(option, self._theirs)}"
        for ours, theirs in pairs:
            yield from self.changes(ours, theirs, place)

    def _option(self, option: Any, document: Any) -> str:
        return name_of(option) or _types(shape(option, document).types)


def _paired(a: list[Any], b: list[Any]) -> tuple[list[Any], list[Any], list[tuple[Any, Any]]]:
    """Options that belong together: of the same name, of the same text, then in their order."""
    pairs = []
    for key in (name_of, _text):
        for ours in list(a):
            theirs = next((o for o in b if key(o) and key(o) == key(ours)), None)
            if theirs is not None:
                pairs.append((ours, theirs))
                a.remove(ours)
                b.remove(theirs)
    if len(a) == len(b) and not any(map(name_of, [*a, *b])):
        return [], [], [*pairs, *zip(a, b, strict=True)]
    return a, b, pairs


def _narrower(key: str, old: Any, new: Any) -> bool:
    """Whether a limit excludes what was allowed; two patterns or formats cannot be weighed."""
    if new is None:
        return False
    if old is None:
        return True
    if key.startswith(("min", "exclusiveMin")):
        return bool(new > old)
    return bool(new < old) if key.startswith(("max", "exclusiveMax")) else True


def _at(place: str) -> str:
    return place or "the value"


def _types(types: Iterable[str]) -> str:
    kinds = frozenset(types)
    return "anything" if kinds >= ANYTHING else " or ".join(sorted(kinds)) or "nothing"


def _said(value: Any) -> str:
    return "none" if value is None else str(value)


def _list(values: Iterable[Any]) -> str:
    text = ", ".join(map(_text, values))
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
