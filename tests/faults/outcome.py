"""Whether a run reported what it should report of an entry."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from smoke.config.targets import CLEANUP_S
from smoke.errors import Exit
from smoke.results.verdict import Word
from tests.faults.entries import Entry, FalseGreen, Fault, Hang, Harmless
from tests.faults.smoke_run import HUNG, RunResult

# Verdicts of a run that found a fault: any of its own that is not green.
FOUND = frozenset(Word) - {Word.GREEN}

TRACEBACK = "Traceback (most recent call last)"

# What was and what was not verified.
LIST = re.compile(r"^verified  .+\n(?:.*\n)*?but not   \d+ operations: ", re.MULTILINE)

# Seconds after its deadline by which a run's process must have ended: those that are kept for the
# removal of what it made, which a service that hangs uses up, and two.
LATE_S = CLEANUP_S + 2


@dataclass(frozen=True)
class Outcome:
    """
    One entry, the result of its run, and whether that is as it should be.

    `named` states whether the first red line is the check of the broken surface; None where that
    is not asked, or cannot be known of somebody else's command.
    """

    entry: Entry
    result: RunResult
    right: bool
    named: bool | None = None

    @property
    def is_as_known(self) -> bool:
        """Whether nothing is news: it is right, or a fault that is known to be missed."""
        known = isinstance(self.entry, Fault) and bool(self.entry.missed)
        return self.named is not False if self.right else known


def outcome_of(entry: Entry, result: RunResult, *, foreign: bool = False) -> Outcome:
    """Return the outcome of a run; of a `foreign` command only the exit code is known."""
    if isinstance(entry, Harmless):
        return Outcome(entry, result, right=result.exit == 0)
    if isinstance(entry, Hang):
        return Outcome(entry, result, right=_ended_in_time(entry, result))
    if isinstance(entry, FalseGreen):
        return Outcome(
            entry, result, result.exit not in (0, HUNG) and _has_own_reason(entry, result)
        )
    found = result.exit not in (0, HUNG) if foreign else result.exit > 0 and result.word in FOUND
    return Outcome(entry, result, found, None if foreign else found and _names(entry, result))


def _has_own_reason(entry: FalseGreen, result: RunResult) -> bool:
    """Whether a run gave its own reason, and in words: a traceback is none."""
    whole = " ".join(result.output.split())  # a sentence may be wrapped
    return entry.says in whole and TRACEBACK not in result.output


def _ended_in_time(entry: Hang, result: RunResult) -> bool:
    """Whether a run that was kept waiting ended unverified by its deadline, and said why."""
    late = result.whole_s is None or result.whole_s > entry.deadline_s + LATE_S
    listed = LIST.search(result.output) is not None
    return result.exit == Exit.UNVERIFIED and result.word == Word.UNVERIFIED and listed and not late


def _names(fault: Fault, result: RunResult) -> bool:
    return matches(fault.caught_by, result.check) and fault.says in result.text


def matches(pattern: str, check: str) -> bool:
    """Tell whether a check has a name; `*` stands for anything and brackets for themselves."""
    return fnmatchcase(check, pattern.replace("[", "[[]"))
