"""
The one order of severity: of failures in a run, of runs in a report, of targets in a fleet.

A wrong service comes first, even if other requests failed. Then come mistakes that a person must
fix before a run can start; then missing answers, which often cause our own errors; then those.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from smoke.errors import Cause, Exit

Failure = TypeVar("Failure")

WORST_FIRST = (Exit.RED, Exit.MISUSED, Exit.UNVERIFIED, Exit.INTERNAL, Exit.GREEN)

# The exit code of a run whose worst failure has this cause.
EXITS = {
    Cause.SERVICE: Exit.RED,
    Cause.CONTRACT: Exit.RED,
    Cause.ENVIRONMENT: Exit.UNVERIFIED,
    Cause.HARNESS: Exit.INTERNAL,
}


def exit_of(cause: str) -> Exit:
    """Return the exit code of a failure with this cause; one without a cause is ours."""
    return EXITS[Cause(cause or Cause.HARNESS)]


def worst_first(failures: Iterable[Failure], cause_of: Callable[[Failure], str]) -> list[Failure]:
    """Return failures, the worst first; those of equal severity keep their order."""
    return sorted(failures, key=lambda failure: WORST_FIRST.index(exit_of(cause_of(failure))))
