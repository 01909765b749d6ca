"""Pages of long lists: opaque cursors over a key, and offsets.

A cursor holds the key of the last row given out, so rows that appear or vanish meanwhile never
shift a page. Lists are newest first; the variant may turn them round.
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from inspect import signature
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import Select, func, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..database import aware, variant_of
from .errors import Refusal, bad_request

Row = TypeVar("Row")
Item = TypeVar("Item")
Key = InstrumentedAttribute[Any]
Offset = Annotated[int, Query(ge=0)]


def encode_cursor(values: Sequence[object]) -> str:
    """Return the opaque text that stands for a position."""
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode()


def decode_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """Return the position that `encode_cursor` made a text of; 400 for any other text."""
    try:
        texts = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        return [_value(text, kind) for text, kind in zip(texts, kinds, strict=True)]
    except (binascii.Error, ValueError, TypeError) as error:
        raise _malformed() from error


@dataclass(frozen=True, slots=True)
class Cursors:
    """A page that begins after a cursor."""

    limit: int
    cursor: str | None

    def rows(
        self, session: Session, query: Select[Row], *key: Key, newest_first: bool | None = None
    ) -> tuple[list[Row], str | None]:
        """Return the page of rows ordered by a unique key, and the cursor of the next if any."""
        descends = variant_of(session).newest_first if newest_first is None else newest_first
        if self.cursor:
            position = tuple(decode_cursor(self.cursor, [one.type.python_type for one in key]))
            last = tuple_(*key)
            query = query.where(last < position if descends else last > position)
        query = query.order_by(*_order(key, descends)).limit(self.limit + 1)
        rows = list(session.scalars(query))
        if not _goes_on(session, rows, self.limit):
            return rows, None
        page = rows[: self.limit]
        return page, encode_cursor([getattr(page[-1], column.key) for column in key])

    def items(self, items: Sequence[Item]) -> tuple[list[Item], str | None]:
        """Return the page of a fixed catalogue, and the cursor of the next page if any."""
        start = decode_cursor(self.cursor, [int])[0] if self.cursor else 0
        if start < 0:
            raise _malformed()
        end = start + self.limit
        return list(items[start:end]), encode_cursor([end]) if end < len(items) else None


@dataclass(frozen=True, slots=True)
class Offsets:
    """A page that begins at an offset."""

    limit: int
    offset: int

    def rows(self, session: Session, query: Select[Row], *key: Key) -> tuple[list[Row], int | None]:
        """Return the page of rows of a query, and the offset of the next page if any."""
        query = query.order_by(*_order(key, variant_of(session).newest_first))
        rows = list(session.scalars(query.limit(self.limit + 1).offset(self.offset)))
        following = self.offset + self.limit if _goes_on(session, rows, self.limit) else None
        return rows[: self.limit], following

    def counted(self, session: Session, query: Select[Row], *key: Key) -> tuple[list[Row], int]:
        """Return the page of rows of a query, and how many rows all pages have."""
        total = session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True))
        return self.rows(session, query, *key)[0], total or 0


def cursors(default: int, most: int) -> Callable[..., Awaitable[Cursors]]:
    """Return the dependency on a page after a cursor, of at most so many rows."""
    Limit = Annotated[int, Query(ge=1, le=most)]  # noqa: N806  # a type

    async def page(limit: Limit = default, cursor: str | None = None) -> Cursors:
        return Cursors(limit, cursor)

    return page


def offsets(default: int, most: int) -> Callable[..., Awaitable[Offsets]]:
    """Return the dependency on a page at an offset, of at most so many rows."""
    Limit = Annotated[int, Query(ge=1, le=most)]  # noqa: N806  # a type

    async def page(limit: Limit = default, offset: Offset = 0) -> Offsets:
        return Offsets(limit, offset)

    return page


Cursors24 = Annotated[Cursors, Depends(cursors(24, 100))]
Cursors50 = Annotated[Cursors, Depends(cursors(50, 100))]
Cursors500 = Annotated[Cursors, Depends(cursors(500, 1000))]
Offsets20 = Annotated[Offsets, Depends(offsets(20, 100))]
Offsets50 = Annotated[Offsets, Depends(offsets(50, 200))]


def asked(kind: Callable[..., Row]) -> Callable[..., Awaitable[Row]]:
    """Return the dependency on the query parameters that are the fields of a dataclass."""

    async def read(**values: Any) -> Row:
        return kind(**values)

    read.__signature__ = signature(kind)  # type: ignore[attr-defined]  # what FastAPI reads
    return read


def filtered(query: Select[Row], **values: object) -> Select[Row]:
    """Return the query for the rows with these values of columns; None is any value."""
    return query.filter_by(**{name: one for name, one in values.items() if one is not None})


def between(
    query: Select[Row], column: Key, after: datetime | None, before: datetime | None
) -> Select[Row]:
    """Return the query for the rows with a moment in a span; None is an open end."""
    if after is not None:
        query = query.where(column >= aware(after))
    return query if before is None else query.where(column <= aware(before))


def _order(key: Sequence[Key], descends: bool) -> list[Any]:
    return [column.desc() if descends else column.asc() for column in key]


def _goes_on(session: Session, rows: Sequence[object], limit: int) -> bool:
    """Tell whether there is a next page, which one variant lets be an empty one."""
    return len(rows) > limit or (len(rows) == limit and variant_of(session).empty_last_page)


def _value(text: object, kind: type) -> Any:
    if not isinstance(text, str):
        raise TypeError(text)
    if kind is datetime:
        return datetime.fromisoformat(text)
    return UUID(text) if kind is UUID else kind(text)


def _malformed() -> Refusal:
    return bad_request("The cursor is malformed. Use the next_cursor of a previous page.")
