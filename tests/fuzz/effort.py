"""How hard is tried, how long that may take, and how a refusal must read."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, settings

from smoke.errors import ConfigError, DataError

TIMES = int(os.environ.get("FUZZ") or 1)
"""`FUZZ=50` tries fifty times as many examples, other ones at every run."""

MOST_S = 5.0
"""Seconds of CPU that one example may take."""


def tried(examples: int) -> settings:
    """The settings of a property: so many examples, the same at every run unless asked for more."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


MOST_CHARACTERS = 1500
"""Characters of one line of a refusal, however large what it is about."""


@contextmanager
def bounded(most_s: float = MOST_S) -> Iterator[None]:
    """Fail if the block needs more CPU time; the load of the machine does not matter."""
    begun = time.process_time()
    yield
    taken = time.process_time() - begun
    assert taken < most_s, f"{taken:.1f} s"


@contextmanager
def refusable(place: str) -> Iterator[None]:
    """The block may raise a refusal; each of its lines must begin with such a place."""
    refused: list[str] = []
    try:
        yield
    except (ConfigError, DataError) as error:
        refused = str(error).split("\n")
    assert all(re.match(place, line) for line in refused), refused
    assert all(len(line) < MOST_CHARACTERS for line in refused)
