"""
The check that is running: its name, its place in the suite, and what it has expected so far.

Checks run beside each other, so each task has its own, in a context variable.
"""

from dataclasses import dataclass, field
from time import perf_counter

# Where a line of the record, or an exchange, belongs: the place of its check in the suite, then its
# part of the check.
Place = tuple[int, int]

# The parts of a check, in the order in which a record shows them.
BODY, RESULT, CLEANUP = range(3)

# Work for all checks has places outside of the suite: before the first check, or after the last.
BEFORE, READINESS, SEEDING, AFTER = -3, -2, -1, 1_000_000_000


@dataclass(eq=False)
class Checking:
    """One check while it runs, or the work for all checks that bears a name of its own."""

    name: str
    at: int = BEFORE
    expectations: int = 0
    unmet: int = 0
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
