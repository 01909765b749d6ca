"""
A pytest plugin for the bench (`-p tests.bench.tap`): the same run id each time, what was answered,
and the CPU that the checks alone took.
"""

import os
import pickle
from collections.abc import Generator
from pathlib import Path
from time import process_time

import pytest

import smoke.results.run
from smoke.results.exchange import Exchange
from smoke.results.run import Run

RUN_ID = "be7c4a11"
"""Values that are unique to a run are made from its id: with one id, recorded answers fit."""

ANSWERS = "BENCH_ANSWERS"
"""The environment variable that names the file for the answers; without it none are kept."""

REQUESTS = "BENCH_REQUESTS"
"""The one that names the file for what was sent and answered, to be sent again."""

CPU = "BENCH_CPU"
"""The one that names the file for the seconds."""

kept: list[Exchange] = []
saw = Run.saw


class Same:
    """Chance that is none, for ids of the run only."""

    @staticmethod
    def token_hex(size: int) -> str:
        """As many bytes of the one id."""
        return RUN_ID * (size // 4)


def keep(run: Run, exchange: Exchange) -> None:
    """Keep an exchange as it is before the run masks and cuts it."""
    kept.append(exchange)
    saw(run, exchange)


def pytest_configure() -> None:
    """Give the run its id, and keep its exchanges where that is asked for."""
    patch = pytest.MonkeyPatch()
    patch.setattr(smoke.results.run, "entropy", Same)
    if ANSWERS in os.environ or REQUESTS in os.environ:
        patch.setattr(Run, "saw", keep)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Measure the checks, without what starts and ends the process."""
    began = process_time()
    result = yield
    Path(os.environ[CPU]).write_text(str(process_time() - began))
    return result


def pytest_unconfigure() -> None:
    """Keep what was sent and answered, bodies as they were."""
    if REQUESTS in os.environ:
        pairs = [
            (e.method, e.url, dict(e.request_headers), e.request_body, e.status, e.body)
            for e in sorted(kept, key=lambda e: e.number)
        ]
        Path(os.environ[REQUESTS]).write_bytes(pickle.dumps(pairs))
    if ANSWERS in os.environ:
        rows = [(e.method, e.url, e.status, dict(e.headers), e.body, e.operation) for e in kept]
        Path(os.environ[ANSWERS]).write_bytes(pickle.dumps(rows))
