"""The activities of a worker: read the list, run units as separate processes, merge."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from temporalio import activity

from smoke.fleet.expectation import folder_name, load
from smoke.fleet.merge.run import Wanted, merge
from smoke.fleet.temporal.data import (
    EXPECTED,
    MERGE,
    NAMED_MOST,
    REASON_MOST,
    UNIT,
    Expectation,
    Task,
    UnitOrder,
    UnitResult,
    Verdict,
)  # fmt: skip
from smoke.fleet.unit.attempt import ATTEMPTS, STOP_S
from smoke.fleet.unit.conclude import VERDICT
from smoke.results.verdict import Word

T = TypeVar("T")

# Seconds between two heartbeats; a cancellation arrives with the answer to one.
BEAT_S = 2.0


@dataclass(frozen=True)
class Activities:
    """The activities of one worker: where the project is, and where its store is mounted."""

    root: Path
    fleet: Path
    records: Path
    words: tuple[str, ...] = ()

    @activity.defn(name=EXPECTED)
    async def expected(self) -> Expectation:
        """Read the list of what must come back, as it is now."""
        fleet = load(self.fleet)
        tasks = [
            Task(target.name, target.unit_s, [f"{k}:{v}" for k, v in target.groups(fleet.limits)])
            for target in fleet.targets
        ]
        return Expectation(tasks, fleet.at_once, dict(fleet.limits))

    @activity.defn(name=UNIT)
    async def unit(self, order: UnitOrder) -> UnitResult:
        """Run a unit to its end; on cancellation it gets SIGTERM and time for its cleanup."""
        folder = self.records / order.run
        command = [sys.executable, "-m", "smoke", "run", order.target, f"--root={self.root}"]
        command += [f"--unit={folder}", f"--fleet={self.fleet}", f"--run-id={order.run}"]
        process = await asyncio.create_subprocess_exec(
            *command, *self.words, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        try:
            code = await _beating(process.wait())
        except asyncio.CancelledError:
            with suppress(ProcessLookupError):
                process.terminate()
            # The unit needs its time for the cleanup; the heartbeats tell the server so.
            with suppress(TimeoutError):
                await asyncio.wait_for(_beating(process.wait()), STOP_S + 10)
            raise
        finally:
            with suppress(ProcessLookupError):
                process.kill()
        return _result(order, folder, code)

    @activity.defn(name=MERGE)
    async def merge(self, run: str) -> Verdict:
        """Merge the records of a run; they never leave the store."""
        return await _beating(asyncio.to_thread(self._merge, run))

    def _merge(self, run: str) -> Verdict:
        folder = self.records / run
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / "merged"
        answer, _ = merge(load(self.fleet), [str(folder)], Wanted(out, run=run), lambda: None)
        worst = answer.worst
        bad = [one.expected.name for one in answer.answers if one.word is not Word.GREEN]
        reason = answer.reason[:REASON_MOST]
        word, code = str(worst.word), int(worst.exit)
        return Verdict(word, code, reason, answer.counts, bad[:NAMED_MOST], str(out))


async def _beating(work: Coroutine[Any, Any, T]) -> T:
    """Wait for something, with a heartbeat again and again."""
    waiting = asyncio.ensure_future(work)
    while True:
        activity.heartbeat()
        done, _ = await asyncio.wait([waiting], timeout=BEAT_S)
        if done:
            return waiting.result()


def _result(order: UnitOrder, folder: Path, code: int) -> UnitResult:
    """The result of the unit's last attempt; only its exit code if it left no files."""
    for attempt in range(ATTEMPTS, 0, -1):
        path = folder / folder_name(order.target, order.run, attempt) / VERDICT
        with suppress(OSError, ValueError, LookupError, TypeError):
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            reason, version = str(data["reason"])[:REASON_MOST], str(data["version"])
            return UnitResult(order.target, data["verdict"], int(data["exit"]), version, reason)
    return UnitResult(order.target, "unverified", 2, reason=f"the unit ended with code {code}")
