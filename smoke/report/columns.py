"""
Lines of a terminal: a label, and a text that is wrapped behind it, or cut.

A line is a text and a style: the style colours its first word, or the whole of it where it is
`verdict`. A text for pasting (`curl`, `again`, paths, links) is one line of any length.
"""

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

# The width of files, and of logs without a width, such as those of CI services.
WIDTH = 80

# Columns beyond which a line is hard to read.
WIDEST = 140

# Columns of the label a line begins with.
LABEL = 10

# The most things of one kind that are listed; the others are only counted.
LISTED = 5

# The style of the lines with the verdict, after their colour.
VERDICT_STYLE = "verdict"

# A line of the terminal and its style.
StyledLine = tuple[str, str]


def terminal_width() -> int:
    """Return the columns of this terminal that lines may take; `COLUMNS` overrides it."""
    return max(WIDTH, min(WIDEST, shutil.get_terminal_size((WIDTH, 24)).columns))


def rows_of(lines: Iterable[StyledLine], width: int) -> int:
    """Return the number of terminal rows that lines take: a line for pasting may take several."""
    return sum(max(1, -(-len(text) // width)) for text, _ in lines)


def pasted(label: str, text: str) -> StyledLine:
    """A text behind a label in one line of any length, for pasting."""
    return f"{label:<{LABEL}}{text}", "bold" if label else ""


def labelled(
    label: str, text: Any, style: str = "bold", width: int = WIDTH
) -> Iterator[StyledLine]:
    """Lines of a text behind a label, wrapped; nothing where there is no text."""
    if text:
        first, *more = wrapped(f"{label:<{LABEL}}{text}", " " * LABEL, width) or [""]
        yield first, style if label else ""
        yield from ((line, "") for line in more)


def wrapped(text: str, indent: str, width: int = WIDTH) -> list[str]:
    """
    Return the lines of a text, each at most `width` columns, also where a word is longer.

    An address stays whole, so that it can be opened and its ids be copied.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        begin = indent if lines else ""
        lines += textwrap.wrap(
            paragraph,
            width,
            initial_indent=begin,
            subsequent_indent=indent,
            break_long_words="://" not in paragraph,
            break_on_hyphens=False,
            drop_whitespace=True,
            replace_whitespace=False,
        )
    return lines


def many(count: int, thing: str) -> str:
    """Return a number with what it counts: `1 request`, `2 requests`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def fit(text: str, room: int) -> str:
    """Return the text, cut to the available columns."""
    return text if len(text) <= room else text[: room - 1] + "…"


def itemised(
    label: str, lines: Iterable[str], first: str = "", most: int = LISTED, width: int = WIDTH
) -> Iterator[StyledLine]:
    """A labelled list, one line each; lines beyond `most` are only counted."""
    lines = list(lines)
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    shown = [fit(line, width - LABEL) for line in (*lines[:most], *more)]
    for number, line in enumerate([first, *shown] if first else shown):
        if number == 0:
            yield from labelled(label, line, width=width)
        else:
            yield " " * LABEL + line, ""
