"""The reasons to refuse a text; the caller adds the name of the file and the advice."""


def visible(text: str, most: int = 500) -> str:
    """A text on one line, truncated, with control characters escaped: terminals obey those."""
    text = text if len(text) <= most else f"{text[:most]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class UnreadableError(Exception):
    """A file cannot be read as text; `reason` explains it in a few words."""

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
        """Line and column in the form that follows a file name."""
        return f"{self.line}:{self.column}"


def place_of(text: str, position: int) -> tuple[int, int]:
    """Line and column of a character, both counted from one."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
