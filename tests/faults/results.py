"""The results as text: a line per run, a table per kind, and the file that keeps them."""

import statistics
from collections.abc import Iterable, Iterator, Sequence

from tests.faults.entries import FalseGreen, Fault, Harmless
from tests.faults.judgement import Judgement
from tests.faults.smoke_run import HUNG


def line(judgement: Judgement, done: int, of: int) -> str:
    """Return the line of progress of one run."""
    entry, said = judgement.entry, judgement.said
    word = "ok" if judgement.right and judgement.named is not False else "WRONG"
    where = f" at {said.check or first_line(said.text)}" if said.exit else ""
    took = f"{said.seconds:.1f} s" if said.seconds is not None else f"{said.wall_s:.1f} s in all"
    return f"[{done:>3}/{of}] {word:<5} {entry.name}: {ended(judgement)}{where}, {took}"


def ended(judgement: Judgement) -> str:
    """How the run ended, in a word."""
    said = judgement.said
    if said.exit == HUNG:
        return "never ended"
    return f"{said.word or 'exit code'} ({said.exit})"


def first_line(text: str) -> str:
    """Return the first line of a text, cut short."""
    return text.strip().partition("\n")[0][:100]


def summary(judgements: Sequence[Judgement], suite: str) -> str:
    """Return the results as Markdown."""
    return "\n".join([*_head(suite), *_faults(judgements), *_harmless(judgements),
                      *_false_greens(judgements)]) + "\n"  # fmt: skip


def _head(suite: str) -> Iterator[str]:
    yield "# What the smoke run finds"
    yield ""
    yield f"Written by `python -m tests.faults`; measured: {suite}."
    yield "A fault is *detected* when the run is not green, and *named* when its first red line is"
    yield "the check of the broken surface. Time to red counts from the run's first request to its"
    yield "end, the taking-down of what it made included."
    yield ""


def _faults(judgements: Sequence[Judgement]) -> Iterator[str]:
    faults = [one for one in judgements if isinstance(one.entry, Fault)]
    if not faults:
        return
    yield "## Faults"
    yield ""
    yield "| group | faults | detected | named | median time to red |"
    yield "|---|---|---|---|---|"
    groups = dict.fromkeys(one.entry.group for one in faults if isinstance(one.entry, Fault))
    for group in groups:
        yield _row(group, [o for o in faults if isinstance(o.entry, Fault)
                           and o.entry.group == group])  # fmt: skip
    yield _row("**all**", faults)
    yield ""
    yield from _listed("Missed", [one for one in faults if not one.right])
    yield from _listed("Found, but not named", [o for o in faults if o.right and o.named is False])
    yield "<details><summary>Every fault</summary>"
    yield ""
    yield "| fault | surface | first red line | time to red |"
    yield "|---|---|---|---|"
    for one in faults:
        assert isinstance(one.entry, Fault)
        shown = one.said.check or (first_line(one.said.text) if one.said.exit else "-")
        yield f"| {one.entry.name} | {one.entry.surface} | {shown} | {_time(one)} |"
    yield ""
    yield "</details>"
    yield ""


def _row(name: str, faults: Sequence[Judgement]) -> str:
    found = [one for one in faults if one.right]
    named = "-" if any(one.named is None for one in found) else sum(bool(o.named) for o in found)
    times = [one.said.seconds for one in found if one.said.seconds is not None]
    middle = f"{statistics.median(times):.1f} s" if times else "-"
    return f"| {name} | {len(faults)} | {len(found)} | {named} | {middle} |"


def _harmless(judgements: Sequence[Judgement]) -> Iterator[str]:
    yield from _kind("Harmless changes", "green", "False alarms",
                     [one for one in judgements if isinstance(one.entry, Harmless)])  # fmt: skip


def _false_greens(judgements: Sequence[Judgement]) -> Iterator[str]:
    yield from _kind("False greens", "not green", "Wrongly green, or without end",
                     [one for one in judgements if isinstance(one.entry, FalseGreen)])  # fmt: skip


def _kind(title: str, good: str, bad: str, ones: Sequence[Judgement]) -> Iterator[str]:
    if not ones:
        return
    right = sum(one.right for one in ones)
    yield f"## {title}"
    yield ""
    yield f"{right} of {len(ones)} {good}."
    yield ""
    yield from _listed(bad, [one for one in ones if not one.right])
    yield "| entry | verdict | reason |"
    yield "|---|---|---|"
    for one in ones:
        yield f"| {one.entry.name} | {ended(one)} | {_cell(_reason(one))} |"
    yield ""


def _listed(title: str, ones: Iterable[Judgement]) -> Iterator[str]:
    rows = list(ones)
    if not rows:
        return
    yield f"{title}:"
    yield ""
    for one in rows:
        why = getattr(one.entry, "why", "")
        yield f"- `{one.entry.name}`: {_cell(_reason(one)) or 'green'}" + (
            f" ({why})" if why else ""
        )
    yield ""


def _reason(one: Judgement) -> str:
    if one.said.exit == 0:
        return ""
    last = next((row for row in reversed(one.said.output.splitlines()) if row.strip()), "")
    told = f"{one.said.check}: " if one.said.check else ""
    return told + first_line(one.said.text or last)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _time(one: Judgement) -> str:
    return "-" if one.said.seconds is None or not one.right else f"{one.said.seconds:.1f} s"
