"""A run that is killed at some point, the sweep after it, and what the two left behind."""

import asyncio
import os
import signal
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.interference import EVERYTHING, on
from tests.faults.proxy import Answered, Asked, Forward, Interference, Proxy, undisturbed
from tests.faults.smoke_run import started, swept
from tests.faults.state import Rows, lasting, left_behind, rows, touched
from tests.foreign import Store

if TYPE_CHECKING:
    import subprocess

# Seconds between two looks whether a run that is to be killed has ended before.
POLL_S = 0.1


@dataclass(frozen=True)
class Point:
    """
    Where a run is killed: while it waits for the answer to its n-th request of an operation.

    `done` states that the service has done what was asked, so that the run does not know of it.
    """

    request: int
    done: bool
    operation: str = EVERYTHING

    def __str__(self) -> str:
        how = "done and not heard of" if self.done else "on its way"
        what = "" if self.operation == EVERYTHING else f" of {self.operation}"
        return f"request {self.request}{what} {how}"


@dataclass(frozen=True)
class Killed:
    """
    A run that was killed at a point; `ended` states that it was over before.

    `swept` is what the sweep printed. `left` could have been taken away, `lasting` could not.
    """

    point: Point
    ended: bool
    swept: str
    code: int
    left: tuple[str, ...]
    lasting: Counter[str]
    touched: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing was left behind, nothing of others touched, and the sweep succeeded."""
        return not self.left and not self.touched and self.code == 0

    @property
    def wrong(self) -> list[str]:
        """What was left behind, and what was touched, a line each."""
        return [*self.left, *(f"touched: {row}" for row in self.touched)]


def kill_and_sweep(proxy: Proxy, store: Store, planted: Rows, point: Point) -> Killed:
    """Start a run through a proxy, kill it at a point, sweep, and look what is there."""
    before = rows(store)
    with tempfile.TemporaryDirectory(prefix="killed-run-") as name:
        folder = Path(name)
        reached = threading.Event()
        proxy.interference = _stopping_at(point, reached)
        ended = _killed(started(folder, proxy.url), reached)
        proxy.interference = undisturbed
        code, result = swept(folder)
    now = rows(store)
    return Killed(
        point, ended, result, code, tuple(left_behind(before, now)), lasting(before, now),
        tuple(touched(planted, now)),
    )  # fmt: skip


def _stopping_at(point: Point, reached: threading.Event) -> Interference:
    """Let everything pass up to the point; its answer, and those after it, never come back."""
    seen = 0

    async def count(asked: Asked, forward: Forward) -> Answered:
        nonlocal seen
        seen += 1
        if seen < point.request:
            return await forward(asked)
        if point.done and seen == point.request:
            await (await forward(asked)).read()
        reached.set()
        return await _silence()

    counted = on(point.operation, count)()

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        return await (_silence() if reached.is_set() else counted(asked, forward))

    return interfere


async def _silence() -> Answered:
    await asyncio.Event().wait()
    raise AssertionError


def _killed(child: "subprocess.Popen[bytes]", reached: threading.Event) -> bool:
    """Kill a run once it is where it is to be; return whether it had ended before."""
    while not reached.wait(POLL_S) and child.poll() is None:
        pass
    ended = child.poll() is not None
    if not ended:
        os.kill(child.pid, signal.SIGKILL)
    child.wait()
    return ended
