"""
YAML as OpenAPI allows it: JSON values only (OpenAPI 3.1.0, 4.2), with names as texts.

Values are built from libyaml's events, without recursion. That detects an anchor that contains
itself, and anchors that multiply ("billion laughs"), before they are expanded.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smoke.documents.errors import TextError
from smoke.documents.json import MOST_DIGITS
from smoke.documents.nesting import DEEPEST, TOO_DEEP, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterator

# How many values the anchors of a document may add to its written values.
MOST_REPEATED = 250_000

# The types of plain values (YAML 1.2.2, 10.3.2); `no` and dates are texts.
NULL = re.compile(r"~|null|Null|NULL|")
TRUTH = re.compile(r"true|True|TRUE|false|False|FALSE")
WHOLE = re.compile(r"[-+]?\d+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)

CORE = "tag:yaml.org,2002:"
KINDS = {"str", "int", "float", "bool", "null", "seq", "map"}
# The message of newer libyaml versions for a thousand brackets, before they send any event.
TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"

# The merge key of YAML 1.1: its value is merged into the object around it.
MERGE = "<<"


def parse_yaml(text: str) -> Any:
    """
    The value of a YAML text; an empty one is null.

    Raises:
        TextError: it is not YAML, or has values that JSON cannot express.
    """
    import yaml  # slow to import, and only needed for documents that are not JSON

    parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(most=len(text) + MOST_REPEATED)
    try:
        for event in yaml.parse(text, Loader=parser):
            builder.take(event)
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise TextError(f"neither JSON nor YAML: {error.reason}", line) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = f"neither JSON nor YAML: {error.problem or error.context}"
        if error.problem == TOO_DEEP_FOR_LIBYAML:
            problem = TOO_DEEP
        raise TextError(problem, line, column) from None
    # Only anchors inside anchors can nest too deeply here: the builder counts the brackets.
    if too_deep(builder.root):
        raise TextError(TOO_DEEP)
    return builder.root


@dataclass
class _Open:
    """An object or list that is not complete yet; `size` counts its values."""

    value: dict[str, Any] | list[Any]
    event: Any
    size: int = 1
    name: str | None = None
    merged: list[dict[str, Any]] = field(default_factory=list)


class _Builder:
    def __init__(self, most: int) -> None:
        self.root: Any = None
        self._most = most
        self._open: list[_Open] = []
        self._anchored: dict[str, tuple[Any, int]] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        """Handle one event."""
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise _wrong("a second document begins; one is expected", event)
        elif kind == "ScalarEvent":
            self._scalar(event)
        elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
            self._begin(event, {} if kind == "MappingStartEvent" else [])
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self._end()
        elif kind == "AliasEvent":
            self._alias(event)

    def _scalar(self, event: Any) -> None:
        holder = self._open[-1] if self._open else None
        if holder is not None and isinstance(holder.value, dict) and holder.name is None:
            self._name(holder, event.value, event)
            self._anchor(event, event.value, 1)
            return
        value = _plain(event)
        self._anchor(event, value, 1)
        self._put(value, 1, event)

    def _begin(self, event: Any, value: dict[str, Any] | list[Any]) -> None:
        _tag(event)
        holder = self._open[-1] if self._open else None
        if holder is not None and isinstance(holder.value, dict) and holder.name is None:
            raise _wrong("a name must be a text, not an object or a list", event)
        if len(self._open) >= DEEPEST:
            raise _wrong(TOO_DEEP, event)
        self._open.append(_Open(value, event))

    def _end(self) -> None:
        done = self._open.pop()
        if isinstance(done.value, dict):
            for other in done.merged:
                for name, value in other.items():
                    done.value.setdefault(name, value)
        self._anchor(done.event, done.value, done.size)
        self._put(done.value, done.size, done.event)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchored:
            inside = any(frame.event.anchor == event.anchor for frame in self._open)
            problem = "contains itself" if inside else "is not defined"
            raise _wrong(f"the anchor {event.anchor!r} {problem}", event)
        value, size = self._anchored[event.anchor]
        holder = self._open[-1] if self._open else None
        if holder is not None and isinstance(holder.value, dict) and holder.name is None:
            if not isinstance(value, str):
                raise _wrong("a name must be a text", event)
            self._name(holder, value, event)
            return
        self._put(value, size, event)

    def _anchor(self, event: Any, value: Any, size: int) -> None:
        if event.anchor is not None:
            self._anchored[event.anchor] = (value, size)

    def _name(self, holder: _Open, name: str, event: Any) -> None:
        if name in holder.value:
            raise _wrong(f"{name!r} appears twice in one object", event)
        holder.name = name

    def _put(self, value: Any, size: int, event: Any) -> None:
        if not self._open:
            self.root = value
            return
        holder = self._open[-1]
        holder.size += size
        if holder.size > self._most:
            raise _wrong("its anchors expand to too many values", event)
        if isinstance(holder.value, list):
            holder.value.append(value)
        elif holder.name == MERGE:
            holder.merged += _sources(value, event)
            holder.name = None
        elif holder.name is not None:
            holder.value[holder.name] = value
            holder.name = None


def _sources(value: Any, event: Any) -> Iterator[dict[str, Any]]:
    """The objects that a merge key names: one, or a list of them."""
    for source in value if isinstance(value, list) else [value]:
        if not isinstance(source, dict):
            raise _wrong(f"{MERGE!r} merges objects only", event)
        yield source


def _plain(event: Any) -> Any:
    """The value of a scalar: a text if it is quoted, else the type that it looks like."""
    kind, text = _tag(event), event.value
    if kind == "str" or (kind == "" and not event.implicit[0]):
        return text
    if kind in {"", "null"} and NULL.fullmatch(text):
        return None
    if kind in {"", "bool"} and TRUTH.fullmatch(text):
        return text.lower() == "true"
    if kind in {"", "int", "float"} and WHOLE.fullmatch(text) and len(text) <= MOST_DIGITS:
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    if kind in {"", "float"} and NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    if kind:
        raise _wrong(f"{text[:40]!r} is not a valid {kind}", event)
    return text  # including numbers that are too large, such as the hexadecimal id 12e3456


def _tag(event: Any) -> str:
    """The type that a tag names; empty without a tag."""
    tag = event.tag
    if tag in {None, "", "!"}:
        return "str" if tag == "!" and hasattr(event, "value") else ""
    kind = str(tag).removeprefix(CORE)
    if kind not in KINDS or not str(tag).startswith(CORE):
        raise _wrong(f"the tag {str(tag)[:60]!r} has no meaning in JSON", event)
    return kind


def _wrong(problem: str, event: Any) -> TextError:
    mark = event.start_mark
    return TextError(problem, mark.line + 1, mark.column + 1)
