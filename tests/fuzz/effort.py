"""How hard is tried: a fixed handful of examples, or many times as many at random."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@contextmanager
def bounded(most_s: float = MOST_S) -> Iterator[None]:
    """What is done inside takes no longer than that in CPU time, whatever else the machine does."""
    begun = time.process_time()
    yield
    taken = time.process_time() - begun
    assert taken < most_s, f"{taken:.1f} s"
