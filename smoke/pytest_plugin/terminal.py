"""The terminal of a smoke run: one line per check as it ends, then the verdict."""

import os
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO, cast

import pytest
from _pytest.terminal import TerminalReporter
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from smoke.report.columns import StyledLine, labelled
from smoke.results.masked_output import MaskedStream
from smoke.results.record import Record


class SmokeTerminal(TerminalReporter):  # type: ignore[misc]
    """Replaces pytest's own reporter in a smoke run; whatever is printed is masked."""

    def __init__(
        self, config: pytest.Config, mask: Callable[[str], str], head: Iterable[StyledLine]
    ) -> None:
        self._masked = MaskedStream(sys.stdout, mask)
        super().__init__(config, cast("TextIO", self._masked))
        self.label = ""
        self._mask = mask
        self._head = head
        self._progress: Progress | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Print the header; on a real terminal, show progress from now on."""
        self._session = session
        if self.verbosity >= 0:
            self.show(self._head)
        if self.isatty and self._tw.hasmarkup and not os.environ.get("CI"):
            self._begin_progress()

    def _begin_progress(self) -> None:
        from smoke.pytest_plugin.terminal import Progress

        # pytest redirects descriptor 1 while a check runs; a copy still is the terminal.
        self._copy = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        masked = MaskedStream(self._copy, self._mask)
        self._progress = Progress(cast("TextIO", masked))
        self._progress.start()

    def pytest_collection(self) -> None:
        """Print nothing while collecting: it is too short to show."""

    def report_collect(self, final: bool = False) -> None:
        """Print nothing about the collection."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Print nothing about the collection; set the total of the progress."""
        if self._progress:
            self._progress.total = len(session.items)

    def expect_more(self, checks: int) -> None:
        """Add to the checks that the progress counts."""
        if self._progress:
            self._progress.total += checks

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:  # noqa: ARG002  (a hook)
        """Show a started check only in the progress; its line is printed when it ends."""
        if self._progress:
            self._progress.running = nodeid.rpartition("::")[2].removeprefix("test_")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Nothing: the plugin calls `show` once per check."""

    def pytest_runtest_logfinish(self, nodeid: str) -> None:  # noqa: ARG002  (a hook)
        """Nothing: there is no progress column."""
        if self._progress:
            self._progress.done += 1

    def pytest_internalerror(self, excrepr: Any) -> bool:
        """Take the progress away before a traceback is printed."""
        self._end_progress()
        return bool(super().pytest_internalerror(excrepr))

    def conclude(self, lines: Iterable[StyledLine], commands: Iterable[str]) -> None:
        """Print the commands for the CI system, then the final lines of the run."""
        self._end_progress()
        for command in commands:
            self._masked.command(command)
        if self.verbosity >= 0:
            self.write_line("")
        self.show(lines)

    def notify(self, records: Sequence[Record], page: Path, environ: Mapping[str, str]) -> None:
        """Send the messages of `--notify`, and show those that could not be sent."""
        urls = self.config.option.notify
        if urls:
            from smoke.report.notify import notify  # with its network library

            for sentence in notify(urls, records, page, environ):
                self.show(labelled("note", sentence))

    def _end_progress(self) -> None:
        if self._progress:
            self._progress.stop()
            self._progress = None
            self._copy.close()

    def show(self, lines: Iterable[StyledLine]) -> None:
        """Print lines, the first word of each coloured, or the whole of the verdict."""
        for text, style in lines:
            colour, _, whole = style.partition(" ")
            word = text if whole else text.split(" ", 1)[0]
            rest = text[len(word) :]
            if self._progress:
                self._progress.write_line(word, f"bold {colour}".replace("bold bold", "bold"), rest)
            else:
                markup = {name: True for name in (colour, "bold" if whole else "") if name}
                self._tw.write(f"{self._tw.markup(word, **markup)}{rest}\n")

    def pytest_unconfigure(self) -> None:
        """Print nothing after the verdict, which has the reason of an interruption."""

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(  # type: ignore[override]
        self,
        session: pytest.Session,  # noqa: ARG002  (a hook)
    ) -> Generator[None, Any, Any]:
        """Only end the progress: the plugin prints the verdict itself."""
        result = yield
        self._end_progress()
        return result


# Columns of the bar.
BAR = 24


# One line below what is printed, for people only: a log would have thousands of them.
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
