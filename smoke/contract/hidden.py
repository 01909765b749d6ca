"""
Properties of the other direction: `readOnly` in a request, `writeOnly` in an answer.

The flag and the `required` list may be in different parts of one schema, joined by `allOf`,
`anyOf`, `oneOf`, conditions or references. A flag in one part therefore applies to every schema
that includes the part, and to all other parts of that schema.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from smoke.contract.pointers import follow, objects

PARTS = ("allOf", "anyOf", "oneOf")
CONDITIONS = ("if", "then", "else")
MAX_HOPS = 16


class Hidden:
    """The property names that each schema of a document must omit in one direction."""

    def __init__(self, document: Mapping[str, Any], keyword: str) -> None:
        self._document = document
        self._keyword = keyword
        self._seen: dict[int, set[str]] = defaultdict(set)
        self._around: dict[int, list[dict[str, Any]]] = defaultdict(list)
        # The list is needed: `_around` is only complete when the whole document was walked.
        declaring = list(self._declaring())
        # No schema of the same value may require a hidden property, wherever it is declared.
        for schema, names in declaring:
            for holder in _closure([schema], lambda node: self._around[id(node)]):
                for part in _closure([holder], self._parts):
                    self._seen[id(part)] |= names

    def required(self, schema: Mapping[str, Any]) -> list[Any]:
        """The names that a schema still requires in this direction."""
        seen = self._seen.get(id(schema), ())
        return [name for name in schema.get("required", ()) if name not in seen]

    def own(self, schema: Mapping[str, Any]) -> set[str]:
        """The properties that a schema itself declares for the other direction."""
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return set()
        return {name for name, member in properties.items() if self._is_hidden(member)}

    def _declaring(self) -> Iterator[tuple[dict[str, Any], set[str]]]:
        """Every schema that hides properties; the walk also fills `_around`, part to includers."""
        for node in objects(self._document):
            for part in self._parts(node):
                self._around[id(part)].append(node)
            if names := self.own(node):
                yield node, names

    def _parts(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        """The schemas that apply to the same value as this one."""
        found: list[Any] = [schema[key] for key in CONDITIONS if key in schema]
        for key in PARTS:
            if isinstance(schema.get(key), list):
                found += schema[key]
        if isinstance(schema.get("$ref"), str):
            found.append(follow(self._document, schema))
        return [part for part in found if isinstance(part, dict) and part is not schema]

    def _is_hidden(self, schema: Any, hops: int = MAX_HOPS) -> bool:
        if not isinstance(schema, dict) or not hops:
            return False
        if isinstance(schema.get(self._keyword), bool):
            return bool(schema[self._keyword])
        if isinstance(schema.get("$ref"), str):
            return self._is_hidden(follow(self._document, schema), hops - 1)
        if any(self._is_hidden(part, hops - 1) for part in schema.get("allOf") or ()):
            return True
        options = [*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())]
        real = [option for option in options if option != {"type": "null"}]
        return bool(real) and all(self._is_hidden(option, hops - 1) for option in real)


def _closure(nodes: Iterable[dict[str, Any]], more: Any) -> list[dict[str, Any]]:
    """The nodes and everything reachable from them."""
    found: list[dict[str, Any]] = []
    met: set[int] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if id(node) not in met:
            met.add(id(node))
            found.append(node)
            stack.extend(more(node))
    return found
