"""How a check ended."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The ways in which a check can end."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    # Failed as a rule declares that it does.
    KNOWN = "known"
    # It depends on something that failed before, in a check that reported it.
    BLOCKED = "blocked"


# Ends after which an operation of the check was not seen to work.
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
