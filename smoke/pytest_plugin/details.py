"""The line of each finished check, and those below it that pytest's own options ask for."""

from collections.abc import Iterator

import pytest

from smoke.report.columns import StyledLine, terminal_width
from smoke.report.more import durations, requests, results
from smoke.report.summary import check_line, service
from smoke.results.checking import BODY
from smoke.results.order import Unseen
from smoke.results.outcome import CheckResult, Outcome
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
