"""Live progress for people: one line below what is printed, gone when the run ends."""

from time import perf_counter
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

# Columns of the bar.
BAR = 24


class Progress:
    """A bar with the number of checks done, the seconds gone and the check that is running."""

    def __init__(self, stream: TextIO) -> None:
        self.console = Console(file=stream, highlight=False)
        self.total = 0
        self.done = 0
        self.running = ""
        self._began = perf_counter()
        self._live = Live(
            console=self.console,
            get_renderable=self._line,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def start(self) -> None:
        """Show the line from now on."""
        self._live.start()

    def stop(self) -> None:
        """Take the line away."""
        self._live.stop()

    def write_line(self, word: str, style: str, rest: str) -> None:
        """Print a line above, its first word coloured."""
        self.console.print(Text.assemble((word, style), rest), soft_wrap=True)

    def _line(self) -> Table:
        row = Table.grid(padding=(0, 1))
        count = f"{self.done}/{self.total}" if self.total else "starting"
        bar = ProgressBar(total=max(self.total, 1), completed=self.done, width=BAR)
        elapsed = f"{perf_counter() - self._began:.0f} s"
        room = max(10, self.console.width - BAR - len(count) - len(elapsed) - 4)
        row.add_row(bar, count, elapsed, Text(self.running[:room], style="dim"))
        return row
