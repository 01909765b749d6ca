"""Where a run leaves its files: a folder that no other run is writing into."""

from itertools import count
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from pathlib import Path


class Folder:
    """The folder `name` of `parent`, or `name-2`, … where another run holds that one."""

    def __init__(self, parent: "Path", name: str) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            self.path = parent / (name if number == 1 else f"{name}-{number}")
            self._lock = FileLock(parent / f".{self.path.name}.lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                continue
            break

    def release(self) -> None:
        """Let the next run have the folder."""
        self._lock.release()
