"""
Views of a document: its schemas as JSON Schema 2020-12, as a request or a response sees them.

OpenAPI 3.0 has its own dialect (`nullable`, boolean `exclusiveMinimum`), and `readOnly` and
`writeOnly` make one schema mean two things; both are rewritten before anything is compiled.
"""

from collections.abc import Mapping
from typing import Any, Literal

from smoke.contract.bundle import FILES, is_schema
from smoke.contract.document import LITERAL_KEYS
from smoke.contract.hidden import Hidden
from smoke.contract.pointers import objects

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
