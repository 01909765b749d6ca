"""Bodies: their media type, single values with the schema of each, files, and merging two."""

import copy
from collections.abc import Iterator
from typing import Any

from smoke.config.rules import Rule
from smoke.contract import Media, Operation
from smoke.contract.findings import STRUCTURED
from smoke.contract.media import essence_of, kind_of, kind_of_body
from smoke.contract.pointers import local, lookup
from smoke.plan.values import mark_of

FILES: dict[str, dict[str, str]] = {
    "image/png": {
        "name": "smoke.png",
        "type": "image/png",
        "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChw"
        "GA60e6kgAAAABJRU5ErkJggg==",
    },
    "application/pdf": {
        "name": "smoke.pdf",
        "type": "application/pdf",
        "text": "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    },
    "application/json": {"name": "smoke.json", "type": "application/json", "text": "{}\n"},
    "text/csv": {"name": "smoke.csv", "type": "text/csv", "text": "name\nsmoke\n"},
}
MAX_HOPS = 16
# Keywords that define the type of a field.
TYPED = frozenset({"type", "enum", "const", "properties", "items", "pattern", "maxLength"})

PLAIN_FILE = {"name": "smoke.txt", "type": "text/plain", "text": "made by a smoke run\n"}


def structured(media: Media) -> bool:
    """Whether the schema describes single fields, as for JSON and forms."""
    return kind_of_body(media) in STRUCTURED


def raw(media: Media, literal: Any) -> tuple[Any, Any]:
    """A body that is text or bytes."""
    if kind_of_body(media) == "text":
        return literal, literal
    # A range of media types cannot be sent as a Content-Type (RFC 9110, 8.3).
    kind = media.type if "*" not in media.type else "application/octet-stream"
    return "file", {"$file": dict(FILES.get(kind, PLAIN_FILE | {"type": kind}))}


def leaves(value: Any, schema: Any, document: Any) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Every single value of a body with its schema, or an empty schema if that is unknown."""
    return _Leaves(document).below(value, schema, ())


def members(schema: Any, document: Any) -> list[str]:
    """The names of the fields that an object with this schema may have, references followed."""
    return list(properties(schema, document))


def properties(schema: Any, document: Any) -> dict[str, Any]:
    """The fields that an object with this schema may have, by name, references followed."""
    found: dict[str, Any] = _Leaves(document).resolved(schema, {}).get("properties", {})
    return {name: member for name, member in found.items() if isinstance(member, dict)}


class _Leaves:
    """Follows each schema once for each value, since recursive schemas have no end."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._known: dict[tuple[int, int], dict[str, Any]] = {}

    def below(
        self, value: Any, schema: Any, tokens: tuple[Any, ...]
    ) -> Iterator[tuple[list[Any], dict[str, Any]]]:
        schema = self.resolved(schema, value)
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            for key, member in value.items():
                yield from self.below(member, properties.get(key, {}), (*tokens, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.below(item, schema.get("items", {}), (*tokens, index))
        else:
            yield list(tokens), schema

    def resolved(self, schema: Any, value: Any, depth: int = 0) -> dict[str, Any]:
        """A schema with references and alternatives resolved for a value."""
        key = (id(schema), id(value))
        if key not in self._known:
            # A schema that contains itself finds this empty one.
            self._known[key] = {}
            self._known[key] = self._followed(schema, value, depth)
        return self._known[key]

    def _followed(self, schema: Any, value: Any, depth: int) -> dict[str, Any]:
        for _ in range(MAX_HOPS):
            if not isinstance(schema, dict) or depth > MAX_HOPS:
                return {}
            if "$ref" in schema:
                schema = lookup(self._document, local(schema["$ref"]))
            elif "allOf" in schema and "properties" not in schema:
                parts = [self.resolved(part, value, depth + 1) for part in schema["allOf"]]
                schema = {
                    "properties": {k: v for p in parts for k, v in p.get("properties", {}).items()}
                }
            elif "properties" not in schema and ("anyOf" in schema or "oneOf" in schema):
                options = schema.get("anyOf") or schema.get("oneOf") or ()
                found = (self.resolved(option, value, depth + 1) for option in options)
                schema = next((option for option in found if _could_be(option, value)), {})
            else:
                return schema
        return {}


def _could_be(schema: dict[str, Any], value: Any) -> bool:
    if isinstance(value, dict):
        return set(value) <= set(schema.get("properties", ())) and "properties" in schema
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
    return schema.get("type") == kinds.get(type(value))


def own_examples(schema: dict[str, Any]) -> list[Any]:
    """The examples inside a schema."""
    found = [schema["example"]] if "example" in schema else []
    return found + (schema["examples"] if isinstance(schema.get("examples"), list) else [])


def file_type(tokens: list[Any], schema: dict[str, Any], media: Media) -> str | None:
    """The media type of a file field in a form; empty if any is allowed, None if not a file."""
    encoding = media.encoding.get(str(tokens[0]), {}) if tokens else {}
    kind = str(encoding.get("contentType", "")).partition(",")[0].strip()
    binary = schema.get("format") in {"binary", "byte"} or "contentMediaType" in schema
    # Without a type, a field is bytes (OpenAPI 3.1.0, 4.8.14.4).
    binary = binary or (len(tokens) == 1 and TYPED.isdisjoint(schema))
    if not binary and not (kind and not kind.startswith(("text/plain", "application/json"))):
        return None
    return kind or str(schema.get("contentMediaType", "")).replace("application/octet-stream", "")


def lookup_value(value: Any, tokens: list[Any]) -> Any:
    """The value at keys and indexes."""
    for token in tokens:
        value = value[token]
    return value


def put(value: Any, tokens: list[Any], new: Any) -> None:
    """Replace the value at keys and indexes."""
    if tokens:
        lookup_value(value, tokens[:-1])[tokens[-1]] = new


def merge(base: Any, over: Any) -> Any:
    """Merge two tables, the second wins; any other value is replaced."""
    if (
        isinstance(base, dict)
        and isinstance(over, dict)
        and not mark_of(over)
        and not mark_of(base)
    ):
        merged = {key: merge(base.get(key), value) for key, value in over.items()}
        return {**base, **merged}
    return copy.deepcopy(over)


WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def media_type(operation: Operation, rule: Rule) -> str | None:
    """
    The media type of a request's body: the rule's, else the simplest documented one.
    """
    if rule.media_type is not None:
        return rule.media_type
    if not operation.request_bodies:
        return None
    wanted = operation.body_required or operation.method in WITH_BODY or rule.body is not None
    return min(operation.request_bodies, key=_plainness) if wanted else None


# Kinds of bodies, the one that can be generated most reliably first.
PLAINNESS: tuple[str, ...] = (
    *("json", "form", "parts", "yaml", "lines", "sequence", "text", "bytes", "events", "xml"),
)


def _plainness(name: str) -> tuple[int, int, str]:
    """The sort key of media types; a JSON Patch comes last, since an empty one does nothing."""
    essence = essence_of(name)
    rank = 0 if essence == "application/json" else 1
    if essence == "application/json-patch+json" or "*" in essence:
        rank = 2
    return (PLAINNESS.index(kind_of(name)), rank, name)
