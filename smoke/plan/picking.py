"""Picking: single values out of answers."""

from collections.abc import Mapping
from typing import Any

from smoke.contract.operation_id import whole
from smoke.contract.pointers import lookup, split

# No value; null is one.
NOTHING = object()


def pick(json: Any, pointer: str, where: Mapping[str, Any]) -> Any:
    """
    The value at a pointer; a `*` in it is the first list item with the fields of `where`.

    `NOTHING` if the answer has no such place; null is a value.
    """
    try:
        found = _picked(json, split(pointer), where)
    except LookupError:
        return NOTHING
    return whole(found)


def _picked(json: Any, tokens: list[str], where: Mapping[str, Any]) -> Any:
    if "*" not in tokens:
        return lookup(json, tokens)
    # Only the first row that matches counts: a missing field there is not looked for further on.
    star = tokens.index("*")
    rows = lookup(json, tokens[:star])
    for row in rows if isinstance(rows, list) else ():
        if all(isinstance(row, dict) and row.get(k) == v for k, v in where.items()):
            return _picked(row, tokens[star + 1 :], {})
    raise LookupError(where)


def last_of(url: str) -> str:
    """The last path segment of a URL, such as that of a Location header (RFC 9110, 10.2.2)."""
    return url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
