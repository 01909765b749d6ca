"""What recording and reporting cost: the real smoke run with them and without, in pairs."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from tests.bench.costs import cost_of
from tests.bench.silent import CHILDREN, REPORTS
from tests.smoking import ROOT


class Cpu(NamedTuple):
    """CPU seconds of a run: of the process that runs the suite, and of the embedded service."""

    suite: float
    service: float


@dataclass(frozen=True)
class Pairs:
    """What runs with reports on cost, and those with reports off that they were made beside."""

    on: list[Cpu]
    off: list[Cpu]

    @property
    def own(self) -> list[float]:
        """On by off: of the process that runs the suite."""
        return self._ratios(lambda cpu: cpu.suite)

    @property
    def whole(self) -> list[float]:
        """The same with the embedded service in it."""
        return self._ratios(lambda cpu: cpu.suite + cpu.service)

    @property
    def service(self) -> list[float]:
        """The same of the service: its work is equal in both, so a difference is the machine's."""
        return self._ratios(lambda cpu: cpu.service)

    @property
    def fastest(self) -> float:
        """The ratio of the fastest runs: others on the machine only ever make a run slower."""
        return min(self.on).suite / min(self.off).suite

    def _ratios(self, of: Callable[[Cpu], float]) -> list[float]:
        return [of(one) / of(other) for one, other in zip(self.on, self.off, strict=True)]

    def __str__(self) -> str:
        """The middle half of the pairs."""
        low, _, high = quantiles(self.own, n=4)
        return f"{len(self.own)} pairs, the middle half {low:.2f} to {high:.2f}"


def pairs(folder: Path, count: int) -> Pairs:
    """Run the suite in pairs, one with and one without reports, each in turn first."""
    found = Pairs([], [])
    for number in range(count):
        for on in (number % 2 == 0, number % 2 == 1):
            (found.on if on else found.off).append(_cpu(folder, on))
    return found


def _cpu(folder: Path, on: bool) -> Cpu:
    environ = {CHILDREN: str(folder / "children"), **({REPORTS: "1"} if on else {})}
    command = [sys.executable, "-m", "pytest", "-p", "tests.bench.silent", "--target=local",
               f"--records={folder / 'records'}"]  # fmt: skip
    cost = cost_of(command, ROOT, environ)
    if cost.code != 0:
        sys.exit(f"The run is not green:\n{cost.out[-2000:]}")
    service = float((folder / "children").read_text())
    return Cpu(cost.cpu_s - service, service)


def middle(values: list[float]) -> float:
    """The median."""
    return float(median(values))
