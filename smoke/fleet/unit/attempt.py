"""One attempt of a unit: a child in its own process group, ended at the deadline or on request."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import IO

# The time limits of a unit, known before it starts: engines derive their own limits.
# Seconds beside the run's own deadline: starting Python, and writing the reports.
START_S = 15.0

# Seconds between SIGTERM and SIGKILL, for the cleanup of a run.
STOP_S = 20.0

# Seconds of these for the running check to finish.
GENTLE_S = 8.0

# Seconds between an attempt that could not finish and the second one.
PAUSE_S = 10.0

# The maximum of attempts: a second one only after exit code 2 (unverified).
ATTEMPTS = 2


def attempt_s(deadline_s: float) -> float:
    """Seconds until an attempt gets the signal to stop."""
    return deadline_s + START_S


def unit_s(deadline_s: float, pause_s: float = PAUSE_S) -> float:
    """Seconds that a unit takes at most, from its start to the end of its last attempt."""
    return ATTEMPTS * (attempt_s(deadline_s) + STOP_S) + (ATTEMPTS - 1) * pause_s


# Seconds between two checks for a reason to end an attempt early.
TICK_S = 0.2

# The last lines of the child's standard error, kept to explain a misuse.
KEPT = 40


@dataclass(frozen=True)
class Ended:
    """The end of an attempt: `code` as Popen gives it, `why` if the unit ended it early."""

    code: int
    why: str
    errors: str


def attempt(
    arguments: Sequence[str],
    root: Path,
    environ: Mapping[str, str],
    deadline_s: float,
    cancelled: Event,
) -> Ended:
    """Run pytest with the arguments and wait for its end; no process of it remains."""
    # The child watches this pipe: it closes even if SIGKILL ends this process.
    reading, writing = os.pipe()
    module = "smoke.fleet.unit.child"
    command = [sys.executable, "-m", module, str(reading), str(os.getpid()), *arguments]
    child = subprocess.Popen(  # noqa: S603  (our own module, no shell)
        command,
        cwd=root,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(reading,),
        start_new_session=True,
    )
    # The child has a copy of its own, and only the child reads.
    os.close(reading)
    errors: deque[str] = deque(maxlen=KEPT)
    pump = threading.Thread(target=_forward, args=(child.stderr, errors), daemon=True)
    pump.start()
    try:
        why = _watch(child, deadline_s, cancelled)
    finally:
        _kill_group(child)
        os.close(writing)
    pump.join(STOP_S)
    return Ended(child.returncode, why, "".join(errors).strip())


def _forward(stream: IO[bytes] | None, kept: deque[str]) -> None:
    """Pass the child's standard error on, and keep its end."""
    assert stream is not None  # noqa: S101
    with stream:
        for line in stream:
            text = line.decode("utf-8", "replace")
            kept.append(text)
            sys.stderr.write(text)


def _watch(child: subprocess.Popen[bytes], deadline_s: float, cancelled: Event) -> str:
    """Wait for the child; return the reason for ending it early, empty if it ended by itself."""
    limit_s = attempt_s(deadline_s)
    stop_at, parent = monotonic() + limit_s, os.getppid()
    while not _ended_within(child, TICK_S):
        why = ""
        if cancelled.is_set():
            why = "the run was cancelled"
        elif os.getppid() != parent:
            why = "the process that started this run is gone"
            cancelled.set()
        elif monotonic() > stop_at:
            why = f"the run did not end by itself within {limit_s:g} s, and was ended"
        if why:
            child.terminate()
            _ended_within(child, STOP_S)
            return why
    return ""


def _ended_within(child: subprocess.Popen[bytes], seconds: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    return child.returncode is not None


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill the rest of the child's process group, such as a service that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
