"""The pytest hooks of one smoke run: they gather how each check ends and report the verdict."""

import gc
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from smoke.errors import (
    ConfigError,
    CrashedError,
    Exit,
    LeftOutError,
    RefusedError,
    SmokeError,
    UnverifiedError,
    nearest,
)
from smoke.pytest_plugin.beside.hooks import Beside
from smoke.pytest_plugin.claim import CLAIMS, caught
from smoke.pytest_plugin.closing import Closing
from smoke.pytest_plugin.deadline import ignore_term, was_interrupted
from smoke.pytest_plugin.details import CheckLines, Details, show_only_the_check
from smoke.pytest_plugin.items import exercised, name_of
from smoke.pytest_plugin.outcomes import Outcomes, must_prove
from smoke.pytest_plugin.partial import OURS
from smoke.pytest_plugin.terminal import SmokeTerminal
from smoke.report.columns import labelled
from smoke.results.causes import first_of
from smoke.results.order import leave_uncounted, put_in_order
from smoke.results.outcome import CheckResult
from smoke.session.session import SmokeSession

if TYPE_CHECKING:
    from smoke.pytest_plugin.parallel.worker import WorkerTerminal


class RunHooks:
    """The hooks of one smoke run; `terminal` prints its lines or sends them to the controller."""

    def __init__(
        self,
        config: pytest.Config,
        smoke: SmokeSession,
        terminal: "SmokeTerminal | WorkerTerminal",
        closing: Closing,
        beside: Beside,
    ) -> None:
        self.config = config
        self.smoke = smoke
        self.terminal = terminal
        self.closing = closing
        self.beside = beside
        self._outcomes = Outcomes(smoke)
        self._details = Details(config, smoke.run)
        self._lines = CheckLines(smoke.run, terminal.label, quiet=self._details.level < 0)
        smoke.say = self._say_waiting

    def _say_waiting(self, text: str) -> None:
        """Print a line during a check, although pytest captures output then."""
        if self._details.level < 0:
            return
        capture = self.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            self.terminal.show(labelled("waiting", text, "yellow"))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Stop the run if a check cannot be collected: that is a mistake in the suite."""
        if report.failed:
            why = str(report.longrepr).strip()
            self.closing.stop(SmokeError(f"{report.nodeid} cannot be collected:\n{why}"))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Stop the run if a check declares an operation that the contract does not have."""
        known = self.smoke.contract.operations
        mistakes = [
            f"{name_of(item)} declares {operation!r}, which is not an operation of "
            f"{self.smoke.contract.source}.{nearest(operation, known)}"
            for item in session.items
            for operation in exercised(item)
            if operation not in known
        ]
        if mistakes:
            self.closing.stop(ConfigError(mistakes))
            session.items.clear()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Set the current check, so that its exchanges carry its name."""
        self.smoke.run.begin_turn(self.beside.check_of(item))
        self._left_out = False
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Iterator[None]:
        """Skip a check that the target does not support."""
        try:
            return (yield)
        except LeftOutError as missing:
            self._left_out = True
            pytest.skip(str(missing))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Skip a check without its seeded data; require that a passed check proved something."""
        try:
            result = yield
        except LeftOutError as missing:
            self._left_out = True
            pytest.skip(str(missing))
        self.smoke.expect.look_at_the_rest()
        must_prove(item, self.smoke.run)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        """Note that what is sent from now on is cleanup."""
        self.smoke.run.check.has_ended = True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn each phase of a check into its outcome; a misused suite stops the run."""
        if call.excinfo:
            show_only_the_check(item, call.excinfo)
        report = yield
        if report.when != "call" and report.outcome == "passed":
            return report
        error = first_of(call.excinfo.value if call.excinfo else None)
        error = self._outcomes.unknown_operation(error) or error
        if isinstance(error, SmokeError) and not isinstance(error, RefusedError):
            self.closing.stop(error, name_of(item))
            # A wrong check does not affect the others, so `--maxfail=0` continues with them.
            if self.config.option.maxfail or error.exit_code is not Exit.MISUSED:
                item.session.shouldstop = str(error)
        outcome = self._outcomes.of(item, error, report)
        if outcome.outcome == "skipped":
            self.closing.skipped(outcome, by_the_run=self._left_out or OURS in item.stash)
        self._ended(outcome)
        self.terminal.show(self._details.of(outcome, report))
        return report

    def _ended(self, outcome: CheckResult) -> None:
        self.smoke.run.ended(outcome)
        self.terminal.show(self._lines.of(outcome))

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Record the interruption: the run is not green, and its cleanup continues."""
        ignore_term()
        self.closing.stop(RuntimeError("interrupted"))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Record a crash of pytest or of a plugin: the run is not green."""
        error = first_of(excinfo.value)
        # The event loop of an interrupted check may fail in another way where it is waited for.
        if was_interrupted(excinfo.value) or self.beside.was_interrupted:
            self.closing.stop(RuntimeError("interrupted"))
        elif isinstance(error, UnverifiedError):
            # Not a crash: the deadline may pass while fixtures are made outside of any check.
            self.closing.stop(error)
        else:
            self.closing.crashed(CrashedError(f"the run crashed: {excinfo.exconly()}"))

    # The innermost wrapper: the one of xdist sends the last lines of a worker after this.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """Reach the verdict after all other plugins, print it, and set the exit code."""
        with caught(self.pytest_internalerror):
            yield
        self.conclude(session)

    def conclude(self, session: pytest.Session) -> None:
        """Reach the verdict and set the exit code, also on a full disk."""
        try:
            self._finish(session)
        except UnverifiedError as error:  # such as a full disk; the files still say *unfinished*
            self.terminal.show([(f"UNVERIFIED ({error.cause})  {error}", "yellow verdict")])
            if session.exitstatus != Exit.RED:
                session.exitstatus = int(error.exit_code)
        if CLAIMS in self.config.stash:  # a worker has none
            self.config.stash[CLAIMS].settled(int(session.exitstatus))

    def _finish(self, session: pytest.Session) -> None:
        put_in_order(self.smoke.run)
        leave_uncounted(self.smoke.run, self.beside.uncounted)
        for outcome in (*self._outcomes.mended_defects(), *self._outcomes.forgotten()):
            self._ended(outcome)
        self.smoke.run.note_sums()
        verdict = self.closing.verdict(cut_short=bool(session.shouldfail or session.shouldstop))
        session.exitstatus = int(verdict.exit)
        if self.smoke.run.path and isinstance(self.terminal, SmokeTerminal):
            self.closing.report(self.terminal, self._details)

    def pytest_unconfigure(self) -> None:
        """Stop the embedded service and close the record.

        The process exits right after this. Freezing skips three garbage collections over all
        objects of the run.
        """
        gc.freeze()
        self.smoke.close()
