"""A short, readable text for a regular expression: the first choice at every branch."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

codes: Any = import_module("re._constants")
# The parser of the standard library, which `re` does not export.
parser: Any = import_module("re._parser")

# The preferred characters, which make readable texts; the first valid one wins.
PREFERRED = "asmoke0AS1 -_.@/"

CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_NOT_DIGIT: lambda c: not c.isdigit(),
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    codes.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    codes.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}
ASCII: list[str] = [*PREFERRED, *(chr(code) for code in range(33, 127))]
# The most characters of a text; `drawing` handles patterns that need more.
MOST = 2000


def matching(pattern: str, least: int = 0) -> str | None:
    """
    A text that matches a pattern, with at least `least` characters if the pattern can grow.

    None for a pattern with conditions on its parts, such as a look-ahead.
    """
    try:
        tree = parser.parse(pattern)
        shortest = _text(tree, 0, {})
        return shortest if len(shortest) >= least else _text(tree, least - len(shortest), {})
    except (re.error, RecursionError, OverflowError, _UnseenError):
        return None


class _UnseenError(Exception):
    """A construct that is not a sequence of characters."""


def _text(tree: Any, extra: int, groups: dict[int, str]) -> str:
    """The text of a sequence; its first repeatable part gets the `extra` characters."""
    found = ""
    for code, value in tree:
        part = _part(code, value, extra, groups)
        if code is codes.MAX_REPEAT and len(part) > value[0]:
            extra = 0
        found += part
        if len(found) > MOST:
            raise _UnseenError
    return found


def _part(code: Any, value: Any, extra: int, groups: dict[int, str]) -> str:
    if code is codes.LITERAL:
        return str(chr(value))
    if code is codes.ANY:
        return PREFERRED[0]
    if code in (codes.NOT_LITERAL, codes.IN):
        return _character(code, value)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = value
        one = _text(inner, 0, groups)
        count = int(least if not one else min(most, least + -(-extra // len(one))))
        return one * min(count, MOST)
    if code is codes.SUBPATTERN:
        groups[value[0]] = _text(value[-1], extra, groups)
        return str(groups[value[0]])
    if code is codes.BRANCH:
        return _text(value[1][0], extra, groups)
    if code is codes.GROUPREF:
        return groups.get(value, "")
    if code is codes.AT:
        return ""
    raise _UnseenError


def _character(code: Any, value: Any) -> str:
    if code is codes.NOT_LITERAL:
        return next(c for c in ASCII if ord(c) != int(value))
    wanted = value[0][0] is not codes.NEGATE
    members = value if wanted else value[1:]
    found = (c for c in ASCII if any(_is_in(c, *member) for member in members) is wanted)
    first = next(found, None)
    if first is not None:
        return first
    kind, bounds = members[0]
    if wanted and kind in (codes.LITERAL, codes.RANGE):
        return str(chr(bounds if kind is codes.LITERAL else bounds[0]))
    raise _UnseenError


def _is_in(character: str, kind: Any, value: Any) -> bool:
    if kind is codes.LITERAL:
        return bool(ord(character) == value)
    if kind is codes.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is codes.CATEGORY:
        return CATEGORIES[value](character)
    return False
