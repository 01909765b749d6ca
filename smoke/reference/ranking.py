"""
Ranking texts by how well they answer a query: BM25, computed within one store.

FTS5's own bm25() counts the whole index, so that what other tenants keep would change the order.
Robertson & Zaragoza, "The Probabilistic Relevance Framework" (2009), with an inverse document
frequency that is never negative (as Lucene's).
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_SATURATION, _LENGTH = 1.2, 0.75


def words_of(text: str) -> list[str]:
    """
    Return the words of a text without case and accents, as FTS5's unicode61 sees them.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))


def worths(query: Sequence[str], texts: Sequence[str], total: int) -> list[float]:
    """
    Return the worth of each text, from 0 up to 1, among `total` texts of which these match.
    """
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
