"""The verdict: green, red or unverified, with its cause and the exit code that follows from it.

| what happened | word | exit |
|---|---|---|
| everything asked was seen to be right, and every operation is accounted for | green | 0 |
| a failure of the service or the contract, whatever else happened | red | 1 |
| an operation is unaccounted for, though all was asked | red | 1 |
| failures of the environment only, a run cut short, nothing asserted | unverified | 2 |
| failures of the harness only, or a crash | unverified | 3 |
| the suite is misused: settings, rules, credentials, a protected target | misused | 4 |

Of several targets the worst decides (`WORST_FIRST`): red says that a service is wrong, whatever
else could not be asked; then comes what a person must mend before anything is known; green is last.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from smoke.errors import Cause, Exit, SmokeError
from smoke.results.ledger import Account

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smoke.results.ledger import Ledger
    from smoke.results.run import Outcome, Run

WORST_FIRST = (Exit.RED, Exit.MISUSED, Exit.INTERNAL, Exit.UNVERIFIED, Exit.GREEN)
"""Which exit code stands for several targets: the first of these that one of them has."""

REFUSALS = frozenset({401, 403})
"""Statuses that say who may not (RFC 9110 §15.5.2, §15.5.4)."""


REASON_MOST = 160
"""Characters of what was expected, and of what was got, that the reason repeats."""


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


def judge(
    run: "Run", ledger: "Ledger", stopped: BaseException | None, stopped_in: str = ""
) -> Verdict:
    """Return the verdict of a finished run; `stopped` is what ended it early, if anything did.

    `stopped_in` names the check that raised it, empty where that was outside of all checks.

    Green must be earned: checks ran and asserted something, none failed, and no operation of the
    contract is unaccounted for.
    """
    failed = [outcome for outcome in run.outcomes if outcome.outcome == "failed"]
    service = [o for o in failed if o.cause in (Cause.SERVICE, Cause.CONTRACT)]
    if isinstance(stopped, SmokeError) and (not service or service[0].check == stopped_in):
        return _stopped(stopped)
    if service:
        return _failed(service[0])
    environment = [o for o in failed if o.cause == Cause.ENVIRONMENT]
    if failed:
        return _failed((environment or failed)[0])
    if stopped is not None:
        return _unverified(f"the run was cut short: {stopped}")
    return _earned(run, ledger)


def combine(verdicts: "Iterable[Verdict]") -> Verdict:
    """Return the one verdict of several targets: the worst of theirs, the first of its kind."""
    return min(verdicts, key=lambda verdict: WORST_FIRST.index(verdict.exit))


def _stopped(error: SmokeError) -> Verdict:
    return Verdict(word_of(error.exit_code), str(error), error.cause, error.exit_code)


def word_of(code: Exit) -> Word:
    """Return the word of a verdict by its exit code."""
    words = {Exit.GREEN: Word.GREEN, Exit.MISUSED: Word.MISUSED, Exit.RED: Word.RED}
    return words.get(code, Word.UNVERIFIED)


def _failed(first: "Outcome") -> Verdict:
    told = gist(first.text) or first.outcome
    if first.expected:
        told = f"{told}: expected {_short(first.expected)}, got {_short(first.got)}"
    reason = told if told.startswith(first.check) else f"{first.check}: {told}"
    if first.cause == Cause.ENVIRONMENT:
        return Verdict(Word.UNVERIFIED, reason, first.cause, Exit.UNVERIFIED)
    if first.cause == Cause.HARNESS:
        return Verdict(Word.UNVERIFIED, reason, first.cause, Exit.INTERNAL)
    return Verdict(Word.RED, reason, first.cause, Exit.RED)


def gist(text: str) -> str:
    """Return the line of a failure's text that says what is wrong: the error, of a traceback."""
    lines = text.splitlines()
    error = next((line for line in lines if line.startswith("E  ")), "E")
    return error[1:].strip() or (lines[0] if lines else "")


def _short(text: str) -> str:
    return text if len(text) <= REASON_MOST else f"{text[: REASON_MOST - 1]}…"


def _earned(run: "Run", ledger: "Ledger") -> Verdict:
    if not ledger.rows:
        return _unverified("the contract has no operations")
    nothing = _nothing_seen(run)
    if nothing:
        return _unverified(nothing)
    missing = ledger.of(Account.MISSING) + ledger.of(Account.FAILED)
    if missing:
        many = f"{len(missing)} operations are" if len(missing) > 1 else "1 operation is"
        more = ", …" if len(missing) > 1 else ""
        reason = f"{many} unaccounted for: {missing[0].operation}{more}"
        return Verdict(Word.RED, reason, Cause.HARNESS, Exit.RED)
    if not ledger.of(Account.SUCCEEDED):
        return _unverified("no operation was seen to succeed")
    return Verdict(Word.GREEN, "", "", Exit.GREEN)


def _nothing_seen(run: "Run") -> str:
    """Why a run without failures says nothing all the same."""
    answered = [exchange.status for exchange in run.exchanges if exchange.status]
    if not run.outcomes:
        return "no check ran"
    if not any(outcome.outcome in ("passed", "known") for outcome in run.outcomes):
        return f"all {len(run.outcomes)} checks were skipped"
    if not answered:
        return "nothing was sent"
    if REFUSALS.issuperset(answered):
        return f"refused everywhere: all {len(answered)} answers were 401 or 403"
    if not run.expectations:
        return "nothing was asserted of any answer"
    return ""


def _unverified(reason: str) -> Verdict:
    return Verdict(Word.UNVERIFIED, reason, Cause.HARNESS, Exit.UNVERIFIED)


def closing(run: "Run", ledger: "Ledger", verdict: Verdict) -> dict[str, Any]:
    """Return the last line of the record: the verdict and what it stands on."""
    return {
        "word": str(verdict.word),
        "reason": verdict.reason,
        "cause": str(verdict.cause),
        "exit": int(verdict.exit),
        "seconds": round(run.elapsed_s, 3),
        "part": run.part,
        "ledger": [
            {"operation": r.operation, "tag": r.tag, "account": str(r.account), "why": r.why}
            for r in ledger.rows
        ],
        "format": [
            {"operation": operation, "place": place, "count": count}
            for (operation, place), count in sorted(run.format_findings.items())
        ],
    }
