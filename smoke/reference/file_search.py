"""
Searching the files of a store: chunks of text, found by SQLite's FTS5, the best first.

FTS5: https://www.sqlite.org/fts5.html.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from .database import Table
from .ranking import words_of, worths

_CREATE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS vector_store_chunks USING fts5("
    "body, store_id UNINDEXED, file_id UNINDEXED, tokenize = 'unicode61 remove_diacritics 2')"
)
_INSERT = text(
    "INSERT INTO vector_store_chunks (body, store_id, file_id) VALUES (:body, :store, :file)"
)
_DELETE_FILE = text("DELETE FROM vector_store_chunks WHERE store_id = :store AND file_id = :file")
_DELETE_STORE = text("DELETE FROM vector_store_chunks WHERE store_id = :store")
_FIND = text(
    "SELECT file_id, body FROM vector_store_chunks "
    "WHERE vector_store_chunks MATCH :query AND store_id = :store LIMIT 500"
)
_COUNT = text("SELECT count(*) FROM vector_store_chunks WHERE store_id = :store")
_CHUNK_WORDS, _OVERLAP_WORDS = 800, 400
_CHUNKS_SHOWN = 5


@event.listens_for(Table.metadata, "after_create")
def _create(_metadata: object, connection: Connection, **_options: object) -> None:
    """
    Make the index with the tables; SQLAlchemy does not know virtual ones.
    """
    connection.exec_driver_sql(_CREATE)


@dataclass(slots=True)
class Hit:
    """
    A file in which something was found: its best chunks, best first.
    """

    file_id: UUID
    score: float
    chunks: list[str] = field(default_factory=list)


async def index_file(
    session: AsyncSession,
    store_id: UUID,
    file_id: UUID,
    body: str,
    strategy: dict[str, Any] | None,
) -> None:
    """
    Make the text of a file of a store searchable.
    """
    rows = [
        {"body": chunk, "store": store_id.hex, "file": file_id.hex}
        for chunk in chunks_of(body, strategy)
    ]
    if rows:
        await session.execute(_INSERT, rows)


async def forget_file(session: AsyncSession, store_id: UUID, file_id: UUID) -> None:
    """
    Make a file of a store unsearchable.
    """
    await session.execute(_DELETE_FILE, {"store": store_id.hex, "file": file_id.hex})


async def forget_store(session: AsyncSession, store_id: UUID) -> None:
    """
    Make all files of a store unsearchable.
    """
    await session.execute(_DELETE_STORE, {"store": store_id.hex})


async def search_store(session: AsyncSession, store_id: UUID, query: str) -> list[Hit]:
    """
    Return the files of a store that share a word with the query, the best match first.
    """
    words = list(dict.fromkeys(words_of(query)))
    if not words:
        return []
    match = " OR ".join(f'"{word}"' for word in words)
    found = (await session.execute(_FIND, {"query": match, "store": store_id.hex})).all()
    total = await session.scalar(_COUNT, {"store": store_id.hex}) or 0
    worth_of = worths(words, [body for _, body in found], total)
    hits: dict[str, Hit] = {}
    for worth, (file_id, body) in sorted(zip(worth_of, found, strict=True), reverse=True):
        hit = hits.setdefault(file_id, Hit(UUID(file_id), worth))
        if len(hit.chunks) < _CHUNKS_SHOWN:
            hit.chunks.append(body)
    return list(hits.values())


def chunks_of(body: str, strategy: dict[str, Any] | None) -> Iterator[str]:
    """
    Give the overlapping pieces of a text; a static strategy's tokens are taken for words.
    """
    static = (strategy or {}).get("static") or {}
    size = _number(static, "max_chunk_size_tokens", _CHUNK_WORDS, least=1)
    overlap = min(_number(static, "chunk_overlap_tokens", _OVERLAP_WORDS, least=0), size // 2)
    words = body.split()
    for start in range(0, max(len(words) - overlap, min(len(words), 1)), size - overlap):
        yield " ".join(words[start : start + size])


def _number(values: Any, name: str, default: int, *, least: int) -> int:
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, int) and value >= least else default
