"""The line of each finished check, and those below it that pytest's own options ask for."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

import pytest

from smoke.report.columns import LABEL, StyledLine, itemised, terminal_width
from smoke.report.summary import check_line, service
from smoke.results.exchange import Exchange
from smoke.results.order import Unseen
from smoke.results.outcome import BODY, CheckResult, Outcome
from smoke.results.record import Line, Record
from smoke.results.run import Run

# The default of pytest's `-r`: the usual screen shows the failures anyway.
LETTERS = "fE"


class CheckLines:
    """
    Formats the results of checks; `label` precedes each name in a run of several targets.

    A `quiet` run shows only checks that failed.
    """

    def __init__(self, run: Run, label: str = "", *, quiet: bool = False) -> None:
        self._run = run
        self._label = label
        self._quiet = quiet
        self._width = terminal_width()
        self._named_service = False
        self._sent: dict[str, list[Line]] = {}
        self._counted = 0

    def of(self, outcome: CheckResult) -> Iterator[StyledLine]:
        """Yield the line of a finished check; the first call yields the service line before it."""
        run = self._run
        if self._quiet and outcome.outcome is not Outcome.FAILED:
            return
        if run.url and not self._named_service and not self._quiet:
            self._named_service = True
            yield from service(f"{self._label}{run.url}", run.version)
            if not self._label:
                yield "", ""
        for exchange in run.exchanges[self._counted :]:
            row = {"status": exchange.status, "elapsed_ms": exchange.elapsed_ms}
            if exchange.place[1] == BODY:  # its cleanup comes after its line
                self._sent.setdefault(exchange.check, []).append(row)
        self._counted = len(run.exchanges)
        sent = self._sent.get(outcome.check, [])
        name = f"{self._label}{outcome.check}"
        yield check_line(name, outcome.outcome, sent, outcome.seconds, self._width)


class Details:
    """Requests (`-v`, `-vv`), tracebacks (`--tb`) and captured output of each check."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self._option = config.option
        self._run = run
        self._unseen = Unseen(run)

    @property
    def level(self) -> int:
        """-1 for `-q`, 1 for `-v`, 2 for `-vv`."""
        return int(self._option.verbose)

    def of(self, outcome: CheckResult, report: pytest.TestReport) -> Iterator[StyledLine]:
        """The details of a check that has ended."""
        # Taken also where nothing is shown: the next check must not show them.
        fresh = self._unseen.take()
        if self.level > 0:
            yield from requests(self._run, fresh, self.level > 1)
        failed = outcome.outcome is Outcome.FAILED
        # pytest's default is `auto`: here, the last screen has the reason instead of a traceback.
        if failed and self._option.tbstyle not in ("auto", "no"):
            yield from ((line, "") for line in report.longreprtext.splitlines())
        if failed or set("PA") & set(self._option.reportchars):
            yield from self._captured(report)

    def _captured(self, report: pytest.TestReport) -> Iterator[StyledLine]:
        wanted = self._option.showcapture
        for title, text in report.sections:
            if text.strip() and (wanted == "all" or wanted in title):
                yield f"      {title}:", ""
                yield from ((f"      {line}", "") for line in text.splitlines())

    def at_the_end(self, record: Record) -> Iterator[StyledLine]:
        """The lists that `-r` and `--durations` ask for."""
        if self._option.reportchars != LETTERS:
            yield from results(record, self._option.reportchars)
        most = self._option.durations
        if most is not None:
            yield from durations(record, most, self._option.durations_min or 0.0, terminal_width())


# The letters of pytest's option `-r`, by the outcome of a check; `X` and `E` have none here.
OUTCOME_LETTERS = {"passed": "p", "failed": "f", "skipped": "s", "known": "x", "blocked": "s"}

# Groups of these letters: `A` is all, `a` all but the passed ones.
GROUPS = {"A": "pfsx", "a": "fsx"}


def results(record: Record, letters: str) -> Iterator[StyledLine]:
    """A line for each check with an outcome that `-r` names, and its reason."""
    wanted = "".join(GROUPS.get(letter, letter) for letter in letters)
    for check in record.checks:
        if OUTCOME_LETTERS[check["outcome"]] in wanted:
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


def show_only_the_check(item: pytest.Item, failure: pytest.ExceptionInfo[BaseException]) -> None:
    """
    Leave only the lines of the check in the traceback of a wrong answer.

    The engine's own lines explain nothing there, and pytest parses each file that it quotes: 20 to
    60 ms for each failure. An error with an unknown cause keeps all, as does `--full-trace`.
    """
    if getattr(failure.value, "cause", "") and not item.config.option.fulltrace:
        folder = None if "generated" in item.keywords else item.path.parent
        lines = _within(folder, failure.value.__traceback__)
        failure.traceback = type(failure.traceback)(lines or ())


def _within(folder: Path | None, lines: TracebackType | None) -> TracebackType | None:
    """The lines of a traceback that are in the files of a folder."""
    if lines is None:
        return None
    rest = _within(folder, lines.tb_next)
    if Path(lines.tb_frame.f_code.co_filename).parent != folder:
        return rest
    return TracebackType(rest, lines.tb_frame, lines.tb_lasti, lines.tb_lineno)
