"""The terminal line of each finished check, and the line of the service before the first one."""

from collections.abc import Iterator

from smoke.report.columns import StyledLine, terminal_width
from smoke.report.summary import check_line, service
from smoke.results.checking import BODY
from smoke.results.outcome import CheckResult, Outcome
from smoke.results.record import Line
from smoke.results.run import Run


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
