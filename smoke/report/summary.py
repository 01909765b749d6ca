"""
The words of a run at a terminal while it goes on, all of them taken from its record.

A line is a text and a style (see `columns`). Without colour nothing is lost.
"""

from collections.abc import Iterator

from smoke.report.columns import WIDTH, StyledLine, fit, labelled, many
from smoke.results.record import Line, Record
from smoke.results.verdict import Word

WORDS = {
    "passed": ("ok", "green"),
    "failed": ("FAIL", "red"),
    "skipped": ("skip", "yellow"),
    "known": ("known", "yellow"),
    "blocked": ("block", "yellow"),
}
VERDICTS = {Word.GREEN: "green", Word.RED: "red", Word.UNVERIFIED: "yellow", Word.MISUSED: "yellow"}


def header(head: Line, width: int = WIDTH) -> Iterator[StyledLine]:
    """The settings of a run: target, contract, gates, and each value that is not the default."""
    embedded = f"{head['serve']} (embedded)" if head["serve"] else ""
    words = (
        head["target"],
        head["url"] or embedded,
        f"run {head['id']}" if head["id"].strip("0") else "",
    )
    yield from labelled("target", "  ".join(filter(None, words)), width=width)
    contract = head["contract"]
    if not contract["name"]:  # the run never began
        return
    digest = str(contract["digest"])[:19]
    count = many(contract["operations"], "operation")
    yield from labelled("contract", f"{contract['name']}  {count}  {digest}", width=width)
    for gates in gates_of(head):
        yield from labelled("gates", gates, width=width)
    if head.get("depth") == "quick":
        text = "quick: each operation once, one refusal per surface"
        yield from labelled("depth", text, width=width)
    for row in head["set"]:
        yield from labelled("set", f"{row['key']} = {row['value']}  ({row['source']})", width=width)


def gates_of(head: Line) -> Iterator[str]:
    """The gates by their state and by the source of the state."""
    for state in ("on", "absent", "off"):
        found: dict[str, list[str]] = {}
        for gate in head["gates"]:
            if gate["state"] == state:
                found.setdefault(gate["source"], []).append(gate["name"])
        yield from (f"{state}: {', '.join(names)}  ({source})" for source, names in found.items())


def service(url: str, version: str) -> Iterator[StyledLine]:
    """The URL of the service, and the version that it reports."""
    known = f"version {version}" if version else "(no version)"
    yield from labelled("service", f"{url}  {known}")


def check_line(
    check: str, outcome: str, sent: list[Line], seconds: float, width: int = WIDTH
) -> StyledLine:
    """One line for one check: its outcome, its name, its requests and their duration."""
    word, style = WORDS[outcome]
    number = f"{len(sent)} sent" if sent else ""
    numbers = f"{number:>8} {seconds * 1000:6.0f} ms"
    if len(sent) == 1:
        numbers = f"{sent[0]['status'] or 'no answer':>8} {sent[0]['elapsed_ms']:6.0f} ms"
    room = width - 6 - len(numbers) - 1
    return f"{word:<5} {fit(check, room):<{room}} {numbers}", style


def counted(record: Record) -> list[tuple[str, int]]:
    """The number of operations by account; the usual accounts are shown even if 0."""
    usual = {name: record.accounts[name] for name in ("succeeded", "gated off", "excepted")}
    more = {name: n for name, n in record.accounts.items() if name not in usual}
    return [*usual.items(), *({"missing": 0} | more).items()] if record.ledger else []


def surface_of(record: Record) -> str:
    """The first broken surface, with the part of it that works; empty if none is known."""
    rows = {row["operation"]: row for row in record.ledger}
    failed = [_operation(record, check) for check in record.failures]
    missing = [row["operation"] for row in record.ledger if row["account"] == "missing"]
    broken = next((name for name in (*failed, *missing) if name in rows), None)
    if broken is None or record.word is Word.GREEN:
        return ""
    tag = rows[broken]["tag"]
    works = record.works(tag).replace("/", " of ")
    return f"{tag or 'no tag'} ({works} operations succeeded)"


def _operation(record: Record, check: Line) -> str:
    exchange = record.failing_exchange(check)
    operations = check["operations"]
    return str(exchange["operation"] if exchange else operations[0] if operations else "")


def tally(record: Record) -> str:
    """The number of checks by outcome, of requests, and the duration."""
    ended = ", ".join(f"{record.ended[way]} {way}" for way in WORDS if record.ended[way])
    sent = many(len(record.exchanges), "request")
    return f"{ended or 'no check ran'}; {sent}; {record.verdict['seconds']:.1f} s"
