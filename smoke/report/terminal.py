"""The terminal of a smoke run: one line per check as it ends, then the verdict."""

from typing import TYPE_CHECKING, Any

import pytest
from _pytest.terminal import TerminalReporter

from smoke.report.summary import ending, header, outcome_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from smoke.ledger import Ledger
    from smoke.run import Outcome
    from smoke.session import SmokeSession
    from smoke.verdict import Verdict

COLOURS = {"passed": "green", "failed": "red", "skipped": "yellow", "known": "yellow"}
VERDICTS = {"green": "green", "red": "red", "unverified": "yellow", "misused": "yellow"}


class SmokeTerminal(TerminalReporter):  # type: ignore[misc]
    """Replaces pytest's own reporter in a smoke run; it prints what the plugin hands it."""

    def __init__(self, config: pytest.Config, smoke: "SmokeSession") -> None:
        super().__init__(config)
        self.smoke = smoke

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Print the header."""
        self._session = session
        self._session_start = None
        for line in header(self.smoke):
            self.write_line(line)
        self.write_line("")

    def pytest_collection(self) -> None:
        """Say nothing while collecting: it takes no time."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say nothing about what was collected: the checks speak for themselves."""

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        """Say nothing before a check: its line comes when it ends."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Nothing: the plugin calls `line` once per check."""

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Nothing: there is no progress column."""

    def line(self, outcome: "Outcome") -> None:
        """Print the line of a check that ended."""
        colour = {COLOURS[outcome.outcome]: True}
        text = self.smoke.run.secrets.mask(outcome_line(outcome, self.smoke.run))
        word, rest = text[:5], text[5:]
        self.write(word, **colour)
        self.write_line(rest)

    def conclude(self, ledger: "Ledger", verdict: "Verdict", again: str) -> None:
        """Print why a run is red, what it accounts for, and its verdict last."""
        mask: Callable[[str], str] = self.smoke.run.secrets.mask
        lines = list(ending(self.smoke.run, ledger, verdict, again))
        for line in lines[:-1]:
            self.write_line(mask(line))
        self.write_line(mask(lines[-1]), bold=True, **{VERDICTS[verdict.word]: True})

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self) -> Any:
        """Print errors of collection; the plugin prints the rest when it has judged."""
        result = yield
        self.summary_errors()
        return result
