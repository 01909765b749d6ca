"""Markdown for the summary of a CI step and for a comment on a pull request."""

import re
from typing import TYPE_CHECKING

from smoke.report.summary import curl_of
from smoke.verdict import Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smoke.report.record import Line, Record

SIGNS = {Word.GREEN: "🟢", Word.RED: "🔴", Word.UNVERIFIED: "🟡", Word.MISUSED: "🟠"}

FAILURES = 5
"""Failures that are shown in full; the rest are in the table of the HTML report."""


def markdown(records: "Sequence[Record]") -> str:
    """Return the summary of all targets: the verdicts, then what failed."""
    parts = [line for record in records for line in _of(record)]
    return "\n".join(parts) + "\n"


def _of(record: "Record") -> "Iterator[str]":
    last = record.verdict
    word = str(last["word"]).upper()
    yield f"## {SIGNS[record.word]} {word}: {_text(record.target)}"
    yield ""
    if last["reason"]:
        cause = f" ({last['cause']})" if last["cause"] else ""
        yield f"**Why{cause}:** {_text(last['reason'])}"
        yield ""
    yield from _table(record)
    for check in record.failures[:FAILURES]:
        yield from _failure(record, check)
    left = len(record.failures) - FAILURES
    if left > 0:
        yield f"… and {left} more failures.\n"
    yield from _unaccounted(record)


def _table(record: "Record") -> "Iterator[str]":
    ended = ", ".join(f"{count} {way}" for way, count in record.ended.most_common())
    accounts = ", ".join(f"{count} {account}" for account, count in record.accounts.most_common())
    rows = {
        "service": f"{record.url} {record.version}",
        "checks": ended or "none ran",
        "operations": f"{len(record.ledger)}: {accounts}" if record.ledger else "",
        "requests": f"{len(record.exchanges)} in {record.verdict['seconds']:.1f} s",
        "asked for": f"only {record.verdict['part']}" if record.verdict["part"] else "",
        "run": record.header["id"],
    }
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {_text(value)} |" for name, value in rows.items() if value)
    yield ""


def _failure(record: "Record", check: "Line") -> "Iterator[str]":
    yield f"### {_text(check['check'])}"
    yield ""
    if check["title"]:
        yield f"{_text(check['title'])}"
        yield ""
    exchange = record.failing_exchange(check)
    if exchange is None:
        yield from _block(check["text"], "")
    else:
        asked = exchange["operation"] or f"{exchange['method']} {exchange['url']}"
        yield f"- asked: {_code(asked)} as {_text(exchange['actor'])}"
        yield f"- expected: {_text(check['expected'])}"
        yield f"- got: {_text(check['got'])} ({exchange['elapsed_ms']:.0f} ms)"
        if check.get("hint"):
            yield f"- hint: {_text(check['hint'])}"
        if exchange["request_id"]:
            yield f"- request id: {_code(exchange['request_id'])}"
        parent, link = record.trace(exchange)
        yield f"- trace: {_code(parent)}" + (f" ({_text(link)})" if link else "")
        yield ""
        yield from _block(curl_of(exchange), "sh")
    yield f"Again: {_code(record.again(check))}"
    yield ""


def _unaccounted(record: "Record") -> "Iterator[str]":
    rows = [row for row in record.ledger if row["account"] in ("missing", "known", "excepted")]
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


def _block(text: str, language: str) -> "Iterator[str]":
    """A fenced block that its content cannot end (CommonMark §4.5)."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    yield from (f"{fence}{language}", text, fence, "")
