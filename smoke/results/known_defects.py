"""Known defects: still sent, shown as known, red when they are gone or their date has passed."""

from collections.abc import Iterator
from datetime import UTC, datetime

from smoke.config.rules import Known, Rules
from smoke.config.rules.matching import names
from smoke.contract import Contract
from smoke.errors import Cause
from smoke.results.expectations import Mismatch
from smoke.results.outcome import CheckResult, Outcome
from smoke.results.run import Run

# The name of each cause in the rules.
KINDS = {Cause.SERVICE: "behaviour", Cause.CONTRACT: "shape"}


class Defects:
    """The known defects of one target, compared with a run."""

    def __init__(self, rules: Rules, contract: Contract, run: Run) -> None:
        self._rows = [row for row in rules.known if not row.targets or run.target in row.targets]
        self._contract = contract
        self._run = run
        # One day for the whole run, also for one that goes on past midnight.
        self._today = datetime.now(UTC).date()

    def explain(self, error: Mismatch) -> str:
        """Return the reason of the known defect behind a mismatch; empty if it is a new failure."""
        exchange = error.exchange
        for row in self._of(exchange.operation):
            fits = row.kind == KINDS.get(error.cause)
            fits = fits and (not row.status or exchange.status in row.status)
            if fits and not row.expired(self._today):
                reason = f"{row.reason} ({row.link}), expected until {row.expires}"
                self._run.known[exchange.operation] = reason
                return reason
        return ""

    def _of(self, operation: str) -> Iterator[Known]:
        documented = self._contract.operations.get(operation)
        if documented is not None:
            yield from (row for row in self._rows if names(row.operations, documented))

    def mended(self) -> Iterator[CheckResult]:
        """Failures for known defects that no longer occur: someone must remove their rules."""
        for operation in self._run.succeeded:
            gone = [r for r in self._of(operation) if not r.intermittent and r.kind == "behaviour"]
            # Seen to fail in one check and to succeed in another, the defect is still there.
            if gone and operation not in self._run.known:
                yield CheckResult(
                    check=f"known defect of {operation}",
                    title="A known defect is still there.",
                    outcome=Outcome.FAILED,
                    seconds=0.0,
                    reason=f"{operation} works again: {gone[0].reason}. Remove the rule "
                    f"({gone[0].place}).",
                    cause=str(Cause.CONTRACT),
                    operations=(operation,),
                )
