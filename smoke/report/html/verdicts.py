"""The first screen of the page: the verdict of each target, and what failed."""

from html import escape
from typing import TYPE_CHECKING

from smoke.report.summary import curl_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smoke.report.record import Line, Record

SIGNS = {"green": "✔", "red": "✖", "unverified": "?", "misused": "!"}

OPEN = 1
"""Failures that are unfolded when the page opens; the others tell themselves in a line."""


def verdicts(records: "Sequence[Record]") -> str:
    """The verdict of each target, with what it stands on."""
    return "".join(_verdict(record) for record in records)


def _verdict(record: "Record") -> str:
    last = record.verdict
    word = str(last["word"])
    cause = f" <small>({escape(last['cause'])})</small>" if last["cause"] else ""
    why = f'<p class="why">{escape(last["reason"])}</p>' if last["reason"] else ""
    return (
        f'<section class="panel verdict {word}"><h1>{SIGNS[word]} {word.upper()} '
        f"<small>{escape(record.target)}</small>{cause}</h1>{why}{_facts(record)}</section>"
    )


def _facts(record: "Record") -> str:
    last, head = record.verdict, record.header
    gates = {
        state: ", ".join(gate["name"] for gate in head["gates"] if gate["state"] == state)
        for state in ("on", "absent", "off")
    }
    facts = {
        "service": f"{record.url or head['serve']} {record.version}",
        "checks": _counts(record.ended.most_common()) or "none ran",
        "operations": _counts(record.accounts.most_common()),
        "requests": f"{len(record.exchanges)} in {last['seconds']:.1f} s",
        "started": str(head["started"])[:19].replace("T", " ") + " UTC",
        "run": head["id"],
        **{f"gates {state}": names for state, names in gates.items()},
        "only": last["part"],
        "exit code": str(last["exit"]),
        "notes": "; ".join(note["text"] for note in record.notes),
        "format": f"{len(last['format'])} fields break their format only" if last["format"] else "",
    }
    return '<dl class="facts">' + pairs(facts.items()) + "</dl>"


def _counts(counts: "Iterable[tuple[str, int]]") -> str:
    return ", ".join(f"{count} {name}" for name, count in counts)


def pairs(facts: "Iterable[tuple[str, str]]") -> str:
    """Names and texts as the rows of a description list; empty texts are left out."""
    return "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in facts if text
    )


def failures(records: "Sequence[Record]") -> str:
    """What failed, the first of it unfolded."""
    found = [(record, check) for record in records for check in record.failures]
    if not found:
        return ""
    shown = "".join(
        _failure(record, check, number < OPEN, len(records) > 1)
        for number, (record, check) in enumerate(found)
    )
    return f"<section><h2>Failures <small>{len(found)}</small></h2>{shown}</section>"


def _failure(record: "Record", check: "Line", unfolded: bool, several: bool) -> str:
    where = f"{record.target}: " if several else ""
    exchange = record.failing_exchange(check)
    rows = [("", f"<pre>{escape(check['text'])}</pre>", "")]
    if exchange:
        rows = _asked(record, check, exchange)
    if check.get("hint"):
        rows.append(("hint", escape(check["hint"]), ""))
    rows.append(("run it alone", copyable(record.again(check)), ""))
    told = "".join(f"<dt>{name}</dt><dd{more}>{text}</dd>" for name, text, more in rows if text)
    short = f"expected {check['expected']}, got {check['got']}" if check["got"] else ""
    return (
        f'<details class="panel failure {escape(check["cause"])}"{" open" if unfolded else ""}>'
        f"<summary>{escape(where + check['check'])} <span>{escape(check['cause'])}"
        f"<em>{escape(short)}</em></span></summary>"
        f'<p class="title">{escape(check["title"])}</p><dl class="pairs">{told}</dl></details>'
    )


def _asked(record: "Record", check: "Line", exchange: "Line") -> list[tuple[str, str, str]]:
    asked = exchange["operation"] or f"{exchange['method']} {exchange['url']}"
    parent, link = record.trace(exchange)
    trace = escape(parent)
    if link.startswith(("https://", "http://")):
        trace = f'<a href="{escape(link)}" rel="noopener noreferrer">{trace}</a>'
    body = exchange["response_body"]
    took = f"{escape(check['got'])} <span>({exchange['elapsed_ms']:.0f} ms)</span>"
    request_id = exchange["request_id"]
    return [
        ("asked", f"<code>{escape(asked)}</code> as {escape(exchange['actor'])}", ""),
        ("expected", escape(check["expected"]), ""),
        ("got", took, ' class="got"'),
        ("body", f"<pre>{escape(body)}</pre>" if body else "", ""),
        ("request id", f"<code>{escape(request_id)}</code>" if request_id else "", ""),
        ("trace", f"<code>{trace}</code>", ""),
        ("curl", copyable(curl_of(exchange)), ""),
    ]


def copyable(text: str) -> str:
    """A text with a button that copies it."""
    button = '<button type="button">copy</button>'
    return f'<div class="copy"><pre>{escape(text)}</pre>{button}</div>'
