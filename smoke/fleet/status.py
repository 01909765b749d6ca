"""The progress of a fleet's run: targets that are done, running, or overdue."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from smoke.fleet.expectation import Fleet
from smoke.fleet.unit.conclude import UNIT, VERDICT

# Seconds between two reads of the directory.
TICK_S = 1.0

# The states of a target with an overdue unit, with a running unit, and without a unit.
LOST, RUNNING, WAITING = "lost", "running", "waiting"


@dataclass
class Status:
    """The state of each target of a fleet, from its directory of records, read repeatedly."""

    fleet: Fleet
    run: str
    folder: Path
    _verdicts: dict[str, tuple[str, int, str]] = field(default_factory=dict)

    def states(self) -> dict[str, str]:
        """The state of each target: a verdict's word, or one of the three states before it."""
        found = dict.fromkeys((target.name for target in self.fleet.targets), WAITING)
        marks = list(self._marks())
        for name, late in marks:
            if name in found:
                found[name] = LOST if late else RUNNING
        attempts: dict[str, int] = {}
        for name, attempt, word in self._done():
            if name in found and attempt >= attempts.get(name, 0):
                attempts[name] = attempt
                # An attempt that could not finish is repeated: then the target is still running.
                found[name] = found[name] if (name, False) in marks else word
        return found

    def wait(self, seconds: float) -> None:
        """Wait until the run is over, but not longer than `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not is_over(self.states()):
            time.sleep(TICK_S)

    def _marks(self) -> Iterator[tuple[str, bool]]:
        """Targets with a started unit, and whether that unit is overdue."""
        limits = {target.name: target.unit_s for target in self.fleet.targets}
        # A directory gets a name without a dot when its files are complete.
        for path in self.folder.glob(f".*/{UNIT}"):
            data = _read(path)
            with suppress(LookupError, TypeError, ValueError):
                if data["run"] == self.run:
                    since = datetime.now(UTC) - datetime.fromisoformat(data["started"])
                    yield data["target"], since.total_seconds() > limits[data["target"]]

    def _done(self) -> Iterator[tuple[str, int, str]]:
        """Target, attempt and verdict of each finished attempt; each file is read once."""
        for path in self.folder.glob(f"[!.]*/{VERDICT}"):
            name = path.parent.name
            if name not in self._verdicts:
                data = _read(path)
                with suppress(LookupError, TypeError):
                    if data["unit"]["run"] == self.run:
                        row = (data["target"], data["unit"]["attempt"], data["verdict"])
                        self._verdicts[name] = row
            if name in self._verdicts:
                yield self._verdicts[name]


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


ORDER = ("red", "misused", "unverified", LOST, RUNNING, WAITING, "green")


def counted(states: dict[str, str]) -> list[tuple[str, int]]:
    """The number of targets in each state, the most urgent state first."""
    counts = Counter(states.values())
    return [(state, counts[state]) for state in ORDER if counts[state]]


def is_over(states: dict[str, str]) -> bool:
    """Whether the run is over: every target is done, or its unit is lost."""
    return not {RUNNING, WAITING}.intersection(states.values())
