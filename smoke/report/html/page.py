"""The page as a whole: the common parts, the sections, and the data its script opens."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from zlib import MAX_WBITS, compressobj

from smoke.contract.operation_id import OperationId
from smoke.report.html.frame import foot, head
from smoke.report.html.operations import grid, operations
from smoke.report.html.verdicts import SIGNS, facts, headline
from smoke.report.verdict_json import verdict_words, worst_first
from smoke.results.curl import curls_of
from smoke.results.record import Line, Record

HERE = Path(__file__).parent

# This makes zlib write the header of gzip (RFC 1952), which browsers require.
GZIP = MAX_WBITS | 16


def html(
    records: Sequence[Record], hars: Sequence[Sequence[str]], news: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """
    Return the page of one or several targets; it loads nothing and trusts nothing it shows.

    It comes in pieces. `hars` has the archive of each target, with the entries that the page opens,
    `news` the changes of each target since its last green run.
    """
    verdict = verdict_words(records)
    words = f"{SIGNS[verdict['verdict']]} {verdict['verdict']} {verdict['targets']}"
    yield head(f"{words} · smoke", HERE)
    yield '<body>\n<a class="skip" href="#operations-title">To the operations</a>\n<main>\n'
    yield headline(records, news)
    yield failures(records)
    yield grid(records)
    yield operations(records)
    for at, record in enumerate(records):
        yield _run(at, record)
    yield _footer(records)
    yield f'</main>\n{DIALOG}\n<script type="application/gzip" id="data">'
    yield _data(records, hars)
    yield f"</script>\n{foot(HERE)}"


DIALOG = """<dialog aria-labelledby="exchange-title">
<div class="bar"><h3 id="exchange-title"></h3><span id="place" class="soft"></span>
<button id="previous" type="button" aria-label="previous exchange">←</button>
<button id="next" type="button" aria-label="next exchange">→</button>
<button id="close" type="button" aria-label="close">✕</button></div>
<div class="inside"></div>
</dialog>"""


def _run(at: int, record: Record) -> str:
    """The part of one target: the facts of its run, and its exchanges in their order."""
    title = f"target-{at}"
    return (
        f'<section aria-labelledby="{title}"><h2 id="{title}">Run of {escape(record.target)} '
        f"<small>{escape(str(record.word))}</small></h2>{facts(record)}{timeline(at, record)}"
        "</section>"
    )


def _footer(records: Sequence[Record]) -> str:
    head = records[0].header
    contract = head["contract"]
    return (
        '<footer><p class="keys"><kbd>/</kbd> filter · <kbd>↑</kbd> <kbd>↓</kbd> along a list · '
        "<kbd>Enter</kbd> open · <kbd>←</kbd> <kbd>→</kbd> exchanges · <kbd>Esc</kbd> close</p>"
        f"<p>smoke {escape(head['smoke'])} · Python {escape(head['python'])} · "
        f"{escape(contract['name'])}, {contract['operations']} operations, "
        f"{escape(str(contract['digest']))}</p></footer>"
    )


def _data(records: Sequence[Record], hars: Sequence[Sequence[str]]) -> str:
    """
    The exchanges as JSON, compressed: they are most of a page, and the browser unpacks them.

    Base64 has no `<`, so nothing in it ends a script (HTML §13.2.5.4).
    """
    # Piece by piece: the archives of several targets together may be hundreds of megabytes.
    packed = compressobj(level=6, wbits=GZIP)
    parts = []
    for number, (record, pieces) in enumerate(zip(records, hars, strict=True)):
        begin = f'{"," if number else "["}{{"target":{json.dumps(record.target)},"har":'
        parts += [packed.compress(text.encode()) for text in (begin, *pieces, "}")]
    parts += [packed.compress(b"]" if records else b"[]"), packed.flush()]
    return b64encode(b"".join(parts)).decode()


MARKS = {"passed": ("✔", "ok"), "failed": ("✖", "bad")}

LEGEND = (
    '<span class="legend soft"><i class="met"></i>as expected<i class="unmet"></i>not as expected'
    '<i class="unasked"></i>nothing expected</span>'
)


# A waterfall in the order of sending shows parallel requests at a glance.
def timeline(at: int, record: Record) -> str:
    """The waterfall of a target, which is the page's `at`-th."""
    if not record.exchanges:
        return ""
    began = min(line["started_s"] for line in record.exchanges)
    ended = max(line["started_s"] + line["elapsed_ms"] / 1000 for line in record.exchanges)
    span = max(ended - began, 0.001)
    outcomes = {check["check"]: check["outcome"] for check in record.checks}
    rows = "".join(
        _check(check, outcomes.get(check, ""), lines)
        + "".join(_row(at, line, record, began, span) for line in lines)
        for check, group in groupby(record.exchanges, key=lambda line: line["check"])
        for lines in [list(group)]
    )
    many = f"{len(record.exchanges)} exchanges in {span:.2f} s"
    return (
        f"<h3>Timeline <small>{many}</small></h3>"
        f'<div class="panel"><div class="axis"><span>0 s</span>{LEGEND}<span>{span:.2f} s</span>'
        f'</div><ol class="rows" aria-label="exchanges of {escape(record.target)}">{rows}</ol>'
        "</div>"
    )


def _check(check: str, outcome: str, lines: list[Line]) -> str:
    sign, look = MARKS.get(outcome, ("·", "soft"))
    took = sum(line["elapsed_ms"] for line in lines)
    return (
        f'<li class="check-head"><span class="{look}">{sign}</span>'
        f'<span class="mono">{escape(check)}</span><span class="num">{took:.0f} ms</span></li>'
    )


def _row(at: int, line: Line, record: Record, began: float, span: float) -> str:
    left = 100 * (line["started_s"] - began) / span
    width = max(line["elapsed_ms"] / 10 / span, 0.4)
    operation = OperationId(line["operation"] or f"{line['method']} {line['url']}")
    status = str(line["status"] or "—")
    bar = _met(record, line)
    return (
        f'<li><button type="button" class="row exchange" data-x="{at}.{line["number"]}">'
        f'<span class="n num">{line["number"]}</span>'
        f'<span class="op"><b>{escape(operation.method)}</b> {escape(operation.path)}</span>'
        f'<span class="num status {"bad" if bar == "unmet" else ""}">{status}</span>'
        f'<span class="num soft">{line["elapsed_ms"]:.0f} ms</span>'
        f'<svg aria-hidden="true"><rect class="{bar}" x="{left:.2f}%" width="{width:.2f}%" '
        'height="100%"/></svg></button></li>'
    )


def _met(record: Record, line: Line) -> str:
    expected = record.expected_of.get(line["number"])
    if not expected:
        return "unasked" if line["status"] else "unmet"
    return "met" if all(row["met"] for row in expected) else "unmet"


# Failures that are unfolded when the page opens; the others are one line each.
OPEN = 1

# A name, the HTML of its value, and the attributes of the value.
Row = tuple[str, str, str]


def failures(records: Sequence[Record]) -> str:
    """The failures, those of the worst target first; the first one is unfolded."""
    found = [(record, check) for record in worst_first(records) for check in record.failures]
    if not found:
        return ""
    shown = "".join(
        _failure(records, record, check, number < OPEN)
        for number, (record, check) in enumerate(found)
    )
    return (
        '<section aria-labelledby="failures"><h2 id="failures">Failures '
        f"<small>{len(found)}</small></h2>{shown}</section>"
    )


def _failure(records: Sequence[Record], record: Record, check: Line, unfolded: bool) -> str:
    where = f"{record.target}: " if len(records) > 1 else ""
    exchange = record.failing_exchange(check)
    reason = check["text"] or check["reason"]
    rows = [("reason", f'<pre tabindex="0">{escape(reason)}</pre>', "")]
    if exchange:
        rows = [*_asked(record, check, exchange), _opened(records.index(record), exchange)]
    rows.insert(3, ("hint", escape(check.get("hint") or ""), ""))
    rows.insert(-2, ("run alone", copyable(record.again(check)), ""))
    shown = "".join(f"<dt>{name}</dt><dd{more}>{text}</dd>" for name, text, more in rows if text)
    short = str(check["reason"]).partition("\n")[0]
    return (
        f'<details class="panel failure {escape(check["cause"])}"{" open" if unfolded else ""} '
        f'data-check="{escape(where + check["check"])}">'
        f"<summary>{escape(where + check['check'])} <span>{escape(check['cause'])}"
        f"<em>{escape(short)}</em></span></summary>"
        f'<p class="title">{escape(check["title"])}</p>'
        f'<dl class="pairs">{shown}</dl>'
        '<p><button type="button" class="ticket">copy as Markdown for the ticket</button></p>'
        "</details>"
    )


def _asked(record: Record, check: Line, exchange: Line) -> list[Row]:
    asked = exchange["operation"] or f"{exchange['method']} {exchange['url']}"
    body = exchange["response_body"]
    took = f"{escape(check['got'])} <span>({exchange['elapsed_ms']:.0f} ms)</span>"
    # An error that stopped the run has no expectation.
    reason = "" if check["expected"] else f"<pre>{escape(check['reason'])}</pre>"
    return [
        ("asked", f"<code>{escape(asked)}</code> as {escape(exchange['actor'])}", ""),
        ("reason", reason, ""),
        ("expected", escape(check["expected"]), ""),
        ("got", took if check["got"] else "", ' class="got"'),
        *(("known", escape(fact), "") for fact in check.get("facts", ())),
        ("body", f'<pre class="short" tabindex="0">{escape(body)}</pre>' if body else "", ""),
        *(("curl", copyable(line), "") for line in curls_of(record, exchange)),
        ("trace", _trace(record, exchange), ""),
    ]


def _opened(at: int, exchange: Line) -> Row:
    """The request's id, and a button that opens the whole exchange."""
    request_id = f"<code>{escape(exchange['request_id'] or 'the answer has none')}</code> "
    key = f"{at}.{exchange['number']}"
    opens = f'<button type="button" class="link" data-x="{key}">show all of it</button>'
    return "request id", request_id + opens, ""


def _trace(record: Record, exchange: Line) -> str:
    parent, link = record.trace(exchange)
    trace = f"<code>{escape(parent)}</code>"
    if link.startswith(("https://", "http://")):
        return f'<a href="{escape(link)}" rel="noopener noreferrer">{trace}</a>'
    return trace


def copyable(text: str) -> str:
    """A text with a button that copies it."""
    button = '<button type="button">copy</button>'
    return f'<div class="copy"><pre>{escape(text)}</pre>{button}</div>'
