"""Known defects: still sent, shown as known, red when they are gone or their date has passed."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smoke.config.rules.matching import names
from smoke.errors import Cause
from smoke.results.outcome import CheckResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.config.rules import Known, Rules
    from smoke.contract import Contract
    from smoke.results.expectations import Mismatch
    from smoke.results.run import Run

# What a mismatch is called in the rules.
KINDS = {Cause.SERVICE: "behaviour", Cause.CONTRACT: "shape"}


class Defects:
    """The known defects of one target, and what a run saw of them."""

    def __init__(self, rules: "Rules", contract: "Contract", run: "Run") -> None:
        self._rows = [row for row in rules.known if not row.targets or run.target in row.targets]
        self._contract = contract
        self._run = run
        self._today = datetime.now(UTC).date()

    def explain(self, error: "Mismatch") -> str:
        """Return the reason of the defect that a mismatch is, or an empty text for any other."""
        exchange = error.exchange
        for row in self._of(exchange.operation):
            fits = row.kind == KINDS.get(error.cause)
            fits = fits and (not row.status or exchange.status in row.status)
            if fits and not row.expired(self._today):
                told = f"{row.reason} ({row.link}), expected until {row.expires}"
                self._run.known[exchange.operation] = told
                return told
        return ""

    def _of(self, operation: str) -> "Iterator[Known]":
        documented = self._contract.operations.get(operation)
        if documented is not None:
            yield from (row for row in self._rows if names(row.operations, documented))

    def mended(self) -> "Iterator[CheckResult]":
        """Known defects that this run saw to be gone: their rules are to be removed."""
        for operation in self._run.succeeded:
            gone = [r for r in self._of(operation) if not r.intermittent and r.kind == "behaviour"]
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
