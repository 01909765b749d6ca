"""Rows as answers show them."""

import sqlite3
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

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


class _Snapshot(sqlite3.Connection):
    """A connection that stays in the read transaction in which it began."""

    def rollback(self) -> None:
        """Stay; the session that used the snapshot has nothing to undo."""

    def close(self) -> None:
        """Stay open for the next session."""

    def end(self) -> None:
        """Close the connection."""
        super().close()


class Snapshots:
    """The states of a database of the last `lag_s` seconds, and the newest one before them."""

    def __init__(self, path: Path, lag_s: float) -> None:
        self._path = path
        self._lag_s = lag_s
        self._taken: deque[tuple[float, _Snapshot]] = deque()
        self.engine = create_engine("sqlite://", creator=self._current, poolclass=NullPool)

    def take(self) -> None:
        """Remember the present state."""
        snapshot: _Snapshot = sqlite3.connect(self._path, factory=_Snapshot, isolation_level=None)
        snapshot.execute("BEGIN")
        snapshot.execute("SELECT count(*) FROM sqlite_master").fetchone()  # this fixes the state
        self._taken.append((monotonic(), snapshot))

    def close(self) -> None:
        """Forget every state."""
        while self._taken:
            self._taken.popleft()[1].end()

    def _current(self) -> Any:
        """Return the newest state that is old enough, or the oldest there is."""
        if not self._taken:
            self.take()
        while len(self._taken) > 1 and self._taken[1][0] <= monotonic() - self._lag_s:
            self._taken.popleft()[1].end()
        return self._taken[0][1]
