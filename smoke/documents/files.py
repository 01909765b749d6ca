"""Files as text: regular UTF-8 files, up to a size that fits into memory."""

import stat
from pathlib import Path


def cut(text: str, most: int) -> str:
    """A text, or its beginning and an ellipsis if it is longer."""
    return text if len(text) <= most else f"{text[:most]}…"


def visible(text: str, most: int = 500) -> str:
    """A text on one line, truncated, with control characters escaped: terminals obey those."""
    text = cut(text, most)
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


# The size limit in bytes; the largest public contracts have about half of that.
MOST_BYTES = 64_000_000

KINDS = (
    (stat.S_ISDIR, "it is a directory"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
    (stat.S_ISSOCK, "it is a socket"),
)
# The first bytes of UTF-16 and UTF-32 texts.
WIDE = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")


def read_text(path: Path | str) -> str:
    """
    The text of a file without its byte order mark.

    Raises:
        UnreadableError: it does not exist, is not a regular file, is too large, or is not UTF-8.
    """
    content = _read(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if content.startswith(WIDE):
            raise UnreadableError("it is UTF-16 or UTF-32; save it as UTF-8") from None
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"it is not UTF-8 text (line {line})") from None


def read_lines(path: Path | str) -> list[str]:
    """
    The lines of a file that may be cut off anywhere; invalid UTF-8 is replaced.

    Raises:
        UnreadableError: it does not exist, is not a regular file, or is too large.
    """
    return _read(path).decode("utf-8", "replace").split("\n")


def _read(path: Path | str) -> bytes:
    """The bytes of a regular file; anything else is refused unopened."""
    try:
        # Opening a pipe may block for ever, and a device such as /dev/zero has no end.
        mode = Path(path).stat().st_mode
        for is_it, what in KINDS:
            if is_it(mode):
                raise UnreadableError(f"{what}, not a regular file")
        with Path(path).open("rb") as file:
            # One byte more than the limit shows that the file is larger, whatever its stat says.
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableError(error.strerror or type(error).__name__) from None
    except ValueError:
        # A path with a null character.
        raise UnreadableError("a file cannot have this name") from None
    if len(content) > MOST_BYTES:
        raise UnreadableError(f"it is larger than {MOST_BYTES // 1_000_000} MB")
    return content
