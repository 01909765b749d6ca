"""
How a run ended, for a terminal of 24 rows.

A run that is not green begins with its verdict and the first failure: what was asked, expected and
got, its other observations, and the lines to paste. More details follow while rows are left; all of
them are in the report. A green run shows its evidence, and the verdict last.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from smoke.report.columns import (
    LABEL,
    LISTED,
    WIDTH,
    StyledLine,
    fit,
    itemised,
    labelled,
    many,
    pasted,
    rows_of,
    wrapped,
)
from smoke.report.summary import VERDICTS, counted, surface_of, tally
from smoke.results.curl import curls_of, removed_by
from smoke.results.ledger import NOT_REACHED, Account
from smoke.results.record import VERDICT, Line, Record
from smoke.results.verdict import Word

# Rows of the smallest terminal: the last screen of a run begins with the verdict.
ROWS = 24

# The lines that a failure shows of the expected result, of the actual one, and of the body.
TEXT_LINES = 3

# The lines that a failure shows of an error.
ERROR_LINES = 6

# A line to paste that takes more rows goes above the verdict: it must not be broken.
LONG_ROWS = 6
LONG = ("curl      above the verdict: its line is long", "")

# The most lines of a verdict's reason; of a longer one, the first and the last are shown.
REASON_LINES = 8


def ending(
    record: Record, report: str = "", new: Iterable[str] = (), width: int = WIDTH
) -> Iterator[StyledLine]:
    """
    Return the last lines of a run.

    `report` is where the HTML report is, `new` what changed since the last green run.
    """
    page = [pasted("report", report)] if report else []
    if record.word is Word.GREEN:
        yield from _stands_on(record, new, width)
        yield from page
        yield "", ""
        yield from ((line, "green verdict") for line in _green(record, width))
        return
    # A terminal scrolls: a long line would push the verdict off the screen.
    above, lines = _in_sight(list(_first_of_all(record, width)), width)
    yield from above
    last = [*_outcome(record, width), *page]
    # The verdict stays on the screen: the rest is shown only as far as its rows last.
    room = ROWS - 1 - rows_of([*lines, *last], width)
    for group in _more(record, new, width):
        room -= rows_of(group, width)
        if group and room >= 0:
            lines += group
    yield from (*lines, *last)


def _in_sight(lines: list[StyledLine], width: int) -> tuple[list[StyledLine], list[StyledLine]]:
    """Lines that are too long for the last screen, to be printed above it, and the others."""
    long = [line for line in lines if rows_of([line], width) > LONG_ROWS]
    kept = [LONG if line in long else line for line in lines]
    return long, kept


def _first_of_all(record: Record, width: int) -> Iterator[StyledLine]:
    """The verdict, and the failure that decides it."""
    first = next(iter(record.failures), None)
    if first is None or first["check"] == VERDICT or not _decides(record, first):
        yield from verdict_lines(record, str(record.verdict["reason"]), width)
        if first is not None and first["check"] == VERDICT:
            yield from _repeated(record, first, width)
    else:
        title = f": {first['title']}" if first["title"] else ""
        yield from verdict_lines(record, f"{first['check']}{title}", width)
        yield from failure_lines(record, first, width)
    yield from _reach(record, width)


def _decides(record: Record, first: Line) -> bool:
    """Whether this failure decides the verdict, and not an error that stopped the run."""
    reason = str(record.verdict["reason"])
    return reason == first["reason"] or reason.startswith(f"{first['check']}: ")


def verdict_lines(record: Record, text: str, width: int) -> Iterator[StyledLine]:
    """The word of the verdict, who must act, and a text."""
    last = record.verdict
    cause = f" ({last['cause']})" if last["cause"] else ""
    lines = wrapped(f"{record.title}{cause}  {text}", "  ", width)
    if len(lines) > REASON_LINES:
        lines = [lines[0], "  …", *lines[2 - REASON_LINES :]]
    yield from ((line, f"{VERDICTS[record.word]} verdict") for line in lines)


def failure(record: Record, check: Line, width: int = WIDTH) -> Iterator[StyledLine]:
    """One failure in full: the check, its request, expected and got, and how to send it again."""
    title = f": {check['title']}" if check["title"] else ""
    yield from labelled("FAIL", f"{check['check']}{title}", "red", width)
    yield from failure_lines(record, check, width)


def failure_lines(record: Record, check: Line, width: int) -> Iterator[StyledLine]:
    """The request, expected and got, and how to send it again; for an error, its message."""
    exchange = record.failing_exchange(check)
    if exchange is not None:
        what = exchange["operation"] or f"{exchange['method']} {exchange['url']}"
        yield from labelled("asked", f"{what} as {exchange['actor']}", width=width)
    if not check["expected"]:  # an error of the check itself: its reason is all there is
        for line in check["reason"].splitlines()[:ERROR_LINES]:
            yield from labelled("", line, width=width)
    yield from _repeated(record, check, width)


def _repeated(record: Record, check: Line, width: int) -> Iterator[StyledLine]:
    """The answer that a failure is about, and the lines to paste."""
    exchange = record.failing_exchange(check)
    if exchange is not None:
        yield from _answer(record, check, exchange, width)
    yield from labelled("hint", check.get("hint"), width=width)
    if exchange is not None:
        gone = removed_by(record, exchange)
        if gone:
            text = f"{gone}: the run removed it at its end. --keep leaves it for an hour."
            yield from labelled("gone", text, width=width)
        yield from ((line, "") for line in curls_of(record, exchange))
    yield pasted("again", record.again(check))


def _answer(record: Record, check: Line, exchange: Line, width: int) -> Iterator[StyledLine]:
    room = (width - LABEL) * TEXT_LINES - 12
    yield from labelled("expected", fit(check["expected"], room), width=width)
    if check["got"]:
        got = f"{fit(check['got'], room)}  ({exchange['elapsed_ms']:.0f} ms)"
        yield from labelled("got", got, "red", width)
    for fact in check.get("facts", ()):
        yield from labelled("known", fact, width=width)
    body = " ".join(exchange["response_body"].split())
    yield from labelled("body", fit(body, room), width=width)
    yield from labelled("request", exchange["request_id"], width=width)
    parent, link = record.trace(exchange)
    if link:
        yield pasted("link", link)
    else:
        yield from labelled("trace", parent, width=width)


def _more(record: Record, new: Iterable[str], width: int) -> Iterator[list[StyledLine]]:
    """More details of a run that is not green, the most useful first."""
    others = [
        f"{check['check']}: {str(check['reason']).partition(chr(10))[0]}"
        for check in record.failures[1:]
    ]
    yield list(itemised("also", others, width=width))
    yield [line for text in new for line in labelled("new", text, width=width)]
    yield list(labelled("surface", surface_of(record), width=width))
    # A run that could not finish shows above what it verified, and what not.
    if record.word is not Word.UNVERIFIED:
        yield list(_accounts(record, width))
    yield [line for note in record.notes for line in labelled("note", note["text"], width=width)]


def _outcome(record: Record, width: int) -> Iterator[StyledLine]:
    part = f"; partial: {record.part}" if record.part else ""
    words = f"{tally(record)}{part}; exit code {record.verdict['exit']}"
    yield from labelled("run", words, width=width)
    yield from _kept(record, width)


def _kept(record: Record, width: int) -> Iterator[StyledLine]:
    """The time until which a run with `--keep` leaves its things."""
    until = str(record.header.get("kept_until", ""))[:16].replace("T", " ")
    if until:
        text = f"until {until} UTC; then `smoke sweep --target {record.target}` removes it"
        yield from labelled("kept", text, width=width)


def _stands_on(record: Record, new: Iterable[str], width: int) -> Iterator[StyledLine]:
    """The evidence of a green run."""
    yield from _skipped(record, width)
    yield from _not_asked(record, width)
    yield from (line for text in new for line in labelled("slower", text, "yellow", width))
    found = record.verdict["format"]
    if found:
        operations = many(len({row["operation"] for row in found}), "operation")
        first = f"{many(len(found), 'field')} of {operations} not as documented:"
        lines = [f"{row['operation']} {row['place']}" for row in found]
        yield from itemised("format", lines, first, width=width)
    for note in record.notes:
        yield from labelled("note", note["text"], width=width)
    yield from _kept(record, width)
    yield from _accounts(record, width)
    slowest = [f"{elapsed:5.0f} ms  {name}" for name, elapsed in record.slowest()]
    yield from itemised("slowest", slowest, width=width)


def _skipped(record: Record, width: int) -> Iterator[StyledLine]:
    reasons = Counter(c["reason"] for c in record.checks if c["outcome"] == "skipped")
    for number, (reason, count) in enumerate(reasons.items()):
        if number == 2 * LISTED:
            yield from labelled("", f"and {len(reasons) - number} more reasons", width=width)
            return
        yield from labelled("" if number else "skipped", f"{count} x {reason}", width=width)


def _not_asked(record: Record, width: int) -> Iterator[StyledLine]:
    """The operations that a green run did not send, by reason; the lines above have the gates."""
    asked_not = (Account.LEFT_OUT, Account.UNDECIDED, Account.ABSENT)
    rows = [row for row in record.ledger if row["account"] in asked_not]
    reasons = Counter(f"{row['account']}: {row['why']}" for row in rows)
    lines = [f"{count} x {reason}" for reason, count in reasons.items()]
    yield from itemised("not asked", lines, width=width)


def _accounts(record: Record, width: int) -> Iterator[StyledLine]:
    if not record.ledger:
        return
    words = ", ".join(f"{count} {account}" for account, count in counted(record))
    listed = ["known"]
    if record.checks and not record.failed:
        listed.append("missing")  # after a failure, missing only means: not sent
    lines = [
        f"{row['account']}: {row['operation']}: {row['why']}"
        for account in listed
        for row in record.ledger
        if row["account"] == account
    ]
    first = f"{many(len(record.ledger), 'operation')}: {words}"
    yield from itemised("ledger", lines, first, width=width)


def _reach(record: Record, width: int) -> Iterator[StyledLine]:
    """The progress of a run that could not finish: verified and unverified, by surface."""
    if record.word is not Word.UNVERIFIED or not record.ledger:
        return
    seen = [row for row in record.ledger if row["account"] == Account.SUCCEEDED]
    open_ones = (Account.FAILED, Account.MISSING)
    unseen = [
        row for row in record.ledger if row["account"] in open_ones or row["why"] == NOT_REACHED
    ]
    for label, rows in (("verified", seen), ("but not", unseen)):
        tags = Counter(str(row["tag"] or "untagged") for row in rows)
        words = ", ".join(f"{tag} {count}" for tag, count in tags.items())
        text = f"{many(len(rows), 'operation')}: {words}" if words else "nothing"
        yield from labelled(label, text, width=width)


def _green(record: Record, width: int) -> list[str]:
    part = f"; partial: {record.part}" if record.part else ""
    reason = f"; {record.verdict['reason']}" if record.verdict["reason"] else ""
    return wrapped(f"{record.title}  {tally(record)}{part}{reason}", "  ", width)
