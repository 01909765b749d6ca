"""
The directory with the files of a run: no other run writes there, and only its owner can read.

A new run replaces the files of an earlier one when it begins: however the new run ends, no earlier
file can be mistaken for its result. Two records are still needed and are put aside: the record of
the last full green run, for comparisons, and the record of a run that was killed before its
cleanup, for `smoke sweep`.
"""

import os
import stat
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from smoke.documents import object_of
from smoke.errors import ConfigError, DataError

RECORD = "run.jsonl"

# The files next to the record of a run against one target.
REPORTS = (
    "verdict.json", "junit.xml", "summary.md", "ctrf.json", "report.html", "run.har",
)  # fmt: skip

NAMES = (RECORD, *REPORTS)

# The record of the last full green run.
GREEN = "green.jsonl"

# The record of a run that was killed and left things behind.
UNSWEPT = "unswept-{id}.jsonl"

# Only the owner can read the files of a run: they show the service's answers.
PRIVATE = 0o600

# The last line of a record is searched for in this many bytes at its end.
LAST_LINE_MOST = 1_000_000


class Folder:
    """
    The directory `name` in `parent`, or `name-2`, … if another run uses that one.

    Raises:
        DataError: nothing can be written there.
    """

    def __init__(self, parent: Path, name: str) -> None:
        try:
            self._take(parent, name)
        except OSError as error:
            raise DataError(
                f"{parent}: the run cannot keep its record there ({error.strerror}). "
                "Make it a writable directory."
            ) from error

    def _take(self, parent: Path, name: str) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            self.path = parent / (name if number == 1 else f"{name}-{number}")
            # The system frees a lock when its process ends, so a killed run blocks nothing.
            self._lock = FileLock(lock_of(self.path), mode=PRIVATE)
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                continue
            break
        self.path.mkdir(exist_ok=True)

    def release(self) -> None:
        """Let another run use the directory."""
        self._lock.release()


def lock_of(folder: Path) -> Path:
    """Return the file that a run locks while it writes into a directory."""
    return folder.with_name(f".{folder.name}.lock")


def must_be_writable(folder: Path) -> None:
    """
    Stop before the first request if a file of the run cannot be written.

    Raises:
        ConfigError: with every path that is not writable.
    """
    found = [path for path in (folder / name for name in NAMES) if path.exists()]
    mistakes = [
        f"{path} cannot be written: not a regular file, or not writable. Move it."
        for path in found
        if not (path.is_file() and os.access(path, os.W_OK))
    ]
    if mistakes:
        raise ConfigError(mistakes)


def open_private(path: Path, mode: str, **more: Any) -> IO[Any]:
    """Open a file for writing that only its owner can read, also if it existed before."""
    return open(path, mode, opener=_private, **more)


def _private(name: str, flags: int) -> int:
    handle = os.open(name, flags, PRIVATE)
    if stat.S_ISREG(os.fstat(handle).st_mode):  # a device such as /dev/null is everybody's
        os.fchmod(handle, PRIVATE)
    return handle


def replace_together(folder: Path, files: Mapping[str, Iterable[str]]) -> None:
    """
    Write files, given in pieces, in place of those with the same names: all of them, or none.

    Raises:
        OSError: they cannot be written, as on a full disk; the earlier ones stay.
    """
    fresh = {name: folder / f".{name}.new" for name in files}
    try:
        for name, pieces in files.items():
            with open_private(fresh[name], "w", encoding="utf-8", errors="replace") as file:
                file.writelines(pieces)
    except OSError:
        for path in fresh.values():
            path.unlink(missing_ok=True)
        raise
    # All new files are complete on the disk here, and a rename needs no space.
    for name, path in fresh.items():
        path.replace(folder / name)


def put_aside(record: Path) -> None:
    """Keep the record of an earlier run under another name where it is still needed."""
    if not record.is_file():
        return
    last = _last_line(record)
    # A run that its deadline or Ctrl-C ended has a verdict, but its cleanup may have failed.
    is_open = last.get("word") == "unverified" and last.get("behind")
    # A run with --keep ends well, and its things are still to be swept.
    is_kept = "kept_until" in _first_line(record)
    if last.get("kind") != "verdict" or is_open or is_kept:
        if b'\n{"kind": "undo"' in record.read_bytes():
            record.replace(record.with_name(UNSWEPT.format(id=_id_of(record))))
        return
    # A quick run asked less, so that a comparison with it would find less.
    whole = not last.get("part") and _first_line(record).get("depth") != "quick"
    if last.get("word") == "green" and whole:
        record.replace(record.with_name(GREEN))


def unswept(folder: Path) -> list[Path]:
    """Return the records of runs that left things behind, killed or with --keep; oldest first."""
    found = folder.glob(UNSWEPT.format(id="*"))
    return sorted(found, key=lambda path: path.stat().st_mtime)


def _last_line(record: Path) -> dict[str, Any]:
    with record.open("rb") as lines:
        lines.seek(max(0, record.stat().st_size - LAST_LINE_MOST))
        text = lines.read()
    return object_of(text.rstrip(b"\n").rpartition(b"\n")[2])


def _first_line(record: Path) -> dict[str, Any]:
    with record.open("rb") as lines:
        return object_of(lines.readline())


def _id_of(record: Path) -> str:
    """The id in the header of a record, as a part of a file's name."""
    found = str(_first_line(record).get("id", ""))
    return found if found.isalnum() else str(record.stat().st_mtime_ns)
