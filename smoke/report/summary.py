"""The words of a run at a terminal, 80 columns wide, all of them taken from its record.

A line is a text and a style (see `columns`). Without colour nothing is lost.
"""

from collections import Counter
from typing import TYPE_CHECKING

from smoke.report.columns import (
    LABEL,
    LISTED,
    WIDTH,
    Told,
    fit,
    itemised,
    labelled,
    many,
    pasted,
    wrapped,
)
from smoke.results.curl import curl_line
from smoke.results.ledger import NOT_REACHED, Account
from smoke.results.verdict import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smoke.results.record import Line, Record

BODY_LINES = 3
"""How many lines a failure shows of what was got, and of the answer's body."""

ERROR_LINES = 6
"""How many lines of an error a failure shows."""

REASON_LINES = 8
"""How many lines the reason of a verdict may take; of a longer one, the first and the last."""

WORDS = {
    "passed": ("ok", "green"),
    "failed": ("FAIL", "red"),
    "skipped": ("skip", "yellow"),
    "known": ("known", "yellow"),
    "blocked": ("block", "yellow"),
}
VERDICTS = {
    Word.GREEN: "green",
    Word.RED: "red",
    Word.UNVERIFIED: "yellow",
    Word.MISUSED: "yellow",
}


def header(head: "Line") -> "Iterator[Told]":
    """What is asked of whom: target, contract, gates, and each value that is not the default."""
    where = head["url"] or f"{head['serve']} (embedded)"
    run = f"  run {head['id']}" if head["id"] else ""
    yield from labelled("target", f"{head['target']}  {where}{run}")
    contract = head["contract"]
    digest = str(contract["digest"])[:19]
    told = many(contract["operations"], "operation")
    yield from labelled("contract", f"{contract['name']}  {told}  {digest}")
    for gates in gates_of(head):
        yield from labelled("gates", gates)
    for row in head["set"]:
        yield from labelled("set", f"{row['key']} = {row['value']}  ({row['source']})")


def gates_of(head: "Line") -> "Iterator[str]":
    """The gates by their state and by what says so."""
    for state in ("on", "absent", "off"):
        found: dict[str, list[str]] = {}
        for gate in head["gates"]:
            if gate["state"] == state:
                found.setdefault(gate["source"], []).append(gate["name"])
        yield from (f"{state}: {', '.join(names)}  ({source})" for source, names in found.items())


def service(url: str, version: str) -> "Iterator[Told]":
    """Where the service answers and which version it says it is."""
    told = f"version {version}" if version else "tells no version"
    yield from labelled("service", f"{url}  {told}")


def check_line(check: str, outcome: str, sent: "list[Line]", seconds: float) -> Told:
    """One line for one check: how it ended, its name, what it sent and how long that took."""
    word, style = WORDS[outcome]
    number = f"{len(sent)} sent" if sent else ""
    told = f"{number:>8} {seconds * 1000:6.0f} ms"
    if len(sent) == 1:
        told = f"{sent[0]['status'] or 'no answer':>8} {sent[0]['elapsed_ms']:6.0f} ms"
    room = WIDTH - 6 - len(told) - 1
    return f"{word:<5} {fit(check, room):<{room}} {told}", style


def ending(record: "Record", report: str = "", new: "Iterable[str]" = ()) -> "Iterator[Told]":
    """What the run stands on, then the first failure, and the verdict last.

    `report` is where the HTML report is, `new` what changed since the last green run.
    """
    yield from _skipped(record)
    yield from _formats(record)
    for note in record.notes:
        yield from labelled("note", note["text"])
    yield from _accounts(record)
    yield from _reach(record)
    yield from _slowest(record)
    if record.word is not Word.GREEN:
        for line in new:
            yield from labelled("new", line)
    yield from _failures(record)
    if report:
        yield pasted("report", report)
    yield "", ""
    yield from verdict(record)


def _skipped(record: "Record") -> "Iterator[Told]":
    reasons: dict[str, int] = {}
    for check in record.checks:
        if check["outcome"] == "skipped":
            reasons[check["reason"]] = reasons.get(check["reason"], 0) + 1
    for number, (reason, count) in enumerate(reasons.items()):
        if number == 2 * LISTED:
            yield from labelled("", f"and {len(reasons) - number} more reasons")
            return
        yield from labelled("" if number else "skipped", f"{count} x {reason}")


def _formats(record: "Record") -> "Iterator[Told]":
    found = record.verdict["format"]
    if found:
        whose = many(len({row["operation"] for row in found}), "operation")
        first = f"{many(len(found), 'field')} of {whose} wrong in format only:"
        lines = [f"{row['operation']} {row['place']}" for row in found]
        yield from itemised("format", lines, first)


def _accounts(record: "Record") -> "Iterator[Told]":
    if not record.ledger:
        return
    told = ", ".join(f"{count} {account}" for account, count in counted(record))
    listed = ["known", "undecided"]
    if record.checks and not record.failures:
        listed.append("missing")  # after a failure the rest was not asked for, which says nothing
    lines = [
        f"{row['account']}: {row['operation']}: {row['why']}"
        for account in listed
        for row in record.ledger
        if row["account"] == account
    ]
    yield from itemised("ledger", lines, f"{many(len(record.ledger), 'operation')}: {told}")


def _reach(record: "Record") -> "Iterator[Told]":
    """How far a run came that could not finish: what it verified, and what not, by surface."""
    if record.word is not Word.UNVERIFIED:
        return
    seen = [row for row in record.ledger if row["account"] == Account.SUCCEEDED]
    open_ones = (Account.FAILED, Account.MISSING)
    unseen = [
        row for row in record.ledger if row["account"] in open_ones or row["why"] == NOT_REACHED
    ]
    for label, rows in (("verified", seen), ("but not", unseen)):
        tags = Counter(str(row["tag"] or "untagged") for row in rows)
        told = ", ".join(f"{tag} {count}" for tag, count in tags.items())
        yield from labelled(label, f"{many(len(rows), 'operation')}: {told}" if told else "nothing")


def counted(record: "Record") -> list[tuple[str, int]]:
    """How many operations have each account; what everybody asks for is told also where it is 0."""
    usual = {name: record.accounts[name] for name in ("succeeded", "gated off", "excepted")}
    more = {name: n for name, n in record.accounts.items() if name not in usual}
    return [*usual.items(), *({"missing": 0} | more).items()] if record.ledger else []


def surface_of(record: "Record") -> str:
    """The first broken surface, with how much of it works; empty where none is known."""
    rows = {row["operation"]: row for row in record.ledger}
    failed = [_operation(record, check) for check in record.failures]
    missing = [row["operation"] for row in record.ledger if row["account"] == "missing"]
    broken = next((name for name in (*failed, *missing) if name in rows), None)
    if broken is None or record.word is Word.GREEN:
        return ""
    tag = rows[broken]["tag"] or "no tag"
    accounts = [row["account"] for row in record.ledger if row["tag"] == rows[broken]["tag"]]
    return f"{tag} ({accounts.count('succeeded')} of {len(accounts)} operations succeeded)"


def _operation(record: "Record", check: "Line") -> str:
    exchange = record.failing_exchange(check)
    operations = check["operations"]
    return str(exchange["operation"] if exchange else operations[0] if operations else "")


def _slowest(record: "Record") -> "Iterator[Told]":
    lines = [f"{elapsed:5.0f} ms  {name}" for name, elapsed in record.slowest()]
    yield from itemised("slowest", lines)


def _failures(record: "Record") -> "Iterator[Told]":
    """Every failure in a line; the first of them in full, and last, where it is looked for."""
    failures = record.failures
    lines = [f"{check['check']}: {_first_line(check)}" for check in failures[1:]]
    if lines:
        yield "", ""
    yield from itemised("also", lines)
    if failures:
        yield "", ""
        yield from failure(record, failures[0])


def failure(record: "Record", check: "Line") -> "Iterator[Told]":
    """One failure in full: what was asked, expected and got, and how to ask again."""
    title = f": {check['title']}" if check["title"] else ""
    yield from labelled("FAIL", f"{check['check']}{title}", "red")
    exchange = record.failing_exchange(check)
    if exchange is None:
        for line in check["reason"].splitlines()[:ERROR_LINES]:
            yield from labelled("", line)
    else:
        yield from _asked(record, check, exchange)
    yield from labelled("hint", check.get("hint"))
    yield pasted("again", record.again(check))


def _asked(record: "Record", check: "Line", exchange: "Line") -> "Iterator[Told]":
    asked = exchange["operation"] or f"{exchange['method']} {exchange['url']}"
    yield from labelled("asked", f"{asked} as {exchange['actor']}")
    room = (WIDTH - LABEL) * BODY_LINES - 10
    got = fit(check["got"], room)
    body = " ".join(exchange["response_body"].split())
    yield from labelled("expected", fit(check["expected"], room))
    yield from labelled("got", f"{got}  ({exchange['elapsed_ms']:.0f} ms)", "red")
    yield from labelled("body", fit(body, room))
    yield from labelled("request", exchange["request_id"] or "the answer has no id of it")
    parent, link = record.trace(exchange)
    yield from labelled("trace", parent)
    if link:
        yield pasted("link", link)
    yield curl_of(exchange), ""


def curl_of(exchange: "Line") -> str:
    """The line that sends a recorded exchange again."""
    headers, body = exchange["request_headers"], exchange["request_body"]
    return curl_line(exchange["method"], exchange["url"], headers, body)


def _first_line(check: "Line") -> str:
    return str(check["reason"]).partition("\n")[0]


def tally(record: "Record") -> str:
    """How the checks ended, how much was sent, and how long it took."""
    ended = ", ".join(f"{record.ended[way]} {way}" for way in WORDS if record.ended[way])
    sent = many(len(record.exchanges), "request")
    return f"{ended or 'no check ran'}; {sent}; {record.verdict['seconds']:.1f} s"


def verdict(record: "Record") -> "Iterator[Told]":
    """The verdict: the word, why, what was done, and the exit code."""
    last = record.verdict
    word = record.title
    told = tally(record)
    if last["part"]:
        told += f"; partial: {last['part']}"
    style = f"{VERDICTS[record.word]} verdict"
    if record.word is Word.GREEN:
        told += f"; {last['reason']}" if last["reason"] else ""
        yield from ((line, style) for line in wrapped(f"{word}  {told}", "  "))
        return
    cause = f" ({last['cause']})" if last["cause"] else ""
    lines = wrapped(f"{word}{cause}  {last['reason']}", "  ")
    if len(lines) > REASON_LINES:
        lines = [lines[0], "  …", *lines[2 - REASON_LINES :]]
    yield from ((line, style) for line in lines)
    surface = surface_of(record)
    if surface:
        yield from ((line, "") for line in wrapped(f"first broken surface: {surface}", "  "))
    yield from ((line, "") for line in wrapped(f"{told}; exit code {last['exit']}", "  "))
