"""Ranking texts by how well they answer a query: BM25, computed within one store.

FTS5's own bm25() counts the whole index, so that what other tenants keep would change the order.
Robertson & Zaragoza, "The Probabilistic Relevance Framework" (2009), with an inverse document
frequency that is never negative (as Lucene's).
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_SATURATION, _LENGTH = 1.2, 0.75


def words_of(text: str) -> list[str]:
    """Return the words of a text without case and accents, as FTS5's unicode61 sees them."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))


def worths(query: Sequence[str], texts: Sequence[str], total: int) -> list[float]:
    """Return the worth of each text, from 0 up to 1, among `total` texts of which these match."""
    counts = [Counter(words_of(text)) for text in texts]
    average = sum(count.total() for count in counts) / max(1, len(counts))
    wanted = set(query)
    rarity = {word: _rarity(sum(word in count for count in counts), total) for word in wanted}
    return [_worth(count, rarity, count.total() / max(1.0, average)) for count in counts]


def _rarity(matching: int, total: int) -> float:
    return math.log(1 + (max(total, matching) - matching + 0.5) / (matching + 0.5))


def _worth(count: Counter[str], rarity: dict[str, float], relative_length: float) -> float:
    damping = _SATURATION * (1 - _LENGTH + _LENGTH * relative_length)
    worth = sum(
        rare * count[word] * (_SATURATION + 1) / (count[word] + damping)
        for word, rare in rarity.items()
    )
    return worth / (1 + worth)


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


@dataclass(slots=True)
class Hit:
    """A file in which something was found: its best chunks, best first."""

    file_id: UUID
    score: float
    chunks: list[str] = field(default_factory=list)


def index_file(
    session: Session,
    store_id: UUID,
    file_id: UUID,
    body: str,
    strategy: dict[str, Any] | None,
) -> None:
    """Make the text of a file of a store searchable."""
    rows = [
        {"body": chunk, "store": store_id.hex, "file": file_id.hex}
        for chunk in chunks_of(body, strategy)
    ]
    if rows:
        session.execute(_INSERT, rows)


def forget_file(session: Session, store_id: UUID, file_id: UUID) -> None:
    """Make a file of a store unsearchable."""
    session.execute(_DELETE_FILE, {"store": store_id.hex, "file": file_id.hex})


def forget_store(session: Session, store_id: UUID) -> None:
    """Make all files of a store unsearchable."""
    session.execute(_DELETE_STORE, {"store": store_id.hex})


def search_store(session: Session, store_id: UUID, query: str) -> list[Hit]:
    """Return the files of a store that share a word with the query, the best match first."""
    words = list(dict.fromkeys(words_of(query)))
    if not words:
        return []
    match = " OR ".join(f'"{word}"' for word in words)
    found = (session.execute(_FIND, {"query": match, "store": store_id.hex})).all()
    total = session.scalar(_COUNT, {"store": store_id.hex}) or 0
    worth_of = worths(words, [body for _, body in found], total)
    hits: dict[str, Hit] = {}
    for worth, (file_id, body) in sorted(zip(worth_of, found, strict=True), reverse=True):
        hit = hits.setdefault(file_id, Hit(UUID(file_id), worth))
        if len(hit.chunks) < _CHUNKS_SHOWN:
            hit.chunks.append(body)
    return list(hits.values())


def chunks_of(body: str, strategy: dict[str, Any] | None) -> Iterator[str]:
    """Give the overlapping pieces of a text; a static strategy's tokens are taken for words."""
    static = (strategy or {}).get("static") or {}
    size = _number(static, "max_chunk_size_tokens", _CHUNK_WORDS, least=1)
    overlap = min(_number(static, "chunk_overlap_tokens", _OVERLAP_WORDS, least=0), size // 2)
    words = body.split()
    for start in range(0, max(len(words) - overlap, min(len(words), 1)), size - overlap):
        yield " ".join(words[start : start + size])


def _number(values: Any, name: str, default: int, *, least: int) -> int:
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, int) and value >= least else default
