"""Markdown for the summary of a CI step and for a comment on a pull request."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from smoke.report.summary import counted, surface_of
from smoke.report.verdict_json import verdict_words, worst_first
from smoke.results.curl import curls_of
from smoke.results.record import Line, Record
from smoke.results.verdict import Word

SIGNS = {Word.GREEN: "🟢", Word.RED: "🔴", Word.UNVERIFIED: "🟡", Word.MISUSED: "🟠"}

# Failures that are shown in full; the rest are in the table of the HTML report.
FAILURES = 5

# The most characters in all: GitHub accepts 65,536 in a comment.
MOST = 60_000

# Characters of one block; of a longer one the beginning is shown.
BLOCK_MOST = 4000


def markdown(records: Sequence[Record], news: Mapping[str, Sequence[str]] | None = None) -> str:
    """
    Return the summary of all targets: the verdict, the surfaces, then what failed.

    `news` has the changes of each target since its last green run.
    """
    several = len(records) > 1
    parts = [_together(records)] if several else []
    for record in worst_first(records):
        parts += _of(record, (news or {}).get(record.target, ()), "###" if several else "##")
    # After the verdict: the surfaces are of all targets.
    parts.insert(1, _surfaces(records))
    text = ""
    for part in parts:
        # Whole parts only: half a table or an open block would spoil the page.
        if len(text) + len(part) > MOST:
            return f"{text}… The rest is in `report.html`.\n"
        text += part
    return text


def _together(records: Sequence[Record]) -> str:
    """The one verdict of several targets, and a line for each."""
    verdict = verdict_words(records)
    rows = [
        f"| {_text(record.target)} | {SIGNS[record.word]} {record.word} "
        f"| {_text(record.verdict['reason'])} | {_counts(record.ended) or 'none ran'} "
        f"| {record.verdict['seconds']:.1f} s |"
        for record in worst_first(records)
    ]
    lines = [
        f"## {SIGNS[Word(verdict['verdict'])]} {verdict['title']}: {_text(verdict['targets'])}",
        "",
        *_why(verdict["reason"], verdict["cause"]),
        "| target | verdict | why | checks | time |",
        "|---|---|---|---|---|",
        *rows,
    ]
    return _lines(lines)


def _surfaces(records: Sequence[Record]) -> str:
    """The part of each surface that works on each target, folded."""
    surfaces = list(dict.fromkeys(tag for record in records for tag in record.surfaces))
    if not surfaces:
        return ""
    names = " | ".join(_text(record.target) for record in records)
    lines = [
        "<details><summary>Surfaces: operations that succeeded</summary>",
        "",
        f"| surface | {names} |",
        "|---" * (len(records) + 1) + "|",
    ]
    for surface in surfaces:
        cells = " | ".join(
            record.works(surface) + (" ✖" if record.is_broken(surface) else "")
            for record in records
        )
        lines.append(f"| {_text(surface or 'no tag')} | {cells} |")
    return _lines([*lines, "", "</details>"])


def _of(record: Record, news: Sequence[str], level: str) -> Iterator[str]:
    """The text of one target, in parts that can each be left out."""
    last = record.verdict
    word = record.title
    yield _lines(
        [
            f"{level} {SIGNS[record.word]} {word}: {_text(record.target)}",
            "",
            *_why(last["reason"], last["cause"]),
            *(f"**New** {_text(line)}\n" for line in news),
            *_table(record),
        ]
    )
    for check in record.failures[:FAILURES]:
        yield _lines(_failure(record, check, level))
    left = len(record.failures) - FAILURES
    if left > 0:
        yield f"… and {left} more failures.\n\n"
    yield _lines(_unaccounted(record))


def _why(reason: str, cause: str) -> Iterator[str]:
    if reason:
        yield f"**Why{f' ({cause})' if cause else ''}:** {_text(reason)}"
        yield ""


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


def _lines(lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    return f"{text.rstrip()}\n\n" if text else ""


def _table(record: Record) -> Iterator[str]:
    accounts = ", ".join(f"{count} {name}" for name, count in counted(record))
    rows = {
        "first broken surface": surface_of(record),
        "service": f"{record.url} {record.version}",
        "checks": _counts(record.ended) or "none ran",
        "operations": f"{len(record.ledger)}: {accounts}" if record.ledger else "",
        "requests": f"{len(record.exchanges)} in {record.verdict['seconds']:.1f} s",
        "depth": record.depth if record.is_quick else "",
        "partial": record.part,
        "run": record.header["id"],
    }
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {_text(value)} |" for name, value in rows.items() if value)
    yield ""


def _failure(record: Record, check: Line, level: str) -> Iterator[str]:
    yield f"{level}# {_text(check['check'])}"
    yield ""
    if check["title"]:
        yield f"{_text(check['title'])}"
        yield ""
    exchange = record.failing_exchange(check)
    if exchange is None:
        yield from _block(check["text"] or check["reason"], "")
    else:
        asked = exchange["operation"] or f"{exchange['method']} {exchange['url']}"
        yield f"- asked: {_code(asked)} as {_text(exchange['actor'])}"
        if check["expected"]:
            yield f"- expected: {_text(check['expected'])}"
            yield f"- got: {_text(check['got'])} ({exchange['elapsed_ms']:.0f} ms)"
        else:
            yield f"- reason: {_text(check['reason'])}"
        if check.get("hint"):
            yield f"- hint: {_text(check['hint'])}"
        if exchange["request_id"]:
            yield f"- request id: {_code(exchange['request_id'])}"
        parent, link = record.trace(exchange)
        yield f"- trace: {_code(parent)}" + (f" ({_text(link)})" if link else "")
        yield ""
        yield from _block("\n".join(curls_of(record, exchange)), "sh")
    yield f"Again: {_code(record.again(check))}"
    yield ""


def _unaccounted(record: Record) -> Iterator[str]:
    listed = ("missing", "known", "excepted", "undecided")
    rows = [row for row in record.ledger if row["account"] in listed]
    if not rows or record.failures:
        return
    yield f"<details><summary>{len(rows)} operations to look at</summary>"
    yield ""
    for row in rows:
        yield f"- {row['account']}: {_code(row['operation'])}: {_text(row['why'])}"
    yield ""
    yield "</details>"


def _text(text: object) -> str:
    """Text that stays text: one line, nothing of it is Markdown, HTML or a mention."""
    line = " ".join(str(text).split())
    escaped = re.sub(r"([\\`*_{}\[\]()<>#+!|~$-])", r"\\\1", line)
    return escaped.replace("@", "@\u200b").replace("&", "&amp;").replace("://", ":/\u200b/")


def _code(text: str) -> str:
    """Inline code: its fence is longer than any run of backticks in it (CommonMark §6.1)."""
    line = " ".join(text.split())
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _block(text: str, language: str) -> Iterator[str]:
    """A fenced block that its content cannot end (CommonMark §4.5)."""
    text = text if len(text) <= BLOCK_MOST else f"{text[:BLOCK_MOST]}… (cut: see report.html)"
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    yield from (f"{fence}{language}", text, fence, "")
