"""What a measurement says while it goes on and when it is over, 80 columns wide."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.faults.entries import Fault
from tests.faults.outcome import Outcome
from tests.faults.results import KINDS, count_named, ended, first_line, group_of, middle
from tests.faults.smoke_run import RunResult

WIDTH = 80
# Runs after which the time that is left is reported.
EVERY = 20


def line(outcome: Outcome, done: int, of: int) -> str:
    """Return the line of progress of one run."""
    result = outcome.result
    where = result.check or (first_line(result.text) if result.exit else "")
    text = f"[{done:>3}/{of}] {_word(outcome):<6} {outcome.entry.name}  {where}"
    took = _took(result)
    room = WIDTH - len(took) - 2
    return f"{_cut(text, room):<{room}}  {took}"


def _word(outcome: Outcome) -> str:
    if outcome.is_as_known:
        return "ok" if outcome.right else "missed"
    return "WRONG"


def _took(result: RunResult) -> str:
    known = result.red_s if result.exit else result.seconds
    return f"{result.wall_s if known is None else known:.1f} s"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def left(done: int, of: int, gone_s: float) -> str:
    """Return how far a measurement is, and how long the rest may take."""
    rest = gone_s / done * (of - done)
    return f"{done} of {of} in {_minutes(gone_s)}, about {_minutes(rest)} to go"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def closing(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The table of the groups, a line for each other kind, and what was not as it should be."""
    faults = [one for one in outcomes if isinstance(one.entry, Fault)]
    if faults:
        yield f"{'group':<26}{'faults':>8}{'detected':>10}{'named':>8}{'to red':>9}{'to end':>9}"
        for group in dict.fromkeys(map(group_of, faults)):
            yield _row(group, [one for one in faults if group_of(one) == group])
        yield _row("all", faults)
        yield ""
    for kind, title in KINDS.items():
        ones = [one for one in outcomes if isinstance(one.entry, kind)]
        if ones and kind is not Fault:
            right = Counter(one.right for one in ones)[True]
            yield f"{title.lower():<26}{f'{right} of {len(ones)} as they should be':>34}"
    for one in outcomes:
        if not one.right or one.named is False:
            yield from _reason(one)


def _row(name: str, ones: Sequence[Outcome]) -> str:
    found = [one for one in ones if one.right]
    red, end = (
        middle(one.result.red_s for one in found),
        middle(one.result.seconds for one in found),
    )
    text = f"{name:<26}{len(ones):>8}{len(found):>10}{count_named(found):>8}"
    return f"{text}{red:>9}{end:>9}"


def _reason(one: Outcome) -> Iterator[str]:
    """Why an entry is not as it should be."""
    result = one.result
    why = getattr(one.entry, "missed", "") or f"{result.check} {first_line(result.text)}".strip()
    lead = f"{_word(one)}: {one.entry.name}: {ended(one)}"
    yield ""
    yield from textwrap.wrap(f"{lead}: {why}" if why else lead, WIDTH, subsequent_indent="  ")
