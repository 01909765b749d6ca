"""The outcome of a check, its reason, and who must act."""

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

import pytest

from smoke.errors import BlockedError, BrokenError, Cause, SmokeError, UnverifiedError, nearest
from smoke.pytest_plugin.items import entry_of, exercised, name_of, selection_of, title_of
from smoke.results.causes import cause_of_error
from smoke.results.expectations import Mismatch
from smoke.results.failure import reason_of
from smoke.results.known_defects import Defects
from smoke.results.outcome import CheckResult, Outcome
from smoke.results.run import Run
from smoke.results.verdict import exchange_of
from smoke.session.session import SmokeSession

# The statuses of a service for an operation that it does not have (RFC 9110 §15.5.5, §15.5.6).
ABSENT = (404, 405)

# How alike two names are at least, of which one is the other with a slip of the keyboard.
TYPO = 0.85

BARE = "This is a bare assert. With `expect`, the failure shows what was expected and what came."


class Outcomes:
    """Converts pytest's report of a check into its outcome."""

    def __init__(self, smoke: SmokeSession) -> None:
        self._smoke = smoke
        self._live = f"GET {smoke.rules.live}"
        self._defects = Defects(smoke.rules, smoke.contract, smoke.run)
        # The check that reported an error first, by the identity of the error.
        self._first_of: dict[int, tuple[str, BaseException]] = {}

    def of(
        self, item: pytest.Item, error: BaseException | None, report: pytest.TestReport
    ) -> CheckResult:
        """Return the outcome of a check that ended with an error, or without one."""
        ended, reason, text, cause = self._why(error, report, name_of(item))
        entry = entry_of(item)
        return CheckResult(
            check=name_of(item),
            title=title_of(item),
            outcome=ended,
            seconds=self._smoke.run.check.seconds,
            reason=reason,
            text=text,
            cause=cause,
            operations=(entry.operation,) if entry else exercised(item),
            generated=entry is not None,
            expected=getattr(error, "expected", ""),
            got=getattr(error, "got", ""),
            exchange=exchange_of(error, self._smoke.run),
            facts=getattr(error, "facts", ()),
            hint=self._hint(error, cause),
            again=selection_of(item),
        )

    def _hint(self, error: BaseException | None, cause: str) -> str:
        if isinstance(error, Mismatch):
            return self._smoke.hint(error.exchange)
        bare = isinstance(error, AssertionError) and not getattr(error, "cause", "")
        return BARE if bare and cause == Cause.SERVICE else ""

    def unknown_operation(self, error: BaseException | None) -> SmokeError | None:
        """
        Return the mistake of a check that called an operation which no contract has.

        A check may call what is not documented: where it names the statuses that it expects, and
        no documented operation has nearly that name, its absence is the service's fault.
        """
        if not isinstance(error, Mismatch) or error.exchange.status not in ABSENT:
            return None
        name, known = error.exchange.operation, self._smoke.contract.operations
        if not name or name in known or name in (self._smoke.rules.ready, self._live):
            return None
        if error.is_stated and not get_close_matches(name, known, n=1, cutoff=TYPO):
            return None
        return SmokeError(
            f"{name!r} is not an operation of {self._smoke.contract.source}, and it answered "
            f"{error.exchange.status}.{nearest(name, known)}"
        )

    def mended_defects(self) -> Iterator[CheckResult]:
        """Known defects that this run no longer found, as failures."""
        return self._defects.mended()

    def forgotten(self) -> Iterator[CheckResult]:
        """Failures for things that a passed check created and never removed."""
        passed = {one.check: one for one in self._smoke.run.outcomes if one.outcome == "passed"}
        order = {name: place for place, name in enumerate(passed)}
        things = self._smoke.run.creations.forgotten()
        for thing in sorted(things, key=lambda one: order.get(one.check, 0)):
            check, remover = passed.get(thing.check), self._smoke.remover_of(thing)
            # A check that failed may not have come to its cleanup; the plan has its own.
            if check is not None and remover and not check.generated:
                reason = (
                    f"{thing.operation} created {thing.path}, and the check does not remove it. "
                    f"On the line after the creation, add: cleanup(ACTOR, {remover!r}, …)."
                )
                yield replace(
                    check, outcome=Outcome.FAILED, reason=reason, text=reason,
                    cause=str(Cause.HARNESS),
                )  # fmt: skip

    def _why(
        self, error: BaseException | None, report: pytest.TestReport, name: str
    ) -> tuple[Outcome, str, str, str]:
        """Return how a check ended, why, at length, and the cause, all of it masked."""
        if error is not None and getattr(report, "wasxfail", None) is not None:
            report.outcome = "failed"  # known defects are declared in the rules, with a date
            del report.wasxfail
        if report.outcome == "skipped":
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            return Outcome.SKIPPED, str(error or reason), "", ""
        if error is None:
            return Outcome(report.outcome), "", "", ""
        fixture = report.when == "setup" and isinstance(error, SmokeError)
        if isinstance(error, (UnverifiedError, BrokenError)) or fixture:
            # Readiness, a sign-in or the seeding failed: that stops the run, and is no check.
            reason = self._smoke.run.secrets.mask(str(error))
            return Outcome.BLOCKED, "the run stopped", reason, ""
        first = self._reported_by(error, name)
        if first:
            return Outcome.BLOCKED, f"blocked by {first}", "", ""
        defect = self._defects.explain(error) if isinstance(error, Mismatch) else ""
        if defect:
            report.outcome, report.wasxfail = "skipped", defect  # else pytest stops at it
            return Outcome.KNOWN, defect, "", ""
        # A check that reads an answer may stumble over what it says.
        sent = self._smoke.run.of_current()[-1:]
        cause = cause_of_error(error, answered=bool(sent) and sent[0].status is not None)
        mask = self._smoke.run.secrets.mask
        report.longrepr = mask(report.longreprtext)
        text = str(error) if getattr(error, "cause", "") else report.longrepr
        return Outcome(report.outcome), mask(reason_of(error)), mask(text), str(cause)

    def _reported_by(self, error: BaseException, name: str) -> str:
        """Return the other check that has reported this failure already, if there is one.

        A fixture that checks share raises the same error in each of them, and an entry of the plan
        cannot be sent after its producer failed: repeating that would hide the cause.
        """
        first, _ = self._first_of.setdefault(id(error), (name, error))
        if first != name:
            return first
        return error.by if isinstance(error, BlockedError) else ""


def must_prove(item: "pytest.Item", run: Run) -> None:
    """
    Refuse a check that passed without proof.

    Raises:
        SmokeError: it did not see an operation that it declares, it swallowed an expectation that
            was not met, or it expected nothing.
    """
    name = name_of(item)
    for operation in exercised(item):
        seen = name in run.succeeded.get(operation, ())
        # What cannot be undone is not done again where an earlier run's work is used.
        if not seen and operation not in run.used_again:
            raise SmokeError(f"{name} declares {operation} but did not see it succeed.")
    if run.check.unmet:
        raise SmokeError(f"{name} passed although one of its expectations was not met.")
    if not run.check.expectations:
        raise SmokeError(f"{name} expects nothing of any answer, so it proves nothing.")
