"""Measure, print a table, and end with 1 where something costs more than it may."""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from smoke.session.service_process import Service
from tests.bench import start
from tests.bench.canned import answered
from tests.bench.costs import Cost, cost_of
from tests.bench.many import multiply
from tests.bench.overhead import middle, pairs
from tests.bench.peers import CONDITIONS, Result, compared
from tests.bench.peers_file import write
from tests.bench.tap import ANSWERS, CPU
from tests.smoking import ROOT, clean_environ, project, reference

PASS_MOST_S = 2.5
OPERATION_MOST_MS = 10.0
PLAN_MOST_S = 20.0
PLAN_MOST_MB = 300.0
OVERHEAD_MOST = 1.10
PAIRS = 10
TIMES = 8
CONTRACT = ROOT / "openapi/api-service.json"
TOKEN = "Authorization: Bearer of-the-bench"


@dataclass(frozen=True)
class Row:
    """One measurement; without a limit it is only reported."""

    what: str
    got: float
    unit: str
    most: float | None = None

    @property
    def good(self) -> bool:
        """Whether it is within its limit."""
        return self.most is None or self.got <= self.most

    def __str__(self) -> str:
        most = "" if self.most is None else f"(at most {self.most:g} {self.unit})"
        return (
            f"{'ok  ' if self.good else 'OVER'}  {self.what:<58}{self.got:>8.2f} {self.unit} {most}"
        )


def main() -> int:
    """Measure everything, or the parts that are named."""
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    listed = ", ".join(PARTS)
    parser.add_argument(
        "part", nargs="*", help=f"{listed}; without any, everything, which takes many minutes"
    )
    named = parser.parse_args().part
    unknown = [word for word in named if word not in PARTS]
    if unknown:
        parser.error(f"unknown part: {', '.join(map(repr, unknown))}. The parts are {listed}.")
    parts = [PARTS[word] for word in named] or PARTS.values()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = [row for part in parts for row in part(Path(folder))]
    sys.stdout.write("".join(f"{row}\n" for row in rows))
    return int(not all(row.good for row in rows))


def _overhead(folder: Path) -> Iterator[Row]:
    """The smoke run with and without its record and its reports."""
    found = pairs(folder, PAIRS)
    own_s = middle([cpu.suite for cpu in found.off])
    yield Row("run without record and reports: CPU of its process", own_s, "s")
    yield Row(f"  with / without, {found}", middle(found.own), "times", OVERHEAD_MOST)
    yield Row("  the fastest with / the fastest without", found.fastest, "times")
    yield Row("  with / without, the embedded service included", middle(found.whole), "times")
    yield Row("  the service alone: 1 on a quiet machine", middle(found.service), "times")


def _passes(folder: Path) -> Iterator[Row]:
    """The generated pass and `st run`, against one server that answers at once."""
    answers = folder / "answers"
    with reference() as url:
        _generated(folder / "recorded", url, answers)
    with _canned(answers) as url:
        whole, checks, sent, operations = _generated(folder / "replayed", url)
        other = _st_run(folder, url, answered(answers))
    per_operation = checks * 1000 / operations
    yield Row(f"generated pass, {operations} operations, {sent} requests: CPU in all",
              whole.cpu_s, "s", PASS_MOST_S)  # fmt: skip
    yield Row("  of that start and end of the process", whole.cpu_s - checks, "s")
    yield Row("  for one operation, validation included", per_operation, "ms", OPERATION_MOST_MS)
    yield Row(f"st run -n 1, {_told(other)}: CPU in all", other.cpu_s, "s")
    yield Row("  st run / generated pass", other.cpu_s / whole.cpu_s, "times")


def _generated(folder: Path, url: str, answers: Path | None = None) -> tuple[Cost, float, int, int]:
    """A generated pass: its cost, the CPU of its checks, its requests and operations."""
    (folder / "project").mkdir(parents=True)
    root = project(folder / "project", f'base_url = "{url}"\ngates = {{ "*" = "on" }}')
    environ = {CPU: str(folder / "cpu"), "PYTHONPATH": str(ROOT)}
    environ |= {ANSWERS: str(answers)} if answers else {}
    command = [sys.executable, "-m", "pytest", "-p", "tests.bench.tap", "--target", "staging",
               f"--records={folder}", "-k", "test_operation", "--all-operations",
               "--maxfail=0"]  # fmt: skip
    cost = cost_of(command, root, environ)
    if cost.code != 0:
        sys.exit(f"The generated pass is not green:\n{cost.out[-2000:]}")
    found = re.search(r"(\d+) passed; (\d+) requests", cost.out)
    assert found is not None, cost.out
    return cost, float((folder / "cpu").read_text()), int(found[2]), int(found[1])


@contextmanager
def _canned(answers: Path) -> Iterator[str]:
    environ = clean_environ(PYTHONPATH=str(ROOT))
    service = Service(f"tests.bench.canned {answers} {CONTRACT}", environ)
    try:
        yield service.url
    finally:
        service.stop()


def _st_run(folder: Path, url: str, operations: set[str]) -> Cost:
    """The same work by schemathesis: one valid request for each operation, answers validated."""
    checks = ("not_a_server_error", "status_code_conformance", "content_type_conformance",
              "response_schema_conformance")  # fmt: skip
    words = {"url": url, "max-examples": "1", "phases": "fuzzing", "mode": "positive",
             "checks": ",".join(checks), "workers": "1", "header": TOKEN}  # fmt: skip
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(CONTRACT),
               *(f"--{name}={value}" for name, value in words.items()),
               *(f"--include-name={name}" for name in sorted(operations)),
               "--generation-deterministic", "--no-shrink", "--no-color"]  # fmt: skip
    return cost_of(command, folder, {})


def _told(cost: Cost) -> str:
    """What schemathesis says it did."""
    found = re.search(r"(\d+) generated", cost.out)
    return f"{found[1]} requests" if found else f"exit code {cost.code}"


def _plans(folder: Path) -> Iterator[Row]:
    """Building the plan of the contract, and of one with eight times the operations."""
    once = _built(folder, CONTRACT, ROOT / "openapi/rules.toml")
    many = _built(folder, *multiply(CONTRACT, ROOT / "openapi/rules.toml", TIMES, folder))
    yield Row("plan of the contract: CPU", once.cpu_s, "s")
    yield Row(f"plan of {TIMES} times the contract, {_entries(many)}: CPU",
              many.cpu_s, "s", PLAN_MOST_S)  # fmt: skip
    yield Row("  its memory", many.memory_mb, "MB", PLAN_MOST_MB)


def _built(folder: Path, contract: Path, rules: Path) -> Cost:
    words = {"root": ROOT, "openapi": contract, "rules": rules, "out": folder / "plan.json"}
    named = [f"--{name}={value}" for name, value in words.items()]
    (folder / "plan.json").unlink(missing_ok=True)
    cost = cost_of([sys.executable, "-m", "smoke", "plan", *named], ROOT, {"COLUMNS": "200"})
    if cost.code != 0:
        sys.exit(f"The plan was not built:\n{cost.out[-2000:]}")
    return cost


def _entries(cost: Cost) -> str:
    found = re.search(r"(\d+ entries)", cost.out)
    return found[1] if found else os.linesep.join(cost.out.splitlines()[-1:])


def _peers(folder: Path) -> Iterator[Row]:
    """Our runs beside other ways to ask the same service, written to RESULTS.md."""
    results = list[Result]()
    for number, condition in enumerate(CONDITIONS):
        everybody = condition.round_trip_ms == 0
        results += compared(folder / str(number), condition, everybody=everybody)
        write(results)  # this part takes minutes, and may be ended before
    for one in results:
        name = f"{one.condition}: {one.peer}: {one.operations} operations, {one.requests} requests"
        yield Row(name, one.wall_s, "s")


def _start(folder: Path) -> Iterator[Row]:
    """The start of the command, of the plugin, of the service and of a run, each in pairs."""
    for name, seconds in start.measured(folder):
        yield Row(name, seconds * 1000, "ms")


PARTS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "passes": _passes,
    "plans": _plans,
    "overhead": _overhead,
    "peers": _peers,
    "start": _start,
}

if __name__ == "__main__":
    sys.exit(main())
