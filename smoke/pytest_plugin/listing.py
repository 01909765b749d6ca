"""A command that only lists the checks of a smoke run or their fixtures."""

from typing import TYPE_CHECKING

import pytest

from smoke.errors import Exit

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter


class Listing:
    """The hooks of a command that lists the checks and sends nothing."""

    def __init__(self, option: str) -> None:
        self._option = option

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Translate pytest's exit code into the exit codes of a run."""
        codes = {
            pytest.ExitCode.NO_TESTS_COLLECTED: Exit.UNVERIFIED,
            pytest.ExitCode.INTERRUPTED: Exit.MISUSED,  # a check cannot be collected
            pytest.ExitCode.TESTS_FAILED: Exit.MISUSED,
        }
        session.exitstatus = int(codes.get(pytest.ExitCode(exitstatus), Exit(exitstatus)))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: "TerminalReporter") -> None:
        """Report that this command was not a run."""
        terminalreporter.write_line(
            f"not a run: with {self._option} nothing was sent, and the last result is untouched"
        )
