"""Whether a run said what it should have said of an entry."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from smoke.verdict import Word
from tests.faults.entries import Entry, FalseGreen, Fault, Harmless
from tests.faults.smoke_run import HUNG, Said

FOUND = frozenset(Word) - {Word.GREEN}
"""Verdicts of a run that found a fault: any of its own that is not green."""


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


def judge(entry: Entry, said: Said, *, foreign: bool = False) -> Judgement:
    """Return the judgement of a run; of a `foreign` command only the exit code is known."""
    if isinstance(entry, Harmless):
        return Judgement(entry, said, right=said.exit == 0)
    if isinstance(entry, FalseGreen):
        return Judgement(entry, said, right=said.exit not in (0, HUNG))
    found = said.exit not in (0, HUNG) if foreign else said.exit > 0 and said.word in FOUND
    return Judgement(entry, said, found, None if foreign else found and _names(entry, said))


def _names(fault: Fault, said: Said) -> bool:
    return matches(fault.caught_by, said.check) and fault.says in said.text


def matches(pattern: str, check: str) -> bool:
    """Tell whether a check has a name; `*` stands for anything and brackets for themselves."""
    return fnmatchcase(check, pattern.replace("[", "[[]"))
