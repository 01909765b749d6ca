"""Where a run leaves its files: a folder that no other run is writing into."""

import os
from itertools import count
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from smoke.errors import ConfigError, DataError

if TYPE_CHECKING:
    from pathlib import Path


NAMES = (
    "run.jsonl", "verdict.json", "junit.xml", "summary.md", "ctrf.json", "report.html", "run.har",
)  # fmt: skip
"""The files of a run against one target."""


class Folder:
    """The folder `name` of `parent`, or `name-2`, … where another run holds that one.

    Raises:
        DataError: nothing can be written there.
    """

    def __init__(self, parent: "Path", name: str) -> None:
        try:
            self._take(parent, name)
        except OSError as error:
            raise DataError(
                f"{parent}: the run cannot keep its record there ({error.strerror}). "
                "Make it a folder that can be written to."
            ) from error

    def _take(self, parent: "Path", name: str) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            self.path = parent / (name if number == 1 else f"{name}-{number}")
            self._lock = FileLock(lock_of(self.path))
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                continue
            break

    def release(self) -> None:
        """Let the next run have the folder."""
        self._lock.release()


def lock_of(folder: "Path") -> "Path":
    """The file that a run locks while it writes into a folder."""
    return folder.with_name(f".{folder.name}.lock")


def must_be_writable(folder: "Path") -> None:
    """Stop before anything is sent where a file of the run could not be written at its end.

    Raises:
        ConfigError: with everything that is in the way.
    """
    found = [path for path in (folder / name for name in NAMES) if path.exists()]
    mistakes = [
        f"{path} cannot be written: not a regular file, or not writable. Move it."
        for path in found
        if not (path.is_file() and os.access(path, os.W_OK))
    ]
    if mistakes:
        raise ConfigError(mistakes)
