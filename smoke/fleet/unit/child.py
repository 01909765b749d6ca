"""
The process in which a unit asks its target: `python -m smoke.fleet.unit.child PIPE PARENT …`.

The words behind the pipe's number and the parent's process id are pytest's. SIGTERM interrupts the
run, which takes away what it made and is then unverified.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from smoke.fleet.unit.budget import STOP_S
from smoke.fleet.unit.parent import end_with_parent, end_with_pipe

if TYPE_CHECKING:
    from collections.abc import Sequence


def interrupt(number: int, _frame: object) -> None:
    """Interrupt the run as Ctrl-C does, once: a second signal must not interrupt the cleanup."""
    signal.signal(number, signal.SIG_IGN)
    signal.raise_signal(signal.SIGINT)


def main(words: Sequence[str]) -> int:
    """Run pytest with the words, and return its exit code."""
    pipe, parent, *arguments = words
    signal.signal(signal.SIGTERM, interrupt)
    end_with_pipe(int(pipe), STOP_S)
    end_with_parent(int(parent))

    import pytest  # only now: the parent may end while pytest is being imported

    return int(pytest.main(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
