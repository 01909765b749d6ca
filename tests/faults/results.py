"""The results as Markdown: a section per kind of entry."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.faults.entries import Entry, FalseGreen, Fault, Hang, Harmless
from tests.faults.outcome import Outcome
from tests.faults.smoke_run import HUNG

# The title of the section of each kind.
KINDS: Mapping[type[Entry], str] = {
    Fault: "Faults", Harmless: "Harmless changes", FalseGreen: "False greens",
    Hang: "Everything hangs",
}  # fmt: skip


def ended(outcome: Outcome) -> str:
    """How the run ended, in a word."""
    result = outcome.result
    if result.exit == HUNG:
        return "never ended"
    return f"{result.word or 'exit code'} ({result.exit})"


def first_line(text: str) -> str:
    """Return the first line of a text, cut short."""
    return text.strip().partition("\n")[0][:100]


def sections(outcomes: Sequence[Outcome], suite: str) -> dict[str, list[str]]:
    """Return the lines of Markdown below the title of each kind that was run."""
    found: dict[str, list[str]] = {}
    for kind, title in KINDS.items():
        ones = [one for one in outcomes if isinstance(one.entry, kind)]
        if ones:
            found[title] = [f"Measured: {suite}.", "", *_lines(kind, ones)]
    return found


def _lines(kind: type[Entry], ones: Sequence[Outcome]) -> Iterator[str]:
    if kind is Fault:
        yield from _faults(ones)
    elif kind is Hang:
        yield from _hangs(ones)
    elif kind is Harmless:
        yield from _kind("green", "False alarms", ones)
    else:
        yield from _kind("not green, for their own reason", "Wrong", ones)


def _faults(faults: Sequence[Outcome]) -> Iterator[str]:
    yield "A fault is *detected* when the run is not green, and *named* when its first red line is"
    yield "the check of the broken surface. Times count from the run's first request: to red, until"
    yield "the first red line is on the screen; to the end, until the run has taken down what it"
    yield "made and says its verdict."
    yield ""
    yield "| group | faults | detected | named | median time to red | median time to the end |"
    yield "|---|---|---|---|---|---|"
    groups = dict.fromkeys(group_of(one) for one in faults)
    for group in groups:
        yield _row(group, [one for one in faults if group_of(one) == group])
    yield _row("**all**", faults)
    yield ""
    yield from _listed("Missed", [one for one in faults if not one.right])
    yield from _listed("Found, but not named", [o for o in faults if o.right and o.named is False])
    yield "<details><summary>Every fault</summary>"
    yield ""
    yield "| fault | surface | first red line | time to red | time to the end |"
    yield "|---|---|---|---|---|"
    yield from map(_fault, faults)
    yield ""
    yield "</details>"


def group_of(one: Outcome) -> str:
    """The group of a fault; empty for other entries."""
    return one.entry.group if isinstance(one.entry, Fault) else ""


def _fault(one: Outcome) -> str:
    result = one.result
    shown = result.check or (_cell(first_line(result.text)) if result.exit else "-")
    surface = one.entry.surface if isinstance(one.entry, Fault) else ""
    times = (result.red_s, result.seconds) if one.right else (None, None)
    red, end = map(seconds, times)
    return f"| {one.entry.name} | {surface} | {shown or '-'} | {red} | {end} |"


def _row(name: str, faults: Sequence[Outcome]) -> str:
    found = [one for one in faults if one.right]
    red = middle(one.result.red_s for one in found)
    end = middle(one.result.seconds for one in found)
    return f"| {name} | {len(faults)} | {len(found)} | {count_named(found)} | {red} | {end} |"


def count_named(found: Sequence[Outcome]) -> str:
    """How many first red lines named the surface; a dash where that cannot be known."""
    known = all(one.named is not None for one in found)
    return str(sum(bool(one.named) for one in found)) if known else "-"


def middle(times: Iterable[float | None]) -> str:
    """The median of the times that are known, as text."""
    known = [time for time in times if time is not None]
    return seconds(statistics.median(known) if known else None)


def seconds(time: float | None) -> str:
    """Seconds as text."""
    return "-" if time is None else f"{time:.1f} s"


def _hangs(ones: Sequence[Outcome]) -> Iterator[str]:
    yield "The run must end unverified (exit code 2), its process at most two seconds after its"
    yield "deadline, whatever it was waiting for and with whatever it had still to take down."
    yield ""
    yield f"{sum(one.right for one in ones)} of {len(ones)} in time."
    yield ""
    yield "| entry | deadline | ended after | verdict | reason |"
    yield "|---|---|---|---|---|"
    for one in ones:
        deadline = f"{one.entry.deadline_s:g} s" if isinstance(one.entry, Hang) else ""
        after = seconds(one.result.whole_s or one.result.wall_s)
        yield f"| {one.entry.name} | {deadline} | {after} | {ended(one)} | {_cell(_reason(one))} |"


def _kind(good: str, bad: str, ones: Sequence[Outcome]) -> Iterator[str]:
    yield f"{sum(one.right for one in ones)} of {len(ones)} {good}."
    yield ""
    yield from _listed(bad, [one for one in ones if not one.right])
    yield "| entry | verdict | reason |"
    yield "|---|---|---|"
    for one in ones:
        yield f"| {one.entry.name} | {ended(one)} | {_cell(_reason(one))} |"


def _listed(title: str, ones: Iterable[Outcome]) -> Iterator[str]:
    rows = list(ones)
    if not rows:
        return
    yield f"{title}:"
    yield ""
    for one in rows:
        why = getattr(one.entry, "missed", "") or getattr(one.entry, "why", "")
        yield f"- `{one.entry.name}`: {_cell(_reason(one)) or 'green'}" + (
            f" ({why})" if why else ""
        )
    yield ""


def _reason(one: Outcome) -> str:
    if one.result.exit == 0:
        return ""
    check = f"{one.result.check}: " if one.result.check else ""
    return check + first_line(one.result.text or _row_that_says(one))


def _row_that_says(one: Outcome) -> str:
    """The row of the output that gives the reason, or the last one."""
    rows = [row.strip() for row in one.result.output.splitlines() if row.strip()]
    says = getattr(one.entry, "says", "")
    return next((row for row in rows if says and says in row), rows[-1] if rows else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
