"""Ranking texts by how many of a query's words they have."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

_CHUNK_WORDS, _OVERLAP_WORDS = 800, 400
_CHUNKS_SHOWN = 5


@dataclass(slots=True)
class Hit:
    """A file in which something was found: its best chunks, best first; the score is 0 to 1."""

    file_id: UUID
    score: float
    chunks: list[str] = field(default_factory=list)


def best_files(query: str, chunks: Sequence[tuple[UUID, str]]) -> list[Hit]:
    """Return the files of which a chunk shares a word with the query, the best match first."""
    wanted = words_of(query)
    scored = [(_score(wanted, words_of(text)), file_id, text) for file_id, text in chunks]
    hits: dict[UUID, Hit] = {}
    for score, file_id, text in sorted(scored, reverse=True):
        hit = hits.setdefault(file_id, Hit(file_id, score))
        if score and len(hit.chunks) < _CHUNKS_SHOWN:
            hit.chunks.append(text)
    return [hit for hit in hits.values() if hit.chunks]


def words_of(text: str) -> set[str]:
    """Return the words of a text without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return set(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


def chunks_of(body: str) -> Iterator[str]:
    """Give the overlapping pieces of a text."""
    words, step = body.split(), _CHUNK_WORDS - _OVERLAP_WORDS
    for start in range(0, max(len(words) - _OVERLAP_WORDS, min(len(words), 1)), step):
        yield " ".join(words[start : start + _CHUNK_WORDS])


def _score(wanted: set[str], words: set[str]) -> float:
    return len(wanted & words) / max(1, len(wanted))
