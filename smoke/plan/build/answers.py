"""Answers: the single values in the documented success of an operation, and their places."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from smoke.contract import Contract, Media, Operation
from smoke.contract.media import is_json
from smoke.contract.pointers import escape, follow, local, lookup, split

# Ids are rarely deeper than `data.items[0].id`.
MAX_DEPTH = 4
MAX_HOPS = 16
# The most fields of one answer; recursive schemas have endlessly many.
MAX_FIELDS = 500

SCALARS = frozenset({"string", "integer", "number"})


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an answer; `rows` counts the lists around it, read at their first item."""

    pointer: str
    name: str
    types: frozenset[str]
    format: str | None
    rows: int
    required: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A schema inside the schema of an answer, and the place of its value."""

    schema: Any
    pointer: str
    rows: int
    required: bool
    name: str = ""


class Answers:
    """Fields of success answers, read once for each operation."""

    def __init__(self, contract: Contract) -> None:
        self._schemas = contract.schemas
        self._document = contract.schemas.view("response")
        self._fields: dict[str, tuple[Field, ...]] = {}
        self._resolved: dict[int, dict[str, Any]] = {}

    def fields(self, operation: Operation) -> tuple[Field, ...]:
        """The fields of the first documented success that has a JSON body, the outermost first."""
        media = _media(operation)
        if media is None:
            return ()
        pointer = self._schemas.canonical(media.pointer)
        # Many operations answer with the same schema.
        if pointer not in self._fields:
            self._fields[pointer] = tuple(islice(self._all(self._at(media)), MAX_FIELDS))
        return self._fields[pointer]

    def members(self, operation: Operation) -> list[str]:
        """The names of the outermost fields of that answer; empty if it is not an object."""
        media = _media(operation)
        return [] if media is None else list(self._resolve(self._at(media)).get("properties", ()))

    def _at(self, media: Media) -> Any:
        return lookup(self._document, split(media.pointer))

    def _resolve(self, schema: Any, depth: int = 0) -> dict[str, Any]:
        """A schema with references followed, and with the first alternative that is not null."""
        if id(schema) not in self._resolved:
            # A schema that contains itself finds this empty one.
            self._resolved[id(schema)] = {}
            self._resolved[id(schema)] = self._followed(schema, depth)
        return self._resolved[id(schema)]

    def _followed(self, schema: Any, depth: int) -> dict[str, Any]:
        for _ in range(MAX_HOPS):
            if not isinstance(schema, dict) or depth > MAX_HOPS:
                return {}
            if "$ref" in schema:
                schema = lookup(self._document, local(schema["$ref"]))
            elif not {"type", "properties"} & set(schema) and (
                options := schema.get("anyOf") or schema.get("oneOf")
            ):
                schema = next((o for o in options if o != {"type": "null"}), {})
            elif "allOf" in schema and "properties" not in schema:
                schema = self._merged(schema["allOf"], depth + 1)
            else:
                return schema
        return {}

    def _merged(self, parts: list[Any], depth: int) -> dict[str, Any]:
        merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in parts:
            schema = self._resolve(part, depth)
            merged["properties"] |= schema.get("properties", {})
            merged["required"] += schema.get("required", [])
            # A single part keeps its other keywords, such as its type.
            if len(parts) == 1:
                return schema
        return merged

    def _all(self, schema: Any) -> Iterator[Field]:
        """The fields level by level: the limit then keeps the outermost ones."""
        level = [_Part(schema, "", 0, True)]
        for _ in range(MAX_DEPTH + 1):
            below: list[_Part] = []
            for part in level:
                for inner in self._parts(part):
                    yield from self._scalar(inner)
                    below.append(inner)
            level = below[:MAX_FIELDS]

    def _parts(self, part: _Part) -> Iterator[_Part]:
        schema = self._resolve(part.schema)
        for name, member in schema.get("properties", {}).items():
            required = part.required and name in schema.get("required", ())
            yield _Part(member, f"{part.pointer}/{escape(name)}", part.rows, required, name)
        # A row inside a row would need to say which row around it is meant.
        if schema.get("items") and part.rows == 0:
            yield _Part(schema["items"], f"{part.pointer}/0", 1, part.required)

    def _scalar(self, part: _Part) -> Iterator[Field]:
        schema = self._resolve(part.schema)
        kinds = types(schema)
        if kinds and kinds <= SCALARS | {"null"}:
            kind = schema.get("format")
            yield Field(part.pointer, part.name, kinds - {"null"}, kind, part.rows, part.required)


def _media(operation: Operation) -> Media | None:
    # Without a documented success, `default` may describe the answer.
    for status in operation.success or (200,):
        response = operation.response(status)
        for name, media in (response.content if response else {}).items():
            if is_json(name) and media.schema is not None:
                return media
    return None


def is_choice(schema: Any, document: Any) -> bool:
    """Whether a schema lists its values: itself, behind a reference, or in an allOf."""
    found = follow(document, schema)
    if not isinstance(found, dict):
        return False
    parts = [found, *(follow(document, part) for part in found.get("allOf", ()))]
    return any({"enum", "const"}.intersection(part) for part in parts if isinstance(part, dict))


def types(schema: dict[str, Any]) -> frozenset[str]:
    """The JSON types that a schema declares; empty if it declares none."""
    kind = schema.get("type")
    if kind is None and "enum" in schema:
        return frozenset({"string"} if all(isinstance(v, str) for v in schema["enum"]) else ())
    return frozenset([kind] if isinstance(kind, str) else kind or ())
