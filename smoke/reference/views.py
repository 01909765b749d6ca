"""Rows as answers show them."""

from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel

Schema = TypeVar("Schema", bound=BaseModel)
# The fields that a schema and a kind of row have in common.
_SHARED: dict[tuple[object, ...], list[str]] = {}


def shown(schema: type[Schema], row: object, **more: Any) -> Schema:
    """Return a row as a schema shows it; `more` adds fields that have another name in the row."""
    key = (schema, type(row), *more)
    names = _SHARED.get(key)
    if names is None:
        names = [name for name in schema.model_fields if name not in more and hasattr(row, name)]
        _SHARED[key] = names
    return schema.model_validate({name: getattr(row, name) for name in names} | more)


def iso(moment: datetime | None) -> str | None:
    """Return a moment for a field that is documented as any text."""
    return moment.isoformat() if moment else None
