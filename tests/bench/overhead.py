"""What recording and reporting cost: the real smoke run with them and without, in pairs."""

import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from tests.bench.costs import cost_of
from tests.bench.silent import CHILDREN, REPORTS
from tests.smoking import ROOT


@dataclass(frozen=True)
class Ratios:
    """CPU of a run with reports by that of a run without, once for each pair.

    `own` is of the process that runs the suite, `whole` also has the embedded service in it, and
    `service` is of that alone: it does the same work in both, so what it differs by is the machine.
    `with_s` and `without_s` are seconds of the suite's process.
    """

    own: list[float]
    whole: list[float]
    service: list[float]
    with_s: list[float]
    without_s: list[float]

    @property
    def fastest(self) -> float:
        """The ratio of the fastest runs: others on the machine only ever make a run slower."""
        return min(self.with_s) / min(self.without_s)

    def __str__(self) -> str:
        """The middle half of the pairs."""
        low, _, high = quantiles(self.own, n=4)
        return f"{len(self.own)} pairs, the middle half {low:.2f} to {high:.2f}"


def ratios(folder: Path, pairs: int) -> Ratios:
    """Run the suite in pairs, one with and one without reports, each in turn first."""
    found = Ratios([], [], [], [], [])
    for number in range(pairs):
        cpu = {on: _cpu(folder, on) for on in (number % 2 == 0, number % 2 == 1)}
        found.own.append(cpu[True][0] / cpu[False][0])
        found.whole.append(cpu[True][1] / cpu[False][1])
        found.service.append(_service(cpu[True]) / _service(cpu[False]))
        found.with_s.append(cpu[True][0])
        found.without_s.append(cpu[False][0])
    return found


def _cpu(folder: Path, on: bool) -> tuple[float, float]:
    """CPU seconds of a run: of the process that runs the suite, and with its service."""
    environ = {CHILDREN: str(folder / "children"), **({REPORTS: "1"} if on else {})}
    command = [sys.executable, "-m", "pytest", "-p", "tests.bench.silent", "--target=local",
               f"--records={folder / 'records'}"]  # fmt: skip
    cost = cost_of(command, ROOT, environ)
    if cost.code != 0:
        sys.exit(f"The run is not green:\n{cost.out[-2000:]}")
    return cost.cpu_s - float((folder / "children").read_text()), cost.cpu_s


def _service(cpu: tuple[float, float]) -> float:
    own, whole = cpu
    return whole - own


def middle(values: list[float]) -> float:
    """The median."""
    return float(median(values))
