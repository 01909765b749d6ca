"""Filters over the attributes of files, as the provider of vector stores defines them.

A comparison is `{"type": "eq", "key": …, "value": …}` (also ne, gt, gte, lt, lte, in, nin); `and`
and `or` hold `filters`. See https://platform.openai.com/docs/guides/retrieval#attribute-filtering.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from ..web.errors import bad_request

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda found, wanted: found in wanted,
    "nin": lambda found, wanted: found not in wanted,
}
_JOINS: dict[str, Callable[[list[bool]], bool]] = {"and": all, "or": any}


def passes(filters: Mapping[str, Any] | None, attributes: Mapping[str, Any]) -> bool:
    """Tell whether attributes pass a filter (400 if malformed); no filter lets everything pass."""
    if not filters:
        return True
    kind = filters.get("type")
    if kind in _JOINS and isinstance(parts := filters.get("filters"), list):
        return _JOINS[kind]([passes(_filter(part), attributes) for part in parts])
    if kind in _COMPARISONS and isinstance(key := filters.get("key"), str) and "value" in filters:
        return _compares(kind, attributes.get(key), filters["value"])
    raise _malformed()


def _compares(kind: str, found: Any, wanted: Any) -> bool:
    if kind in ("in", "nin") and not isinstance(wanted, list):
        raise _malformed()
    try:
        return bool(_COMPARISONS[kind](found, wanted))
    except TypeError:  # one of them is missing, or they are of two kinds
        return False


def _filter(part: object) -> Mapping[str, Any]:
    if not isinstance(part, Mapping) or not part:
        raise _malformed()
    return part


def _malformed() -> Exception:
    return bad_request("The filter is malformed. Use a comparison, or 'and' / 'or' of filters.")
