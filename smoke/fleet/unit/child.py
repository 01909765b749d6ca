"""
The child process of a unit: `python -m smoke.fleet.unit.child PIPE PARENT …`.

The arguments after the pipe's number and the parent's process id belong to pytest. SIGTERM ends the
run after the running check, and interrupts a check that takes long; the run cleans up in both
cases.
"""

import os
import signal
import sys
from collections.abc import Sequence
from threading import Timer
from typing import TYPE_CHECKING

from smoke.fleet.unit.budget import GENTLE_S, STOP_S
from smoke.fleet.unit.parent import end_with_parent, end_with_pipe

if TYPE_CHECKING:
    import pytest


class Stopping:
    """The handler of SIGTERM; it is also a pytest plugin, because it needs the session."""

    def __init__(self) -> None:
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: "pytest.Session") -> None:
        """Keep the session: `stop` ends it after the running check."""
        self._session = session

    def pytest_collection_finish(self) -> None:
        """Set the handler again: the run's own handler would interrupt a creating request."""
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, number: int, _frame: object) -> None:
        """
        End the run, once: a second signal must not interrupt the cleanup.

        A request under way gets its response, so that the cleanup knows what it created.
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
