"""The end of a run: its omissions, its ledger, its verdict and its reports."""

from collections.abc import Mapping
from pathlib import Path

from smoke.pytest_plugin.details import Details
from smoke.pytest_plugin.partial import Partial
from smoke.pytest_plugin.terminal import SmokeTerminal
from smoke.report.columns import VERDICT_STYLE, terminal_width
from smoke.report.compare import since_green
from smoke.report.files import commands, write_reports
from smoke.report.several import end_of_one
from smoke.results.ledger import NOT_REACHED, Seen, account
from smoke.results.outcome import CheckResult
from smoke.results.record import Record
from smoke.results.verdict import Verdict, Word, closing, verdict_of
from smoke.session.session import SmokeSession


class Closing:
    """Collects during a run the facts for its verdict and its reports."""

    def __init__(
        self, smoke: SmokeSession, partial: Partial, folder: Path, environ: Mapping[str, str]
    ) -> None:
        self._smoke = smoke
        self._partial = partial
        self._folder = folder
        self._environ = environ
        self.stopped: BaseException | None = None
        self._stopped_in = ""
        self._skipped: dict[str, str] = {}

    def stop(self, error: BaseException, check: str = "") -> None:
        """Record the error that ends the run early, and its check; the first error counts."""
        if self.stopped is None:
            self.stopped, self._stopped_in = error, check

    def crashed(self, error: BaseException) -> None:
        """Record a crash: it replaces any earlier reason."""
        self.stopped, self._stopped_in = error, ""

    def skipped(self, outcome: CheckResult, *, by_the_run: bool) -> None:
        """Record that a skipped check left its operations out, and why."""
        if not by_the_run:
            self._partial.skipped(outcome.check)
        self._skipped |= dict.fromkeys(outcome.operations, outcome.reason)

    def verdict(self, *, cut_short: bool) -> Verdict:
        """Compute the ledger and the verdict, and write them to the record."""
        smoke = self._smoke
        # A run that ended early has not run everything anyway.
        if not (self.stopped or cut_short):
            self._partial.compare({outcome.check for outcome in smoke.run.outcomes})
        ledger = account(smoke.contract, smoke.settings.gates, smoke.plan, self._seen(cut_short))
        smoke.run.part = ", ".join(self._partial.words())
        verdict = verdict_of(smoke.run, ledger, self.stopped, self._stopped_in)
        smoke.run.write("verdict", **closing(smoke.run, ledger, verdict))
        return verdict

    def report(self, terminal: SmokeTerminal, details: Details) -> None:
        """Write the reports and print how the run ended."""
        record = Record.of_lines(self._smoke.run.lines.kept)
        news = since_green(record, self._folder)
        page = write_reports([record], self._folder, self._environ, {record.target: news})
        end = [*details.at_the_end(record), *end_of_one(record, page, news, terminal_width())]
        if details.level < 0 and record.word is Word.GREEN:
            end = [(text, style) for text, style in end if style.endswith(VERDICT_STYLE)]
        # Before the verdict, which stays the last line, whatever a message says.
        terminal.notify([record], page, self._environ)
        terminal.conclude(end, commands([record], self._environ))

    def _seen(self, cut_short: bool) -> Seen:
        run = self._smoke.run
        failed = {
            operation: outcome.check
            for outcome in run.outcomes
            if outcome.outcome == "failed"
            for operation in outcome.operations
        }
        return Seen(
            run.target, run.succeeded, run.known, failed, self._left_out(cut_short),
            self._smoke.absent, self._smoke.omissions.gated,
        )  # fmt: skip

    def _left_out(self, cut_short: bool) -> dict[str, str]:
        """The operations that this run omitted, each with the reason."""
        if self._partial.leaves_open:
            part = ", ".join(self._partial.words())
            return dict.fromkeys(self._smoke.contract.operations, f"this run is partial: {part}")
        left_out = self._smoke.run.used_again | dict(self._smoke.omissions.left_out)
        return self._not_reached(cut_short) | self._skipped | left_out

    def _not_reached(self, cut_short: bool) -> dict[str, str]:
        """The operations that were not reached because a failure ended the run early."""
        failed = any(outcome.outcome == "failed" for outcome in self._smoke.run.outcomes)
        if not self.stopped and not (failed and cut_short):
            return {}
        return dict.fromkeys(self._smoke.contract.operations, NOT_REACHED)
