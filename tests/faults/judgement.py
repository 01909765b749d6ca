"""Whether a run said what it should have said of an entry."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from smoke.errors import Exit
from smoke.results.verdict import Word
from tests.faults.entries import Entry, FalseGreen, Fault, Hang, Harmless
from tests.faults.smoke_run import HUNG, Said

FOUND = frozenset(Word) - {Word.GREEN}
"""Verdicts of a run that found a fault: any of its own that is not green."""

TRACEBACK = "Traceback (most recent call last)"

LIST = re.compile(r"^verified  .+\n(?:.*\n)*?but not   \d+ operations: ", re.MULTILINE)
"""What was and what was not verified."""

LATE_S = 2
"""Seconds after its deadline by which a run's process must have ended."""


@dataclass(frozen=True)
class Judgement:
    """One entry, what the run said, and whether that is as it should be.

    `named` tells whether the first red line is the check of the broken surface; None where that
    is not asked, or cannot be known of somebody else's command.
    """

    entry: Entry
    said: Said
    right: bool
    named: bool | None = None

    @property
    def is_as_known(self) -> bool:
        """Whether nothing is news: it is right, or a fault that is known to be missed."""
        known = isinstance(self.entry, Fault) and bool(self.entry.missed)
        return self.named is not False if self.right else known


def judge(entry: Entry, said: Said, *, foreign: bool = False) -> Judgement:
    """Return the judgement of a run; of a `foreign` command only the exit code is known."""
    if isinstance(entry, Harmless):
        return Judgement(entry, said, right=said.exit == 0)
    if isinstance(entry, Hang):
        return Judgement(entry, said, right=_ended_in_time(entry, said))
    if isinstance(entry, FalseGreen):
        return Judgement(entry, said, said.exit not in (0, HUNG) and _told(entry, said))
    found = said.exit not in (0, HUNG) if foreign else said.exit > 0 and said.word in FOUND
    return Judgement(entry, said, found, None if foreign else found and _names(entry, said))


def _told(entry: FalseGreen, said: Said) -> bool:
    """Whether a run gave its own reason, and in words: a traceback is none."""
    whole = " ".join(said.output.split())  # a sentence may be wrapped
    return entry.says in whole and TRACEBACK not in said.output


def _ended_in_time(entry: Hang, said: Said) -> bool:
    """Whether a run that was kept waiting ended unverified by its deadline, and said of what."""
    late = said.whole_s is None or said.whole_s > entry.deadline_s + LATE_S
    listed = LIST.search(said.output) is not None
    return said.exit == Exit.UNVERIFIED and said.word == Word.UNVERIFIED and listed and not late


def _names(fault: Fault, said: Said) -> bool:
    return matches(fault.caught_by, said.check) and fault.says in said.text


def matches(pattern: str, check: str) -> bool:
    """Tell whether a check has a name; `*` stands for anything and brackets for themselves."""
    return fnmatchcase(check, pattern.replace("[", "[[]"))
