"""
A pytest plugin for the bench (`-p tests.bench.silent`): the run with its recording and reporting
left out, or, where `BENCH_REPORTS=1`, as it is; either way it reports what its children cost.

Left out is everything that only an output needs: what is learned of secrets in exchanges, the
record, the lines of the terminal, and the files with the modules that make them. The verdict is
judged all the same, and the exit code is the run's own.
"""

import atexit
import os
import resource
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REPORTS = "BENCH_REPORTS"
"""The environment variable that leaves recording and reporting in."""

CHILDREN = "BENCH_CHILDREN"
"""The one that names the file for the CPU seconds of the children: the embedded service."""


def tell_children() -> None:
    """Write down what the children cost; the process itself is measured from outside."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    Path(os.environ[CHILDREN]).write_text(str(used.ru_utime + used.ru_stime))


def nothing(*_: Any, **__: Any) -> Any:
    """Stands for everything that is left out."""
    return ()


class Empty(ModuleType):
    """A module of which every member does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return nothing


def stand_in(name: str) -> None:
    """Have a module of reports that does nothing, so that the real one is not even imported."""
    sys.modules[name] = Empty(name)


def leave_out() -> None:
    """Leave out recording and reporting."""
    stand_in("smoke.report.files")
    stand_in("smoke.report.several")
    from smoke.pytest_plugin.details import CheckLines
    from smoke.pytest_plugin.terminal import SmokeTerminal
    from smoke.results.exchange import Exchange
    from smoke.results.record import Record
    from smoke.results.run import Run

    def saw(run: Run, exchange: Exchange) -> None:
        run.exchanges.append(exchange)
        run.url = run.url or exchange.url

    for owner, name, instead in ((Run, "saw", saw), (Run, "write", nothing),
                                 (CheckLines, "of", nothing), (Record, "of_lines", nothing),
                                 (SmokeTerminal, "show", nothing),
                                 (SmokeTerminal, "conclude", nothing)):  # fmt: skip
        setattr(owner, name, instead)


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Leave out what is to be left out before the smoke run begins."""
    atexit.register(tell_children)
    if REPORTS not in os.environ:
        leave_out()
