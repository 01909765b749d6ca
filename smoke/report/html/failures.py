"""The failures: request, expected and actual result, and how to send it again."""

from collections.abc import Sequence
from html import escape

from smoke.report.curls import curls_of
from smoke.report.verdict_json import worst_first
from smoke.results.record import Line, Record

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
    # An error that stopped the run expected nothing of its answer.
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
