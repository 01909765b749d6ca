"""Conducting a smoke run inside pytest: how each check ends, and what the run comes to."""

import gc
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from smoke.errors import BlockedError, CrashedError, LeftOutError, RefusedError, SmokeError
from smoke.pytest_plugin.fixtures import STASH
from smoke.pytest_plugin.items import entry_of, exercised, name_of, selection_of, title_of
from smoke.pytest_plugin.parallel.relay import Relay, Teller
from smoke.pytest_plugin.selection import Selection
from smoke.pytest_plugin.terminal import SmokeTerminal
from smoke.report.columns import labelled
from smoke.report.files import commands, write_reports
from smoke.report.several import end_of_one
from smoke.report.summary import header
from smoke.results.causes import blame, first_of
from smoke.results.expectations import Mismatch
from smoke.results.heading import heading
from smoke.results.kept import kept
from smoke.results.known_defects import Defects
from smoke.results.ledger import NOT_REACHED, Seen, account
from smoke.results.run import Outcome
from smoke.results.secrets import mask_logs
from smoke.results.verdict import closing, judge
from smoke.session.session import SmokeSession

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from smoke.config.settings import Settings


class Conductor:
    """The hooks of one smoke run; in a worker, `relay` takes what it says to the terminal."""

    def __init__(
        self,
        config: pytest.Config,
        settings: "Settings",
        environ: "Mapping[str, str]",
        relay: Relay | None = None,
    ) -> None:
        self.config = config
        self.environ = environ
        self.listing = ExitStack()
        records = Path(config.getoption("--records"))
        if config.option.collectonly:  # lists the checks: the record of the last run stays
            records = Path(self.listing.enter_context(TemporaryDirectory()))
        folder = relay.folder if relay else None
        self.smoke = SmokeSession(settings, environ, records, folder)
        self.stopped: BaseException | None = None
        self.unlisted: dict[str, str] = {}
        self.defects = Defects(self.smoke.rules, self.smoke.contract, self.smoke.run)
        config.stash[STASH] = self.smoke
        config.pluginmanager.import_plugin("smoke.pytest_plugin.fixtures")
        config.pluginmanager.register(Selection(config, self.smoke), "smoke-selection")
        run = self.smoke.run
        run.begin(**heading(settings, self.smoke.contract))
        self.unmask_logs = mask_logs(run.secrets)
        self.cut_short = False
        self.failed_by: dict[int, tuple[str, BaseException]] = {}
        self.teller = Teller(run, relay.label if relay else "")
        self.terminal: Relay | SmokeTerminal = relay or SmokeTerminal(
            config, run.secrets.mask, header(run.header)
        )
        self.smoke.say = self._say_waiting
        if relay is None and not config.option.collectonly:
            plain = config.pluginmanager.get_plugin("terminalreporter")
            config.pluginmanager.unregister(plain)
            config.pluginmanager.register(self.terminal, "terminalreporter")

    def _say_waiting(self, text: str) -> None:
        """Print a line while a check is running, which is when pytest keeps what is printed."""
        capture = self.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            self.terminal.show(labelled("waiting", text, "yellow"))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A check that cannot be collected is a mistake of the suite, and nothing runs."""
        if report.failed:
            why = str(report.longrepr).strip()
            self.stopped = SmokeError(f"{report.nodeid} cannot be collected:\n{why}")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> "Iterator[None]":
        """Note which check is running, so that its exchanges know their cause."""
        self.smoke.run.current = name_of(item)
        self.began = perf_counter()
        self.expectations = self.smoke.run.expectations
        self.outcome: Outcome | None = None
        result = yield
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> "Iterator[None]":
        """A fixture that leaves the run's name changed gives it back."""
        try:
            return (yield)
        except LeftOutError as missing:
            pytest.skip(str(missing))
        finally:
            self.smoke.run.current = name_of(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> "Iterator[None]":
        """What the world does not have is skipped; what was declared must have been seen."""
        unmet = self.smoke.run.unmet
        try:
            result = yield
        except LeftOutError as missing:
            pytest.skip(str(missing))
        self._saw_what_it_declares(item)
        self._proves_something(item, unmet)
        return result

    def _saw_what_it_declares(self, item: pytest.Item) -> None:
        name = name_of(item)
        for operation in exercised(item):
            if name not in self.smoke.run.succeeded.get(operation, ()):
                raise SmokeError(f"{name} declares {operation} but did not see it succeed.")

    def _proves_something(self, item: pytest.Item, unmet: int) -> None:
        """Refuse a check that passed although it expected nothing, or not what came."""
        if self.smoke.run.unmet > unmet:
            raise SmokeError(f"{name_of(item)} passed though an expectation of it was not met.")
        if self.smoke.run.expectations == self.expectations:
            raise SmokeError(
                f"{name_of(item)} expects nothing of any answer, so it proves nothing."
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: "pytest.CallInfo[None]"
    ) -> "Generator[None, pytest.TestReport, pytest.TestReport]":
        """Turn each phase of a check into its outcome."""
        report = yield
        if report.when == "call" or report.outcome != "passed":
            self._conclude(item, call, report)
        return report

    def _conclude(
        self, item: pytest.Item, call: "pytest.CallInfo[None]", report: pytest.TestReport
    ) -> None:
        error = first_of(call.excinfo.value if call.excinfo else None)
        if isinstance(error, SmokeError) and not isinstance(error, RefusedError):
            self.stopped = self.stopped or error
            item.session.shouldstop = str(error)
        ended, text, cause = self._why(error, report, item)
        entry = entry_of(item)
        if ended == "skipped":
            self.unlisted |= dict.fromkeys([entry.operation] if entry else exercised(item), text)
        outcome = Outcome(
            check=name_of(item),
            title=title_of(item),
            outcome=ended,
            seconds=perf_counter() - self.began,
            text=text,
            cause=cause,
            operations=(entry.operation,) if entry else exercised(item),
            generated=entry is not None,
            expected=getattr(error, "expected", ""),
            got=getattr(error, "got", ""),
            exchange=getattr(getattr(error, "exchange", None), "number", 0),
            hint=self.smoke.hint(error.exchange) if isinstance(error, Mismatch) else "",
            again=selection_of(item),
        )
        self._ended(outcome)

    def _ended(self, outcome: Outcome) -> None:
        self.smoke.run.ended(outcome)
        self.terminal.show(self.teller.of(outcome))

    def _why(
        self, error: BaseException | None, report: pytest.TestReport, item: pytest.Item
    ) -> tuple[str, str, str]:
        """How a check ended, why, and whose that is; what pytest prints of it is masked, too."""
        if error is not None and getattr(report, "wasxfail", None) is not None:
            report.outcome = "failed"  # known defects are declared in the rules, with a date
            del report.wasxfail
        if report.outcome == "skipped":
            told = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            return "skipped", str(error or told), ""
        if error is None:
            return report.outcome, "", ""
        first = self._blocked_by(error, item)
        if first:
            return "blocked", f"blocked by {first}", ""
        defect = self.defects.explain(error) if isinstance(error, Mismatch) else ""
        if defect:
            report.outcome, report.wasxfail = "skipped", defect  # else pytest stops at it
            return "known", defect, ""
        report.longrepr = self.smoke.run.secrets.mask(report.longreprtext)
        told = str(error) if getattr(error, "cause", "") else report.longrepr
        return report.outcome, self.smoke.run.secrets.mask(told), str(blame(error))

    def _blocked_by(self, error: BaseException, item: pytest.Item) -> str:
        """The check that told this failure already: its cause must not be hidden by what follows.

        A fixture that checks share raises the same error in each; an entry whose producer failed
        cannot be sent.
        """
        name = name_of(item)
        first, _ = self.failed_by.setdefault(id(error), (name, error))
        if first != name:
            return first
        return error.by if isinstance(error, BlockedError) else ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """A run that is interrupted says so; it is not green."""
        self.stopped = self.stopped or RuntimeError("interrupted")

    def pytest_internalerror(self, excinfo: "pytest.ExceptionInfo[BaseException]") -> None:
        """A crash of pytest or of a plugin ends the run, and it is not green."""
        self.stopped = CrashedError(f"the run crashed: {excinfo.exconly()}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Balance the ledger, judge, print, and set the exit code."""
        if self.config.option.collectonly:
            return
        self.cut_short = bool(session.shouldfail or session.shouldstop)
        for outcome in self.defects.mended():
            self._ended(outcome)
        ledger = account(
            self.smoke.contract, self.smoke.settings.gates, self.smoke.plan, self._seen()
        )
        self.smoke.run.part = self._part()
        verdict = judge(self.smoke.run, ledger, self.stopped)
        self.smoke.run.write("verdict", **closing(self.smoke.run, ledger, verdict))
        if self.smoke.run.path and isinstance(self.terminal, SmokeTerminal):
            record = kept(self.smoke.run)
            page = write_reports([record], self.smoke.folder, self.environ)
            told = commands([record], self.environ)
            self.terminal.conclude(end_of_one(record, page), told)
        session.exitstatus = int(verdict.exit)

    def _left_out(self) -> "dict[str, str]":
        """Operations that this run was told not to ask for, each with who said so."""
        part = self._part()
        if part:
            return dict.fromkeys(self.smoke.contract.operations, f"only {part} was asked for")
        return self._not_reached() | self.unlisted | dict(self.smoke.omissions.left_out)

    def _not_reached(self) -> "dict[str, str]":
        """What a failure that ended the run kept from being asked: it is not missing."""
        failed = any(outcome.outcome == "failed" for outcome in self.smoke.run.outcomes)
        if not self.stopped and not (failed and self.cut_short):
            return {}
        return dict.fromkeys(self.smoke.contract.operations, NOT_REACHED)

    def _part(self) -> str:
        """The selection that makes this run a part of the suite; empty for the whole."""
        option = self.config.option
        words = [f"-k {option.keyword!r}"] if option.keyword else []
        words += [f"-m {option.markexpr!r}"] if option.markexpr not in ("", "smoke") else []
        if self.config.args_source is pytest.Config.ArgsSource.ARGS:
            words += self.config.args
        return " ".join(words)

    def _seen(self) -> Seen:
        run = self.smoke.run
        failed = {
            operation: outcome.check
            for outcome in run.outcomes
            if outcome.outcome == "failed"
            for operation in outcome.operations
        }
        return Seen(
            run.target, run.succeeded, run.known, failed, self._left_out(), self.smoke.absent,
            self.smoke.omissions.gated,
        )  # fmt: skip

    def pytest_unconfigure(self) -> None:
        """Stop the embedded service and close the record.

        What the run leaves is let go with the process: pytest and Python look through all of it
        for garbage three times, which nobody waits for.
        """
        gc.freeze()
        self.unmask_logs()
        self.smoke.close()
        self.listing.close()
