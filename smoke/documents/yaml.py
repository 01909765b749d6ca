"""
YAML as OpenAPI allows it: JSON values only (OpenAPI 3.1.0, 4.2), with names as texts.

PyYAML composes the nodes, in C where it can; the values are built here. So aliases that contain
themselves or multiply ("billion laughs") are refused before they expand.
"""

import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from smoke.documents.files import TextError
from smoke.documents.json import DEEPEST, MOST_DIGITS, TOO_DEEP, too_deep

# How many values the aliases of a document may add to its written values.
MOST_REPEATED = 250_000

# The types of plain values (YAML 1.2.2, 10.3.2); `no` and dates are texts.
NULL = re.compile(r"~|null|Null|NULL|")
TRUTH = re.compile(r"true|True|TRUE|false|False|FALSE")
WHOLE = re.compile(r"[-+]?\d+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)

CORE = "tag:yaml.org,2002:"
KINDS = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}
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
    # Slow to import, and only needed for documents that are not JSON.
    import yaml

    try:
        root = _loader()(text).get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise TextError(f"neither JSON nor YAML: {error.reason}", line) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = f"neither JSON nor YAML: {error.problem or error.context}"
        problem = TOO_DEEP if error.problem == TOO_DEEP_FOR_LIBYAML else problem
        raise TextError(problem, line, column) from None
    if root is None:
        return None
    value, _ = _Values(most=len(text) + MOST_REPEATED).of(root)
    # Only aliases can still nest too deeply here: the loader counts the brackets.
    if too_deep(value):
        raise TextError(TOO_DEEP)
    return value


@cache
def _loader() -> Any:
    """PyYAML's safe loader with the types of JSON and a nesting limit."""
    import yaml

    class JsonLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        depth = 0

        def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
            if kind is yaml.ScalarNode:
                return CORE + (KINDS[type(_plain(value))] if implicit[0] else "str")
            return CORE + ("map" if kind is yaml.MappingNode else "seq")

        # The composer recurses in C, where too many levels would end the process.
        def descend_resolver(self, parent: Any, _index: Any) -> None:
            self.depth += 1
            if self.depth > DEEPEST + 1:
                raise _wrong(TOO_DEEP, parent)

        def ascend_resolver(self) -> None:
            self.depth -= 1

    return JsonLoader


class _Values:
    """The values of nodes, with their sizes; aliases share the node of their anchor."""

    def __init__(self, most: int) -> None:
        self._most = most
        # None marks a node while it is built: an alias to it is a circle.
        self._built: dict[Any, tuple[Any, int] | None] = {}

    def of(self, node: Any) -> tuple[Any, int]:
        """The value of a node, and how many values it holds with all aliases expanded."""
        if node.id == "scalar":
            return _scalar(node), 1
        if node in self._built:
            built = self._built[node]
            if built is None:
                raise _wrong("an anchor contains itself", node)
            return built
        _kind(node)
        self._built[node] = None
        value, size = self._object(node) if node.id == "mapping" else self._list(node)
        if size > self._most:
            raise _wrong("its anchors expand to too many values", node)
        self._built[node] = value, size
        return value, size

    def _list(self, node: Any) -> tuple[list[Any], int]:
        members = [self.of(member) for member in node.value]
        return [value for value, _ in members], 1 + sum(size for _, size in members)

    def _object(self, node: Any) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        merged: list[dict[str, Any]] = []
        total = 1
        for name, member in node.value:
            if name.id != "scalar":
                raise _wrong("a name must be a text, not an object or a list", name)
            if name.value in found:
                raise _wrong(f"{name.value!r} appears twice in one object", name)
            value, size = self.of(member)
            total += size
            if name.value == MERGE:
                merged += _sources(value, member)
            else:
                found[name.value] = value
        # Merging copies, so nothing is merged into an object that will be refused for its size.
        for other in merged if total <= self._most else ():
            found = other | found
        return found, total


def _sources(value: Any, node: Any) -> Iterator[dict[str, Any]]:
    """The objects that a merge key names: one, or a list of them."""
    for source in value if isinstance(value, list) else [value]:
        if not isinstance(source, dict):
            raise _wrong(f"{MERGE!r} merges objects only", node)
        yield source


def _scalar(node: Any) -> Any:
    """The value of a scalar as the type of its tag, which the loader derives where none is set."""
    kind, text = _kind(node), node.value
    if kind == "str":
        return text
    value = _plain(text)
    if KINDS[type(value)] != kind and not (kind == "float" and type(value) is int):
        raise _wrong(f"{text[:40]!r} is not a valid {kind}", node)
    return value


def _plain(text: str) -> Any:
    """The value that a text without quotes looks like."""
    if NULL.fullmatch(text):
        return None
    if TRUTH.fullmatch(text):
        return text.lower() == "true"
    if WHOLE.fullmatch(text) and len(text) <= MOST_DIGITS:
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    if NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    # Including numbers that are too large, such as the hexadecimal id 12e3456.
    return text


def _kind(node: Any) -> str:
    """The type that a tag names."""
    kind = str(node.tag).removeprefix(CORE)
    if kind not in {*KINDS.values(), "seq", "map"} or not str(node.tag).startswith(CORE):
        raise _wrong(f"the tag {str(node.tag)[:60]!r} has no meaning in JSON", node)
    return kind


def _wrong(problem: str, node: Any) -> TextError:
    mark = node.start_mark
    return TextError(problem, mark.line + 1, mark.column + 1)
