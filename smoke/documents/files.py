"""Files as text: regular files of UTF-8, and none so large that it fills the memory."""

from __future__ import annotations

import stat
from pathlib import Path

from smoke.documents.errors import UnreadableError

MOST_BYTES = 64_000_000
"""The largest file that is read, in bytes; the largest public contracts have about half of that."""

KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
    (stat.S_ISSOCK, "it is a socket"),
)
WIDE = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
"""How texts of UTF-16 and UTF-32 begin."""


def read_text(path: Path | str) -> str:
    """
    The text of a file, a byte order mark left out.

    Raises:
        UnreadableError: it is not there, no regular file, too large, or not UTF-8.
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
    The lines of a file that may have been cut anywhere: what is then no UTF-8 is replaced.

    Raises:
        UnreadableError: it is not there, no regular file, or too large.
    """
    return _read(path).decode("utf-8", "replace").split("\n")


def _read(path: Path | str) -> bytes:
    """The bytes of a regular file; opening a pipe would wait, and a device may have no end."""
    try:
        mode = Path(path).stat().st_mode
        for is_it, what in KINDS:
            if is_it(mode):
                raise UnreadableError(f"{what}, not a regular file")
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableError(error.strerror or type(error).__name__) from None
    except ValueError:  # a path with a null character
        raise UnreadableError("no file can have this name") from None
    if len(content) > MOST_BYTES:
        raise UnreadableError(f"it is larger than {MOST_BYTES // 1_000_000} MB")
    return content
