"""The end of a run at a terminal: of one target, or of several with their one verdict."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from pathlib import Path

from smoke.report.columns import LABEL, WIDTH, StyledLine, fit, pasted, wrapped
from smoke.report.compare import since_green
from smoke.report.ending import ending
from smoke.report.summary import VERDICTS, tally
from smoke.report.verdict_json import verdict_words, worst_first, worst_of
from smoke.results.record import Record
from smoke.results.verdict import Word

# Columns of a surface's name in the grid, and of a target at least.
SURFACE, LEAST = 24, 7


def end_of_one(
    record: Record, page: Path, news: Sequence[str] | None = None, width: int = WIDTH
) -> Iterator[StyledLine]:
    """
    The evidence of a run, why it is red, and its verdict last.

    Without `news`, the changes since the last green run beside the page are shown.
    """
    fresh = since_green(record, page.parent) if news is None else news
    return ending(record, _shown(page), fresh, width)


def end_of_several(
    records: Sequence[Record],
    pages: Mapping[str, Path],
    page: Path,
    news: Mapping[str, Sequence[str]] | None = None,
    width: int = WIDTH,
) -> Iterator[StyledLine]:
    """
    Each target that is not green in full, the worst last; a line for each; the one verdict.

    `pages` has the HTML report of each target by its name, `page` is that of all.
    """
    # The last screen is what a person sees first.
    for record in reversed(worst_first(records)):
        if record.word is not Word.GREEN:
            yield f"target {record.target}", "bold verdict"
            fresh = (news or {}).get(record.target)
            yield from end_of_one(record, pages[record.target], fresh, width)
            yield "", ""
    yield from _verdict(records, width)
    longest = max(len(record.target) for record in records)
    for record in records:
        yield from _row(record, longest, width)
    yield from _broken(records, width)
    yield pasted("report", _shown(page))
    yield f"exit code {worst_of(records).verdict['exit']}", ""


def _row(record: Record, longest: int, width: int) -> Iterator[StyledLine]:
    begin = f"{record.title:<10} {record.target:<{longest}}  "
    first, *more = wrapped(f"{begin}{tally(record)}", " " * len(begin), width)
    yield first, VERDICTS[record.word]
    yield from ((line, "") for line in more)


def _broken(records: Sequence[Record], width: int) -> Iterator[StyledLine]:
    """The surfaces that are broken on a target, and the part of each that works."""
    surfaces = dict.fromkeys(tag for record in records for tag in record.surfaces)
    bad = [tag for tag in surfaces if any(record.is_broken(tag) for record in records)]
    if not bad:
        return
    widths = [max(len(record.target), LEAST) for record in records]
    table = [("", [record.target for record in records])]
    table += [(tag or "no tag", [r.works(tag) or "-" for r in records]) for tag in bad]
    for label, (tag, cells) in zip(chain(["broken"], repeat("")), table, strict=False):
        line = "  ".join(f"{cell:>{room}}" for cell, room in zip(cells, widths, strict=True))
        yield fit(f"{label:<{LABEL}}{tag:<{SURFACE}}{line}", width), "bold" if label else ""


def _verdict(records: Sequence[Record], width: int) -> Iterator[StyledLine]:
    """The one verdict of all targets: the worst one, and the number of targets that have it."""
    worst, verdict = worst_of(records), verdict_words(records)
    style = f"{VERDICTS[worst.word]} verdict"
    cause = f" ({verdict['cause']})" if verdict["cause"] else ""
    first = f"{verdict['title']}{cause}  {verdict['targets']}"
    yield from ((line, style) for line in wrapped(first, "  ", width))
    if worst.word is not Word.GREEN:
        reason = verdict["reason"].partition("\n")[0]
        yield from ((line, style) for line in wrapped(reason, "  ", width))


def _shown(page: Path) -> str:
    """A path relative to the current directory, if it is inside."""
    return str(page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page)
