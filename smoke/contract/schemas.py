"""
Schemas of the contract as JSON Schema 2020-12, as a request or a response sees them.

OpenAPI 3.0 has its own dialect (`nullable`, boolean `exclusiveMinimum`), and `readOnly` and
`writeOnly` make one schema mean two things; both are rewritten before anything is compiled.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote

import jsonschema_rs

from smoke.contract.bundle import FILES, is_schema
from smoke.contract.document import LITERAL_KEYS
from smoke.contract.hidden import Hidden
from smoke.contract.pointers import at, join, local, lookup, split
from smoke.errors import DataError

Direction = Literal["request", "response"]
URI = "urn:smoke:contract"
MAX_HOPS = 32
# The most schemas in the kept validators, at about a kilobyte each. In large contracts each
# validator may reach every schema, so keeping all would fill the memory.
MOST_KEPT = 120_000

MOST_ALONE = 60
REFERRING = frozenset({"$ref", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$schema"})

_Key = tuple[Direction, str, bool]
HIDDEN: Mapping[Direction, str] = {"request": "readOnly", "response": "writeOnly"}
MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
SINGLES = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties", "contentSchema"}
)


class Schemas:
    """Validators by pointer, compiled on first use."""

    def __init__(self, document: dict[str, Any], source: str) -> None:
        self._document = document
        self._source = source
        self._registries: dict[Direction, jsonschema_rs.Registry] = {}
        self._views: dict[Direction, dict[str, Any]] = {}
        self._validators: OrderedDict[_Key, jsonschema_rs.Draft202012Validator] = OrderedDict()
        self._small: dict[tuple[str, bool], jsonschema_rs.Draft202012Validator] = {}
        self._weights = _Weights(document)
        self._kept = 0

    def view(self, direction: Direction) -> dict[str, Any]:
        """The whole document with its schemas rewritten for one direction."""
        if direction not in self._views:
            old = self._document["openapi"].startswith("3.0")
            mentioned = _mentions(self._document, HIDDEN[direction])
            hidden = Hidden(self._document, HIDDEN[direction]) if mentioned else None
            plain = self._document if not old and hidden is None else None
            self._views[direction] = plain or _Rewriter(self._document, hidden, old).tree(
                self._document
            )
        return self._views[direction]

    def validator(
        self, pointer: str, direction: Direction, *, formats: bool = True
    ) -> jsonschema_rs.Draft202012Validator:
        """
        The validator of the schema at a pointer; without `formats` it validates shapes only.

        Raises:
            DataError: the schema itself is invalid.
        """
        pointer = self.canonical(pointer)
        alone = _alone(self.at(pointer, direction))
        if alone and (simple := self._simple(alone, formats)) is not None:
            return simple
        key = (direction, pointer, formats)
        if key in self._validators:
            self._validators.move_to_end(key)
            return self._validators[key]
        found = self._validators[key] = self._compile(pointer, direction, formats)
        self._kept += self._weights.of(pointer)
        while self._kept > MOST_KEPT and len(self._validators) > 1:
            (_, dropped, _), _ = self._validators.popitem(last=False)
            self._kept -= self._weights.of(dropped)
        return found

    def _simple(self, text: str, formats: bool) -> jsonschema_rs.Draft202012Validator | None:
        """
        The shared validator of a small schema without references: hundreds of places use the same.

        None for an invalid schema: compiling it at its own place gives an error with that place.
        """
        if (text, formats) not in self._small:
            try:
                self._small[text, formats] = jsonschema_rs.Draft202012Validator(
                    json.loads(text), validate_formats=formats, offline=True
                )
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
                return None
        return self._small[text, formats]

    def canonical(self, pointer: str) -> str:
        """The final target of a pointer, if the schema there is only a reference."""
        for _ in range(MAX_HOPS):
            node = at(self._document, pointer)
            if not isinstance(node, dict) or set(node) != {"$ref"}:
                break
            pointer = join(*local(str(node["$ref"])))
        return pointer

    def _compile(
        self, pointer: str, direction: Direction, formats: bool
    ) -> jsonschema_rs.Draft202012Validator:
        if direction not in self._registries:
            resources = [(URI, self.view(direction))]
            self._registries[direction] = jsonschema_rs.Registry(resources)
        schema = {"$ref": f"{URI}#{quote(pointer, safe='/~')}"}
        try:
            return jsonschema_rs.Draft202012Validator(
                schema, registry=self._registries[direction], validate_formats=formats, offline=True
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
            reason = str(error).splitlines()[0][:200]
            place = join(*getattr(error, "instance_path", ()))
            where = f" (at #{place})" if place else ""
            raise DataError(
                f"{self._source}#{pointer}: this schema cannot be used: {reason}{where}. "
                "Correct it there."
            ) from None

    def at(self, pointer: str, direction: Direction) -> Any:
        """The rewritten schema at a pointer, without following references."""
        return lookup(self.view(direction), split(pointer))


class _Weights:
    """How many objects are reachable from a place; each reference target counts once."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._own: dict[str, tuple[int, frozenset[str]]] = {}

    def of(self, pointer: str) -> int:
        """The number of objects in the schema at a pointer, with references followed."""
        todo, met, count = [pointer], {pointer}, 0
        while todo:
            size, refs = self._at(todo.pop())
            count += size
            todo += refs - met
            met |= refs
        return count

    def _at(self, pointer: str) -> tuple[int, frozenset[str]]:
        if pointer not in self._own:
            stack, count, refs = [at(self._document, pointer)], 0, set()
            while stack:
                node = stack.pop()
                if isinstance(node, list):
                    stack.extend(node)
                elif isinstance(node, dict):
                    count += 1
                    if isinstance(node.get("$ref"), str):
                        refs.add(join(*local(node["$ref"])))
                    stack.extend(node.values())
            self._own[pointer] = (count, frozenset(refs))
        return self._own[pointer]


def _alone(schema: Any) -> str:
    """The text of a schema that is small and refers to nothing; empty for any other."""
    stack, count = [schema], 0
    while stack:
        node = stack.pop()
        count += 1
        if count > MOST_ALONE:
            return ""
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            if not REFERRING.isdisjoint(node):
                return ""
            stack.extend(node.values())
    return json.dumps(schema, sort_keys=True)


def _mentions(node: Any, key: str) -> bool:
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if node.get(key) is True:
                return True
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
    return False


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
