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
    # Something it needs had failed before, in a check that reported it.
    BLOCKED = "blocked"


# Ends after which an operation of the check was not seen to work.
BAD = frozenset({Outcome.FAILED, Outcome.BLOCKED})


@dataclass
class CheckResult:
    """
    How one check, or one entry of the plan, ended.

    `reason` is the sentence that every report shows: for a mismatch the operation, what was
    expected and what came. `text` has the whole story in many lines, `facts` what the run knew of
    the failure from its other requests. `exchange` is the number of the exchange that failed it;
    `again` makes pytest run it alone, `hint` says what else the reader may do.
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
