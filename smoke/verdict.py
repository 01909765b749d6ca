"""The verdict: green, red or unverified, with its cause and the exit code that follows from it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from smoke.errors import Cause, Exit, SmokeError
from smoke.ledger import Account

if TYPE_CHECKING:
    from smoke.ledger import Ledger
    from smoke.run import Outcome, Run


class Word(StrEnum):
    """The answer of a run."""

    GREEN = "green"
    RED = "red"
    UNVERIFIED = "unverified"
    MISUSED = "misused"


@dataclass(frozen=True)
class Verdict:
    """The answer, the first reason for it, who must act, and how the process ends."""

    word: Word
    reason: str
    cause: str
    exit: Exit


def judge(run: "Run", ledger: "Ledger", stopped: BaseException | None) -> Verdict:
    """Return the verdict of a finished run; `stopped` is what ended it early, if anything did.

    Green must be earned: at least one check ran, none failed, and no operation of the contract is
    unaccounted for.
    """
    failed = [outcome for outcome in run.outcomes if outcome.outcome == "failed"]
    service = [o for o in failed if o.cause in (Cause.SERVICE, Cause.CONTRACT)]
    if isinstance(stopped, SmokeError) and not service:
        return _stopped(stopped)
    if failed:
        return _failed(service or failed)
    if stopped is not None:
        return Verdict(Word.UNVERIFIED, f"the run was cut short: {stopped}", "", Exit.UNVERIFIED)
    return _earned(run, ledger)


def _stopped(error: SmokeError) -> Verdict:
    words = {Exit.MISUSED: Word.MISUSED, Exit.RED: Word.RED, Exit.UNVERIFIED: Word.UNVERIFIED}
    return Verdict(words[error.exit_code], str(error), error.cause, error.exit_code)


def _failed(failed: "list[Outcome]") -> Verdict:
    first = failed[0]
    reason = f"{first.check}: {first.text.splitlines()[0] if first.text else first.outcome}"
    if first.cause == Cause.ENVIRONMENT:
        return Verdict(Word.UNVERIFIED, reason, first.cause, Exit.UNVERIFIED)
    if first.cause == Cause.HARNESS:
        return Verdict(Word.UNVERIFIED, reason, first.cause, Exit.INTERNAL)
    return Verdict(Word.RED, reason, first.cause, Exit.RED)


def _earned(run: "Run", ledger: "Ledger") -> Verdict:
    passed = [outcome for outcome in run.outcomes if outcome.outcome == "passed"]
    if not ledger.rows:
        return _unverified("the contract has no operations")
    if not passed:
        skipped = len(run.outcomes)
        return _unverified(f"all {skipped} checks were skipped" if skipped else "no check ran")
    if not any(exchange.status for exchange in run.exchanges):
        return _unverified("nothing was sent")
    missing = ledger.of(Account.MISSING) + ledger.of(Account.FAILED)
    if missing:
        return Verdict(
            Word.RED,
            f"{len(missing)} operations are unaccounted for: {missing[0].operation}, …",
            Cause.HARNESS,
            Exit.RED,
        )
    if not ledger.of(Account.SUCCEEDED):
        return _unverified("no operation was seen to succeed")
    return Verdict(Word.GREEN, "", "", Exit.GREEN)


def _unverified(reason: str) -> Verdict:
    return Verdict(Word.UNVERIFIED, reason, Cause.HARNESS, Exit.UNVERIFIED)
