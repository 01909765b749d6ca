"""
The child process of a unit: `python -m smoke.fleet.unit.child PIPE PARENT …`.

The arguments after the pipe's number and the parent's process id belong to pytest. SIGTERM ends the
run after the running check, and interrupts a check that takes long; the run cleans up in both
cases.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from smoke.fleet.unit.attempt import GENTLE_S, STOP_S

if TYPE_CHECKING:
    import pytest


# The option of prctl(2) that names the signal a process gets when its parent dies.
PR_SET_PDEATHSIG = 1


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
        interrupt = threading.Timer(GENTLE_S, os.kill, (os.getpid(), signal.SIGINT))
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


def end_with_parent(parent: int) -> None:
    """
    Get SIGTERM when the parent is gone, also when SIGKILL ended it (Linux only).

    The caller passes the parent's id, because the parent may be gone before this call.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def end_with_pipe(descriptor: int, grace_s: float) -> None:
    """
    End this process group when the other end of a pipe is closed.

    SIGTERM comes first; after `grace_s` seconds SIGKILL ends the remaining processes. A thread
    waits, so that a busy process ends, too.
    """
    threading.Thread(target=_wait, args=(descriptor, grace_s), daemon=True).start()


def _wait(descriptor: int, grace_s: float) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace_s)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
