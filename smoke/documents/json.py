"""
JSON (RFC 8259), read more strictly than by `json`.

Duplicate names, NaN and infinity, unpaired surrogates and deep nesting are refused: readers of
other languages treat them differently.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterator
from typing import Any

from smoke.documents.files import TextError, place_of

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
PIECE = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,]|[^\s"\[\]{}:,]+')
# An escaped surrogate without its other half (RFC 8259, 8.2).
HALF = re.compile(
    r"(?<!\\)(?:\\\\)*(\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]..)"
)

# The most digits of a number; Python refuses more (CVE-2020-10735).
MOST_DIGITS = 4300


class _RefusedError(Exception):
    """`json` would accept the text; `_first_refused` finds the place of the mistake."""


def parse_json(text: str) -> Any:
    """
    The value of a JSON text.

    Raises:
        TextError: it is not JSON, or readers may disagree about its meaning.
    """
    try:
        found = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise TextError(f"not JSON: {error.msg}", error.lineno, error.colno) from None
    except RecursionError:
        raise TextError(TOO_DEEP, *place_of(text, deepest(text))) from None
    except (_RefusedError, ValueError):
        # The latter for a number with too many digits.
        raise _first_refused(text) from None
    # Only a text with an escaped surrogate is searched: that saves time on large texts.
    if half := HALF.search(text) if "\\ud" in text or "\\uD" in text else None:
        problem = f"{half[1]} is only half of a surrogate pair"
        raise TextError(problem, *place_of(text, half.start(1)))
    if too_deep(found):
        raise TextError(TOO_DEEP, *place_of(text, deepest(text)))
    return found


def plain_json(text: str | bytes) -> Any:
    """The value of a text of others, read as `json` does; None where it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def compact_json(value: Any, *, sorted_names: bool = False) -> str:
    """A value as JSON without spaces; with sorted names, equal values have equal texts."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sorted_names)


def digest_of(value: Any) -> str:
    """The sha256 of a value as JSON, independent of layout and of the order of names."""
    text = compact_json(value, sorted_names=True)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def object_of(text: str | bytes) -> dict[str, Any]:
    """The object of such a text; an empty one where it is something else."""
    found = plain_json(text)
    return found if isinstance(found, dict) else {}


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
    """
    The first mistake and its place.

    The decoder gives no positions, so a refused text is scanned a second time.
    """
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
                problem = f"{name!r} appears twice in one object, first in line {names[name]}"
            names.setdefault(name, place_of(text, position)[0])
        if problem:
            return TextError(problem, *place_of(text, position))
    return TextError("a number that cannot be read")


def _pieces(text: str) -> Iterator[tuple[int, str, bool]]:
    """Position and text of each token, and whether it is the name of a member."""
    held: tuple[int, str] | None = None
    for match in PIECE.finditer(text):
        if held is not None:
            yield (*held, match[0] == ":")
        held = (match.start(), match[0])
    if held is not None:
        yield (*held, False)


def _number_problem(piece: str) -> str:
    if piece in {"NaN", "Infinity", "-Infinity"}:
        return f"{piece} is not a JSON number"
    number = NUMBER.match(piece)
    if number is None:
        return ""
    if len(number[0]) > MOST_DIGITS:
        return f"a number of {len(number[0])} characters"
    return "" if math.isfinite(float(number[0])) else f"the number {number[0]} is too large"


# The most levels of objects and lists in one text; real documents have about thirty.
DEEPEST = 150

TOO_DEEP = f"nested more than {DEEPEST} levels deep"


# Recursive code must not run out of stack, so deeply nested values are refused here.
def too_deep(value: Any) -> bool:
    """Whether objects and lists nest deeper than the limit."""
    # Level by level instead of by recursion: the value may nest deeper than the stack.
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(DEEPEST):
        level = [
            member
            for node in level
            for member in (node.values() if isinstance(node, dict) else node)
            if isinstance(member, (dict, list))
        ]
        if not level:
            return False
    return True


def deepest(text: str, marks: str = "[]{}") -> int:
    """The position of the first bracket beyond the limit, else of the last character."""
    opening, depth = marks[::2], 0
    for position, character in enumerate(text):
        if character in marks:
            depth += 1 if character in opening else -1
        if depth > DEEPEST:
            return position
    return max(len(text) - 1, 0)
