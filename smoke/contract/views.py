"""
Views of a document: its schemas as JSON Schema 2020-12, as a request or a response sees them.

OpenAPI 3.0 has its own dialect (`nullable`, boolean `exclusiveMinimum`), and `readOnly` and
`writeOnly` make one schema mean two things; both are rewritten before anything is compiled.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from smoke.contract.document import FILES, LITERAL_KEYS, is_schema
from smoke.contract.pointers import follow, objects

# Properties of the other direction: `readOnly` in a request, `writeOnly` in an answer.
#
# The flag and the `required` list may be in different parts of one schema, joined by `allOf`,
# `anyOf`, `oneOf`, conditions or references. A flag in one part therefore applies to every schema
# that includes the part, and to all other parts of that schema.
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


Direction = Literal["request", "response"]
HIDDEN: Mapping[Direction, str] = {"request": "readOnly", "response": "writeOnly"}
MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
SINGLES = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties", "contentSchema"}
)


def view(document: dict[str, Any], direction: Direction) -> dict[str, Any]:
    """The whole document with its schemas rewritten for one direction."""
    old = document["openapi"].startswith("3.0")
    mentioned = any(node.get(HIDDEN[direction]) is True for node in objects(document))
    hidden = Hidden(document, HIDDEN[direction]) if mentioned else None
    # Most documents need no rewriting; the document itself then saves a copy.
    if not old and hidden is None:
        return document
    rewritten: dict[str, Any] = _Rewriter(document, hidden, old).tree(document)
    return rewritten


class _Rewriter:
    """Copies only what changes: what stays as it was is shared with the document."""

    def __init__(self, document: dict[str, Any], hidden: Hidden | None, old: bool) -> None:
        self._document = document
        self._hidden = hidden
        self._old = old

    def tree(self, node: Any) -> Any:
        """A part of the document that is not a schema."""
        if isinstance(node, list):
            return _or_same([self.tree(item) for item in node], node)
        if not isinstance(node, dict):
            return node
        return _or_same({key: self._member(key, value) for key, value in node.items()}, node)

    def _member(self, key: str, value: Any) -> Any:
        if key == "responses" and isinstance(value, dict):
            return {status: self.tree(response) for status, response in value.items()}
        if key in LITERAL_KEYS:
            return value
        if key in {"schema", "itemSchema"}:
            return self.schema(value)
        if key == FILES and isinstance(value, dict):
            return {path: self._file(content) for path, content in value.items()}
        if key == "schemas" and isinstance(value, dict):
            return {name: self.schema(schema) for name, schema in value.items()}
        return self.tree(value)

    def _file(self, content: Any) -> Any:
        """A bundled file: a schema, schemas by name, or parts like those of the document."""
        if is_schema(content):
            return self.schema(content)
        if isinstance(content, dict) and content and all(map(is_schema, content.values())):
            return {name: self.schema(schema) for name, schema in content.items()}
        return self.tree(content)

    def schema(self, node: Any) -> Any:
        """One schema and all below it."""
        if not isinstance(node, dict):
            return node
        if self._old and "$ref" in node:
            return _nullable({"$ref": node["$ref"]}, node)
        new = {key: self._keyword(key, value) for key, value in node.items()}
        if self._hidden is not None:
            _hide(self._hidden, node, new)
        return _or_same(_nullable(_exclusive(new), node) if self._old else new, node)

    def _keyword(self, key: str, value: Any) -> Any:
        if key in MAPS and isinstance(value, dict):
            return _or_same({name: self.schema(schema) for name, schema in value.items()}, value)
        if key in LISTS and isinstance(value, list):
            return _or_same([self.schema(schema) for schema in value], value)
        return self.schema(value) if key in SINGLES else value


def _or_same(new: Any, old: Any) -> Any:
    """The old value, if the new one has the very same members: views share unchanged parts."""
    if len(new) != len(old):
        return new
    pairs = (
        zip(new, old, strict=True)
        if isinstance(new, list)
        else ((value, old.get(key)) for key, value in new.items())
    )
    return old if all(mine is other for mine, other in pairs) else new


def _hide(hidden: Hidden, node: dict[str, Any], new: dict[str, Any]) -> None:
    """A property of the other direction is neither required nor allowed."""
    own = hidden.own(node)
    if own:
        new["properties"] = new["properties"] | dict.fromkeys(own, False)
    required = hidden.required(node)
    if len(required) != len(node.get("required", ())):
        new["required"] = required


def _exclusive(schema: dict[str, Any]) -> dict[str, Any]:
    for bound in ("Minimum", "Maximum"):
        flag, limit = f"exclusive{bound}", bound.lower()
        if isinstance(schema.get(flag), bool):
            exclusive = schema.pop(flag)
            if exclusive and limit in schema:
                schema[flag] = schema.pop(limit)
    return schema


def _nullable(schema: dict[str, Any], original: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 allows null by a flag, which is honoured even next to `$ref`: authors mean it."""
    if original.get("nullable") is not True:
        return schema
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        return schema
    return {"anyOf": [schema, {"type": "null"}]}
