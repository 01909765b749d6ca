"""
Answers: which single values the documented success of an operation carries, and where.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smoke.contract.findings import is_json
from smoke.contract.pointers import escape, local, lookup, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.contract import Contract, Media, Operation

MAX_DEPTH = 4
SCALARS = frozenset({"string", "integer", "number"})


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an answer; `rows` counts the lists on the way, whose first item is meant."""

    pointer: str
    name: str
    types: frozenset[str]
    format: str | None
    rows: int
    required: bool


class Answers:
    """Fields of success answers, read once for each operation."""

    def __init__(self, contract: Contract) -> None:
        self._document = contract.schemas.view("response")
        self._fields: dict[str, tuple[Field, ...]] = {}

    def fields(self, operation: Operation) -> tuple[Field, ...]:
        """
        The fields of the first documented success that has a JSON body, the outermost first.
        """
        if operation.id not in self._fields:
            media = _media(operation)
            found = [] if media is None else list(self._of(self._at(media), "", 0, 0, True))
            found.sort(key=lambda field: field.pointer.count("/"))
            self._fields[operation.id] = tuple(found)
        return self._fields[operation.id]

    def _at(self, media: Media) -> Any:
        return lookup(self._document, split(media.pointer))

    def _resolve(self, schema: Any) -> dict[str, Any]:
        """A schema with references followed, and of alternatives the first that is not null."""
        for _ in range(16):
            if not isinstance(schema, dict):
                return {}
            if "$ref" in schema:
                schema = lookup(self._document, local(schema["$ref"]))
            elif not {"type", "properties"} & set(schema) and (
                options := schema.get("anyOf") or schema.get("oneOf")
            ):
                schema = next((o for o in options if o != {"type": "null"}), {})
            elif "allOf" in schema and "properties" not in schema:
                schema = self._merged(schema["allOf"])
            else:
                return schema
        return {}

    def _merged(self, parts: list[Any]) -> dict[str, Any]:
        merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in parts:
            schema = self._resolve(part)
            merged["properties"] |= schema.get("properties", {})
            merged["required"] += schema.get("required", [])
            if len(parts) == 1:
                return schema
        return merged

    def _of(self, raw: Any, pointer: str, depth: int, rows: int, required: bool) -> Iterator[Field]:
        schema = self._resolve(raw)
        if depth > MAX_DEPTH:
            return
        for name, member in (schema.get("properties") or {}).items():
            here = f"{pointer}/{escape(name)}"
            needed = required and name in schema.get("required", ())
            yield from self._scalar(member, here, name, rows, needed)
            yield from self._of(member, here, depth + 1, rows, needed)
        if schema.get("items") and rows == 0:
            yield from self._scalar(schema["items"], f"{pointer}/0", "", 1, required)
            yield from self._of(schema["items"], f"{pointer}/0", depth + 1, 1, required)

    def _scalar(
        self, raw: Any, pointer: str, name: str, rows: int, required: bool
    ) -> Iterator[Field]:
        schema = self._resolve(raw)
        kinds = types(schema)
        if kinds and kinds <= SCALARS | {"null"}:
            yield Field(pointer, name, kinds - {"null"}, schema.get("format"), rows, required)


def _media(operation: Operation) -> Media | None:
    for status in operation.success or (200,):
        response = operation.response(status)
        for name, media in (response.content if response else {}).items():
            if is_json(name) and media.schema is not None:
                return media
    return None


def types(schema: dict[str, Any]) -> frozenset[str]:
    """The JSON types a schema allows, as far as it says so."""
    kind = schema.get("type")
    if kind is None and "enum" in schema:
        return frozenset({"string"} if all(isinstance(v, str) for v in schema["enum"]) else ())
    return frozenset([kind] if isinstance(kind, str) else kind or ())
