"""Ranking texts by how well they answer a query: BM25 within one store.

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

_SATURATION, _LENGTH = 1.2, 0.75


def words_of(text: str) -> list[str]:
    """Return the words of a text without case and accents."""
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


_CHUNK_WORDS, _OVERLAP_WORDS = 800, 400
_CHUNKS_SHOWN = 5


@dataclass(slots=True)
class Hit:
    """A file in which something was found: its best chunks, best first."""

    file_id: UUID
    score: float
    chunks: list[str] = field(default_factory=list)


def best_files(query: str, chunks: Sequence[tuple[UUID, str]]) -> list[Hit]:
    """Return the files of which a chunk shares a word with the query, the best match first."""
    words = set(words_of(query))
    found = [(file_id, text) for file_id, text in chunks if words.intersection(words_of(text))]
    worth_of = worths(list(words), [text for _, text in found], len(chunks))
    hits: dict[UUID, Hit] = {}
    for worth, (file_id, text) in sorted(zip(worth_of, found, strict=True), reverse=True):
        hit = hits.setdefault(file_id, Hit(file_id, worth))
        if len(hit.chunks) < _CHUNKS_SHOWN:
            hit.chunks.append(text)
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
