"""What a run says as its checks end: to a terminal, or from a worker to where the terminal is."""

from typing import TYPE_CHECKING

from smoke.report.summary import check_line, service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from smoke.report.columns import Told
    from smoke.results.record import Line
    from smoke.results.run import Outcome, Run

KEY = "smoke lines"
"""The name of the property that carries lines with a report."""


class Teller:
    """Puts into words what a run saw; `label` stands before each name, where there are several."""

    def __init__(self, run: "Run", label: str = "") -> None:
        self._run = run
        self._label = label
        self._told_service = False
        self._sent: dict[str, list[Line]] = {}
        self._counted = 0

    def of(self, outcome: "Outcome") -> "Iterator[Told]":
        """The line of a check that ended; before the first of them, which service answers."""
        run = self._run
        if run.url and not self._told_service:
            self._told_service = True
            yield from service(f"{self._label}{run.url}", run.version)
            if not self._label:
                yield "", ""
        for exchange in run.exchanges[self._counted :]:
            told = {"status": exchange.status, "elapsed_ms": exchange.elapsed_ms}
            self._sent.setdefault(exchange.check, []).append(told)
        self._counted = len(run.exchanges)
        sent = self._sent.get(outcome.check, [])
        yield check_line(f"{self._label}{outcome.check}", outcome.outcome, sent, outcome.seconds)


class Relay:
    """Stands for the terminal in a worker: keeps the lines until a report takes them along."""

    def __init__(self, label: str, folder: "Path") -> None:
        self.label = label
        self.folder = folder
        self.mask: Callable[[str], str] = str
        self.kept: list[Told] = []
        """Lines that no report has taken along yet."""

    def show(self, lines: "Iterable[Told]") -> None:
        """Keep the lines, masked."""
        self.kept += [(self.mask(text), style) for text, style in lines]

    def take(self) -> "list[Told]":
        """Return the lines that are kept, and forget them."""
        taken = list(self.kept)
        self.kept.clear()
        return taken
