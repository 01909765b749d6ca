"""
The process in which a unit asks its target: `python -m smoke.fleet.unit.child PIPE PARENT …`.

The words behind the pipe's number and the parent's process id are pytest's. SIGTERM ends the run
behind the check that is running, and interrupts a check that takes long; what the run made is taken
away in both cases.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import Timer
from typing import TYPE_CHECKING

from smoke.fleet.unit.budget import GENTLE_S, STOP_S
from smoke.fleet.unit.parent import end_with_parent, end_with_pipe

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


class Stopping:
    """What SIGTERM does: it is also a plugin of pytest, which knows the session."""

    def __init__(self) -> None:
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session: it can end behind the check that is running."""
        self._session = session

    def pytest_collection_finish(self) -> None:
        """Take SIGTERM back: the handler of the run interrupts a request that makes something."""
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, number: int, _frame: object) -> None:
        """
        End the run, once: a second signal must not interrupt the cleanup.

        A request that is under way gets its answer, so that what it makes can be taken away.
        """
        signal.signal(number, signal.SIG_IGN)
        if self._session is None:
            signal.raise_signal(signal.SIGINT)
            return
        self._session.shouldstop = "the run was cancelled"
        interrupt = Timer(GENTLE_S, os.kill, (os.getpid(), signal.SIGINT))
        interrupt.daemon = True
        interrupt.start()


def main(words: Sequence[str]) -> int:
    """Run pytest with the words, and return its exit code."""
    pipe, parent, *arguments = words
    stopping = Stopping()
    signal.signal(signal.SIGTERM, stopping.stop)
    end_with_pipe(int(pipe), STOP_S)
    end_with_parent(int(parent))

    import pytest  # only now: the parent may end while pytest is being imported

    return int(pytest.main(arguments, plugins=[stopping]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
