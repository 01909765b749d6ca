"""What the start costs: imports, the command's shortest answers, and the first request of a run."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter, time

from smoke.session.service_process import Service
from tests.faults.deployment import environment
from tests.smoking import ROOT

ROUNDS = 7

COMMANDS = {
    "smoke --version, beyond a bare python": (["-m", "smoke", "--version"], ["-c", "pass"]),
    "smoke --help, beyond a bare python": (["-m", "smoke", "--help"], ["-c", "pass"]),
    "import of the plugin, beyond pytest": (
        ["-c", "import pytest, smoke.pytest_plugin.plugin"],
        ["-c", "import pytest"],
    ),
    "import of what a run needs, beyond pytest": (
        ["-c", "import pytest, smoke.pytest_plugin.plugin, smoke.pytest_plugin.begin"],
        ["-c", "import pytest"],
    ),
}
"""What is measured, and the command that it is compared with."""


def beyond(command: list[str], other: list[str]) -> float:
    """Return the median of how many seconds longer a command takes than another, in pairs."""
    return median(_seconds(command) - _seconds(other) for _ in range(ROUNDS))


def _seconds(words: list[str]) -> float:
    began = perf_counter()
    subprocess.run(  # noqa: S603  (our own commands)
        [sys.executable, *words], cwd=ROOT, env=environment(), check=True, capture_output=True
    )
    return perf_counter() - began


def service_s() -> float:
    """Return how many seconds the embedded service takes to print its URL."""
    began = perf_counter()
    service = Service("smoke.reference", environment())
    try:
        assert service.url
        return perf_counter() - began
    finally:
        service.stop()


def first_request_s(folder: Path) -> float:
    """Return how many seconds after the start of the process a run sends its first request."""
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--target=local",
             "-k", "service_is_alive", f"--records={folder}"]  # fmt: skip
    began = time()
    _seconds(words)
    lines = (folder / "local/run.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    run = next(row for row in rows if row["kind"] == "run")
    first = min(row["started_s"] for row in rows if row["kind"] == "exchange")
    return datetime.fromisoformat(run["started"]).timestamp() + float(first) - began


def measured(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield what the parts of the start cost, in seconds."""
    for name, (command, other) in COMMANDS.items():
        yield name, beyond(command, other)
    yield "embedded service, from its start to its URL", median(service_s() for _ in range(3))
    yield "first request, from the start of pytest", median(first_request_s(folder) for _ in "123")
