"""Pages of long lists: opaque cursors over a key, and offsets.

A cursor holds the key of the last row given out, so rows that appear or vanish meanwhile never
shift a page. Lists are newest first; the variant may turn them round.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query
from sqlalchemy import Select, func, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..database import variant_of
from .errors import Refusal, bad_request

Row = TypeVar("Row")
Item = TypeVar("Item")
Key = Sequence[InstrumentedAttribute[Any]]
Cursor = str | None
Offset = Annotated[int, Query(ge=0)]
Limit100 = Annotated[int, Query(ge=1, le=100)]
Limit200 = Annotated[int, Query(ge=1, le=200)]
Limit1000 = Annotated[int, Query(ge=1, le=1000)]


def encode_cursor(values: Sequence[object]) -> str:
    """Return the opaque text that stands for a position."""
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode()


def decode_cursor(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """Return the position that the opaque text stands for.

    Raises:
        Refusal: 400, the text was not made by `encode_cursor` for these kinds.
    """
    try:
        texts = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        return [_value(text, kind) for text, kind in zip(texts, kinds, strict=True)]
    except (binascii.Error, ValueError, TypeError) as error:
        raise _malformed() from error


def keyset_page(
    session: Session,
    query: Select[Row],
    key: Key,
    *,
    limit: int,
    cursor: str | None,
    newest_first: bool | None = None,
) -> tuple[list[Row], str | None]:
    """Return one page of rows ordered by a unique key, and the cursor of the next page if any.

    Raises:
        Refusal: 400, the cursor is malformed.
    """
    variant = variant_of(session)
    descends = variant.newest_first if newest_first is None else newest_first
    if cursor:
        position = tuple(decode_cursor(cursor, [column.type.python_type for column in key]))
        last = tuple_(*key)
        query = query.where(last < position if descends else last > position)
    rows = list(session.scalars(query.order_by(*_order(key, descends)).limit(limit + 1)))
    if not _goes_on(session, rows, limit):
        return rows, None
    page = rows[:limit]
    return page, encode_cursor([getattr(page[-1], column.key) for column in key])


def slice_page(
    items: Sequence[Item], *, limit: int, cursor: str | None
) -> tuple[list[Item], str | None]:
    """Return one page of a fixed catalogue, and the cursor of the next page if any.

    Raises:
        Refusal: 400, the cursor is malformed.
    """
    start = decode_cursor(cursor, [int])[0] if cursor else 0
    if start < 0:
        raise _malformed()
    end = start + limit
    return list(items[start:end]), encode_cursor([end]) if end < len(items) else None


def offset_page(
    session: Session, query: Select[Row], key: Key, *, limit: int, offset: int
) -> tuple[list[Row], int | None]:
    """Return one page of a query of rows, and the offset of the next page if any."""
    query = query.order_by(*_order(key, variant_of(session).newest_first))
    rows = list(session.scalars(query.limit(limit + 1).offset(offset)))
    return rows[:limit], offset + limit if _goes_on(session, rows, limit) else None


def counted_page(
    session: Session, query: Select[Row], key: Key, *, limit: int, offset: int
) -> tuple[list[Row], int]:
    """Return one page of a query of rows, and how many rows all pages have."""
    total = session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True))
    rows, _ = offset_page(session, query, key, limit=limit, offset=offset)
    return rows, total or 0


def _order(key: Key, descends: bool) -> list[Any]:
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
