"""Lines of a terminal of 80 columns: a label, and a text that is wrapped behind it, or cut.

A line is a text and a style: the style colours its first word, or the whole of it where it is
`verdict`.
"""

import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 80
LABEL = 10
"""Columns of the label a line begins with."""

LISTED = 5
"""How many things of one kind are listed before the rest is counted."""

Told = tuple[str, str]
"""A line of the terminal and its style."""


def pasted(label: str, text: str) -> Told:
    """A text behind a label in one line, however long: it is to be pasted."""
    return f"{label:<{LABEL}}{text}", "bold" if label else ""


def labelled(label: str, text: Any, style: str = "bold") -> "Iterator[Told]":
    """Lines of a text behind a label, wrapped; nothing where there is no text."""
    if text:
        first, *more = wrapped(f"{label:<{LABEL}}{text}", " " * LABEL) or [""]
        yield first, style if label else ""
        yield from ((line, "") for line in more)


def wrapped(text: str, indent: str) -> list[str]:
    """Return the lines of a text, each at most 80 columns, also where a word is longer."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        begin = indent if lines else ""
        lines += textwrap.wrap(
            paragraph,
            WIDTH,
            initial_indent=begin,
            subsequent_indent=indent,
            break_on_hyphens=False,
            drop_whitespace=True,
            replace_whitespace=False,
        )
    return lines


def many(count: int, thing: str) -> str:
    """Return a number with what it counts: `1 request`, `2 requests`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def fit(text: str, room: int) -> str:
    """Return the text cut to the room there is."""
    return text if len(text) <= room else text[: room - 1] + "…"


def itemised(
    label: str, lines: "Iterable[str]", first: str = "", most: int = LISTED
) -> "Iterator[Told]":
    """A labelled list, one line each; what is more than `most` is counted."""
    lines = list(lines)
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    shown = [fit(line, WIDTH - LABEL) for line in (*lines[:most], *more)]
    for number, line in enumerate([first, *shown] if first else shown):
        yield from (
            labelled(label if number == 0 else "", line)
            if number == 0
            else [(" " * LABEL + line, "")]
        )
