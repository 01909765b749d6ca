"""Why a text is refused; the reader that asked for it says of which file, and what to do."""

from __future__ import annotations


def visible(text: str, most: int = 500) -> str:
    """A text in one line and not endless, what a terminal would obey written as escapes."""
    text = text if len(text) <= most else f"{text[:most]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class UnreadableError(Exception):
    """A file gives no text; `reason` says why in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TextError(Exception):
    """A text has a mistake; line and column count from one."""

    def __init__(self, problem: str, line: int = 1, column: int = 1) -> None:
        self.problem = visible(problem)
        super().__init__(f"{line}:{column}: {self.problem}")
        self.line = line
        self.column = column

    @property
    def place(self) -> str:
        """Line and column as they follow the name of a file."""
        return f"{self.line}:{self.column}"


def place_of(text: str, position: int) -> tuple[int, int]:
    """Line and column of a character, both from one."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
