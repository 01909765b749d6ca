"""Differences: whether a thing that is read back shows the values that were written."""

import re
from collections.abc import Iterator
from typing import Any

# Fields that a service hides, or changes by itself.
MOVING = re.compile(
    r"pass(word|phrase)|secret|token|etag|version|status|state|phase|progress|(^|_)(last|next)_|"
    r"_?(at|on|count|size|url|hash)$",
    re.IGNORECASE,
)


# A service may write a value in another form: it differs only if no such form explains it.
def differs(sent: Any, read: Any, other: Any, token: str, changed: bool) -> str:
    """
    The first field that does not show the written value, in words; empty if all may be right.

    A text with the run's id must still contain it. The service may normalise any other value, if
    the response to the creation (`other`) has the same form; after a change (`changed`) `other` is
    the previous value, which must be gone.
    """
    rows = [row for row in _fields(sent, read, other) if not MOVING.search(row[0])]
    for name, wanted, found, beside in rows:
        if token in str(wanted):
            # The previous value may be one of this run, too.
            is_old = changed and _alike(found, beside) and not _alike(wanted, found)
            if is_old or _plain(token) not in _plain(found):
                return f"{name} is {found!r}, but {wanted!r} was sent"
        elif not _alike(wanted, found) and (_alike(found, beside) is changed or beside is None):
            return f"{name} is {found!r}, but {wanted!r} was sent"
    # A service may name the same other thing by its key here and by its UUID there.
    rows = [row for row in rows if not row[0].lower().endswith("id")]
    none = rows and not any(_alike(w, f) or token in str(w) for _, w, f, _ in rows)
    return f"none of the sent values, such as {rows[0][0]}" if none else ""


def _fields(sent: Any, read: Any, other: Any) -> Iterator[tuple[str, Any, Any, Any]]:
    """Each single value that was sent and read: its name, as sent, as read, and as before."""
    read = _unwrapped(sent, read)
    other = _unwrapped(sent, other)
    for name, value in sent.items() if isinstance(sent, dict) else ():
        if not isinstance(read, dict) or read.get(name) is None or value is None:
            continue
        beside = other.get(name) if isinstance(other, dict) else None
        if isinstance(value, dict):
            yield from _fields(value, read[name], beside)
        elif not isinstance(value, list):
            yield name, value, read[name], beside


def _unwrapped(sent: Any, shown: Any) -> Any:
    """The object with the sent fields: the response itself, or an object inside it."""
    if isinstance(shown, dict) and isinstance(sent, dict) and not set(sent) & set(shown):
        inner = [value for value in shown.values() if isinstance(value, dict)]
        return next((value for value in inner if set(sent) & set(value)), shown)
    return shown


def _plain(value: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(value).lower())


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are equal except for case, signs, zeros or the time after a date."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return float(one) == float(other)
    left, right = _plain(one), _plain(other)
    return left == right or (
        len(min(left, right, key=len)) >= 8 and (left in right or right in left)
    )
