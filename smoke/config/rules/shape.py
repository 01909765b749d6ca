"""
Mistakes of form: a key that does not exist, a value of the wrong kind, in words with suggestions.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from smoke.config.rules.schema import X_SMOKE, json_schema
from smoke.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

Mistake = tuple[tuple[str | int, ...], str]


@cache
def _validator(extension: bool) -> jsonschema_rs.Draft202012Validator:
    schema = X_SMOKE if extension else json_schema()
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)


def mistakes(data: Any, extension: bool = False) -> Iterator[Mistake]:
    """Path and message of everything in the data that the schema does not allow."""
    for error in _validator(extension).iter_errors(data):
        yield from _explain(error, extension)


def _explain(error: jsonschema_rs.ValidationError, extension: bool) -> Iterator[Mistake]:
    path = tuple(error.instance_path)
    details = error.kind.as_dict()
    if error.kind.name == "additionalProperties":
        allowed = _known_keys(error, extension)
        for key in details["unexpected"]:
            known = ", ".join(allowed)
            yield (*path, key), f"unknown key {key!r}.{nearest(key, allowed)} Known: {known}."
    elif error.kind.name == "required":
        yield path, f"{details['property']!r} is missing."
    else:
        name = ".".join(str(part) for part in path if isinstance(part, str))
        yield path, f"{name}: {error.message[:200]}."


def _known_keys(error: jsonschema_rs.ValidationError, extension: bool) -> list[str]:
    """The keys that the table around an unknown key may have, read from the schema itself."""
    node: Any = X_SMOKE if extension else json_schema()
    for token in error.schema_path[:-1]:
        node = node[token]
    return sorted(node["properties"])
