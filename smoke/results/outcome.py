"""A check while it runs, how it ended, and the one order of severity."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from time import perf_counter
from typing import Any, TypeVar

from smoke.errors import Cause, Exit


class Outcome(StrEnum):
    """The ways in which a check can end."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    # Failed, as a rule with a known defect says.
    KNOWN = "known"
    # It depends on something that failed before, in a check that reported it.
    BLOCKED = "blocked"


# Outcomes after which no operation of the check counts as working.
BAD = frozenset({Outcome.FAILED, Outcome.BLOCKED})


@dataclass
class CheckResult:
    """
    How one check, or one entry of the plan, ended.

    `reason` is the sentence that every report shows: for a mismatch the operation, the expected
    and the actual result. `text` has all details in many lines, `facts` the run's other
    observations about the failure. `exchange` is the number of the exchange that failed the check;
    `again` makes pytest run it alone, `hint` suggests a next step.
    """

    check: str
    title: str
    outcome: Outcome
    seconds: float
    reason: str = ""
    cause: str = ""
    operations: tuple[str, ...] = ()
    generated: bool = False
    expected: str = ""
    got: str = ""
    exchange: int = 0
    again: str = ""
    hint: str = ""
    text: str = ""
    facts: tuple[str, ...] = ()


# The check that is running: its name, its place in the suite, and what it has expected so far.
#
# Checks run beside each other, so each task has its own, in a context variable.
# Where a line of the record, or an exchange, belongs: the place of its check in the suite, then its
# part of the check.
Place = tuple[int, int]

# The parts of a check, in the order in which a record shows them.
BODY, RESULT, CLEANUP = range(3)

# Work for all checks has places outside of the suite: before the first check, or after the last.
BEFORE, READINESS, SEEDING, AFTER = -3, -2, -1, 1_000_000_000


@dataclass(eq=False)
class Checking:
    """One check while it runs, or a named piece of work for all checks."""

    name: str
    at: int = BEFORE
    expectations: int = 0
    unmet: int = 0
    # The exchange of the newest expectation; None before the first one.
    looked_at: Any = None
    # Whether the check itself is over, so that the rest is its cleanup.
    has_ended: bool = False
    began_s: float = field(default_factory=perf_counter)
    # The seconds that it took; None while it runs.
    took_s: float | None = None

    @property
    def place(self) -> Place:
        """Where an exchange of this moment belongs."""
        return self.at, CLEANUP if self.has_ended else BODY

    @property
    def seconds(self) -> float:
        """How long the check took, or has taken so far."""
        return perf_counter() - self.began_s if self.took_s is None else self.took_s


# The one order of severity: of failures in a run, of runs in a report, of targets in a fleet.
#
# A wrong service comes first, even if other requests failed. Then come mistakes that a person must
# fix before a run can start; then missing answers, which often cause our own errors; then those.
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
