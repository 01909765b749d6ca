"""Rows as answers show them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel

Schema = TypeVar("Schema", bound=BaseModel)
# The fields that a schema and a kind of row have in common, and the texts of the schema.
_KNOWN: dict[tuple[object, ...], tuple[list[str], list[str]]] = {}


def shown(schema: type[Schema], row: object, **more: Any) -> Schema:
    """Return a row as a schema shows it; `more` adds fields that have another name in the row.

    Ids and moments become texts where the contract says no more than that.
    """
    key = (schema, type(row), *more)
    if key not in _KNOWN:
        shared = [name for name in schema.model_fields if name not in more and hasattr(row, name)]
        _KNOWN[key] = shared, [*filter(_is_text(schema), [*shared, *more])]
    shared, texts = _KNOWN[key]
    values = {name: getattr(row, name) for name in shared} | more
    for name in texts:
        values[name] = _text(values[name])
    return schema.model_validate(values)


def _is_text(schema: type[BaseModel]) -> Callable[[str], bool]:
    """Return the question whether a field of a schema may be any text."""
    fields = schema.model_fields

    def is_text(name: str) -> bool:
        kind = fields[name].annotation if name in fields else None
        return str in [getattr(one, "__origin__", one) for one in (kind, *get_args(kind))]

    return is_text


def _text(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
