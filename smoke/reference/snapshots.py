"""Old states of the database, for lists that are only eventually consistent."""

import sqlite3
from collections import deque
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool


class _Snapshot(sqlite3.Connection):
    """A connection that stays in the read transaction in which it began."""

    def rollback(self) -> None:
        """Stay; the session that used the snapshot has nothing to undo."""

    def close(self) -> None:
        """Stay open for the next session."""

    def end(self) -> None:
        """Close the connection."""
        super().close()


class Snapshots:
    """The states of a database of the last `lag_s` seconds, and the newest one before them."""

    def __init__(self, path: Path, lag_s: float) -> None:
        self._path = path
        self._lag_s = lag_s
        self._taken: deque[tuple[float, _Snapshot]] = deque()
        self.engine = create_engine("sqlite://", creator=self._current, poolclass=NullPool)

    def take(self) -> None:
        """Remember the present state."""
        snapshot: _Snapshot = sqlite3.connect(self._path, factory=_Snapshot, isolation_level=None)
        snapshot.execute("BEGIN")
        snapshot.execute("SELECT count(*) FROM sqlite_master").fetchone()  # this fixes the state
        self._taken.append((monotonic(), snapshot))

    def close(self) -> None:
        """Forget every state."""
        while self._taken:
            self._taken.popleft()[1].end()

    def _current(self) -> Any:
        """Return the newest state that is old enough, or the oldest there is."""
        if not self._taken:
            self.take()
        while len(self._taken) > 1 and self._taken[1][0] <= monotonic() - self._lag_s:
            self._taken.popleft()[1].end()
        return self._taken[0][1]
