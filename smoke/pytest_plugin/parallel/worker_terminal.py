"""The terminal of a worker: it has none, so its lines travel with pytest's reports."""

from collections.abc import Callable, Iterable

from smoke.report.columns import StyledLine

KEY = "smoke lines"
"""The name of the property that carries lines with a report."""


class WorkerTerminal:
    """Replaces the terminal in a worker: keeps the lines until the next report carries them."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.mask: Callable[[str], str] = str
        self.kept: list[StyledLine] = []
        """Lines that no report has taken along yet."""

    def show(self, lines: Iterable[StyledLine]) -> None:
        """Keep the lines, masked."""
        self.kept += [(self.mask(text), style) for text, style in lines]

    def take(self) -> list[StyledLine]:
        """Return the lines that are kept, and forget them."""
        taken = list(self.kept)
        self.kept.clear()
        return taken
