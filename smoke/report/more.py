"""More lines of a run than its usual screen has, as pytest's options ask for them."""

from collections.abc import Iterable, Iterator, Mapping

from smoke.report.columns import LABEL, StyledLine, itemised
from smoke.results.exchange import Exchange
from smoke.results.record import Record
from smoke.results.run import Run

# The letters of pytest's option `-r`, by the outcome of a check; `X` and `E` have none here.
LETTERS = {"passed": "p", "failed": "f", "skipped": "s", "known": "x", "blocked": "s"}

# Groups of these letters: `A` is all, `a` all but the passed ones.
GROUPS = {"A": "pfsx", "a": "fsx"}


def results(record: Record, letters: str) -> Iterator[StyledLine]:
    """A line for each check with an outcome that `-r` names, and its reason."""
    wanted = "".join(GROUPS.get(letter, letter) for letter in letters)
    for check in record.checks:
        if LETTERS[check["outcome"]] in wanted:
            reason = str(check["reason"]).partition("\n")[0]
            yield (
                f"{check['outcome'].upper():<8} {check['check']}{f' - {reason}' * bool(reason)}",
                "",
            )


def durations(record: Record, most: int, least_s: float, width: int) -> Iterator[StyledLine]:
    """The slowest checks (`--durations`), at most so many; 0 stands for all of them."""
    slowest = sorted(record.checks, key=lambda check: -float(check["seconds"]))
    lines = [
        f"{check['seconds']:7.3f} s  {check['check']}"
        for check in slowest[: most or None]
        if check["seconds"] >= least_s
    ]
    return itemised("durations", lines, most=len(lines), width=width)


def requests(run: Run, exchanges: Iterable[Exchange], whole: bool) -> Iterator[StyledLine]:
    """A line for each request (`-v`); with `whole` also its headers and bodies (`-vv`)."""
    for exchange in exchanges:
        what = exchange.operation or f"{exchange.method} {exchange.url}"
        got = exchange.status or f"no answer: {exchange.error}"
        yield f"{'':6}{what} as {exchange.actor}: {got}, {exchange.elapsed_ms:.0f} ms", ""
        if whole:
            yield f"{'':{LABEL}}> {exchange.method} {exchange.url}", ""
            yield from _message(run, ">", exchange.request_headers, exchange.request_body)
            yield from _message(run, "<", exchange.headers, exchange.body)


def _message(run: Run, sign: str, headers: Mapping[str, str], body: bytes) -> Iterator[StyledLine]:
    """The headers and the body of one direction, in the form of `curl -v`."""
    for name, value in headers.items():
        yield f"{'':{LABEL}}{sign} {name}: {value}", ""
    for line in run.shorten(body).splitlines():
        yield f"{'':{LABEL}}{sign} {line}", ""
