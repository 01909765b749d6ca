"""The purpose of a pytest command: a smoke run, a listing of its checks, or neither."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smoke.errors import Exit, SmokeError

if TYPE_CHECKING:
    from argparse import Namespace

    from _pytest.terminal import TerminalReporter

# Options that make pytest print information and collect nothing.
INFORMATION = ("help", "version", "markers", "cacheshow")

# Options that list the checks or their fixtures, and run none of them.
LISTINGS = {
    "collectonly": "--collect-only",
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
    "setupplan": "--setup-plan",
    "setuponly": "--setup-only",
}


def is_asked(option: "Namespace", root: Path) -> bool:
    """
    Return True if a pytest command starts or lists a smoke run.

    `--target` always does. `-m smoke` does only if the project configures smoke, because another
    project may have a mark with that name.
    """
    if any(getattr(option, name, None) for name in INFORMATION):
        return False
    if option.target:
        return True
    return "smoke" in (option.markexpr or "").split() and _is_configured(root)


def listing(option: "Namespace") -> str:
    """Return the option that makes a command list the checks instead of running them."""
    return next((LISTINGS[name] for name in LISTINGS if getattr(option, name, None)), "")


def _is_configured(root: Path) -> bool:
    from smoke.config.table import load_table  # a foreign project's run does not pay for it

    with suppress(SmokeError):
        return load_table(root) is not None
    return (root / "smoke.toml").exists()


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
