"""
JSON (RFC 8259), more strictly than `json` reads it: no name twice in an object, no number that is
none, no half of a character, no endless nesting.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from smoke.documents.errors import TextError, place_of
from smoke.documents.nesting import TOO_DEEP, deepest, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
PIECE = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,]|[^\s"\[\]{}:,]+')
HALF = re.compile(
    r"(?<!\\)(?:\\\\)*(\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]..)"
)
"""An escaped surrogate without its other half."""

MOST_DIGITS = 4300
"""Digits of a number; Python reads no longer ones (CVE-2020-10735)."""


class _RefusedError(Exception):
    """Something that `json` lets pass; the scanner finds its place."""


def parse_json(text: str) -> Any:
    """
    The value of a JSON text.

    Raises:
        TextError: it is not JSON, or not such as every reader would understand in the same way.
    """
    try:
        found = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise TextError(f"not JSON: {error.msg}", error.lineno, error.colno) from None
    except RecursionError:
        raise TextError(TOO_DEEP, *place_of(text, deepest(text))) from None
    except (_RefusedError, ValueError):  # the latter for a number with too many digits
        raise _first_refused(text) from None
    if half := HALF.search(text) if "\\ud" in text or "\\uD" in text else None:
        problem = f"{half[1]} is half of a character"
        raise TextError(problem, *place_of(text, half.start(1)))
    if too_deep(found):
        raise TextError(TOO_DEEP, *place_of(text, deepest(text)))
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError
    return found


def _finite(piece: str) -> float:
    number = float(piece)
    if not math.isfinite(number):
        raise _RefusedError
    return number


def _constant(_: str) -> Any:
    raise _RefusedError


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_finite, parse_constant=_constant
)


def _first_refused(text: str) -> TextError:
    """The first place of what was refused; only looked for in a text that has one."""
    open_names: list[dict[str, int] | None] = []
    for position, piece, is_name in _pieces(text):
        problem = _number_problem(piece)
        if piece in "{[":
            open_names.append({} if piece == "{" else None)
        elif piece in "}]" and open_names:
            open_names.pop()
        elif is_name and piece[0] == '"' and open_names and (names := open_names[-1]) is not None:
            name = json.loads(piece, strict=False)
            if name in names:
                problem = f"{name!r} stands twice in one object, first in line {names[name]}"
            names.setdefault(name, place_of(text, position)[0])
        if problem:
            return TextError(problem, *place_of(text, position))
    return TextError("a number that cannot be read")


def _pieces(text: str) -> Iterator[tuple[int, str, bool]]:
    """Position and text of each piece, and whether it is the name of a member."""
    held: tuple[int, str] | None = None
    for match in PIECE.finditer(text):
        if held is not None:
            yield (*held, match[0] == ":")
        held = (match.start(), match[0])
    if held is not None:
        yield (*held, False)


def _number_problem(piece: str) -> str:
    if piece in {"NaN", "Infinity", "-Infinity"}:
        return f"{piece} is no number of JSON"
    number = NUMBER.match(piece)
    if number is None:
        return ""
    if len(number[0]) > MOST_DIGITS:
        return f"a number of {len(number[0])} characters"
    return "" if math.isfinite(float(number[0])) else f"{number[0]} is too large a number"
