"""
The verdict: green, red or unverified, with its cause and the exit code that follows from it.

| what happened | word | exit |
|---|---|---|
| every expectation was met, and every operation is accounted for | green | 0 |
| a failure of the service or the contract, whatever else happened | red | 1 |
| an operation is unaccounted for, though all was asked | red | 1 |
| failures of the environment only, a run cut short, nothing asserted | unverified | 2 |
| failures of the harness only, or a crash | unverified | 3 |
| the suite is misused: settings, rules, credentials, a protected target | misused | 4 |

Of several failures, and of several targets, the worst decides: `severity` has the one order.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from smoke.errors import Cause, Exit, SmokeError
from smoke.results.causes import EDGE, GATEWAY
from smoke.results.ledger import Account, Ledger
from smoke.results.outcome import CheckResult, Outcome, exit_of, worst_first
from smoke.results.run import Run

# From this many broken connections on, a run reports them.
MANY_RESENT = 3

# Statuses of a refused caller (RFC 9110 §15.5.2, §15.5.4).
REFUSALS = frozenset({401, 403})


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
    # The number of the exchange that stopped the run; 0 if a check failed, or nothing was sent.
    exchange: int = 0


def verdict_of(
    run: Run, ledger: Ledger, stopped: BaseException | None, stopped_in: str = ""
) -> Verdict:
    """
    Return the verdict of a finished run.

    `stopped` is the error that ended it early, if any, and `stopped_in` the check that raised it.
    Green must be earned: checks ran and asserted something, none failed, and no operation of the
    contract is unaccounted for.
    """
    failed = [result for result in run.outcomes if result.outcome is Outcome.FAILED]
    worst = next(iter(worst_first(failed, lambda result: result.cause)), None)
    red = worst is not None and exit_of(worst.cause) is Exit.RED
    # What another check saw to be wrong outweighs the error that ended the run.
    if isinstance(stopped, SmokeError) and not (red and worst and worst.check != stopped_in):
        code, exchange = stopped.exit_code, exchange_of(stopped, run)
        return Verdict(word_of(code), str(stopped), stopped.cause, code, exchange)
    if worst is not None:
        return _failed(worst, run)
    if stopped is not None:
        return _unverified(f"the run was cut short: {stopped}")
    return _earned(run, ledger)


def exchange_of(error: BaseException | None, run: Run) -> int:
    """
    Return the number of the exchange that an error is about; 0 if there is none.

    An error that stops the run, such as a refused sign-in, comes right after its exchange.
    """
    named = getattr(error, "exchange", None)
    if named is not None or not isinstance(error, SmokeError):
        return int(getattr(named, "number", 0))
    sent = run.until_now()[-1:]
    # A mistake in the suite is about the last answer only if that was a refusal.
    misused = error.exit_code is Exit.MISUSED and sent and (sent[0].status or 0) < 400
    return sent[0].number if sent and not misused else 0


def word_of(code: Exit) -> Word:
    """Return the word of a verdict by its exit code."""
    words = {Exit.GREEN: Word.GREEN, Exit.MISUSED: Word.MISUSED, Exit.RED: Word.RED}
    return words.get(code, Word.UNVERIFIED)


def _failed(worst: CheckResult, run: Run) -> Verdict:
    code = exit_of(worst.cause)
    # A pipeline may retry on exit code 2: it must not accept a deploy with one broken surface.
    if worst.cause == Cause.ENVIRONMENT and _others_answer(worst, run):
        code = Exit.RED
    # An entry of the plan is called what its operation is called, and the reason names that.
    reason = worst.reason if worst.generated else f"{worst.check}: {worst.reason}"
    return Verdict(word_of(code), reason, worst.cause, code)


def _others_answer(worst: CheckResult, run: Run) -> bool:
    """Whether the service answered something that was sent after what failed a check."""
    # By time: the numbers are in the suite's order, and checks run beside each other.
    failed_s = (one.started_s for one in run.exchanges if one.number == worst.exchange > 0)
    since = next(failed_s, float("inf"))
    later = (one for one in run.exchanges if one.started_s > since)
    return any(one.status is not None and one.status not in GATEWAY | EDGE for one in later)


def _earned(run: Run, ledger: Ledger) -> Verdict:
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
    # With every operation behind a gate or excepted, nothing was verified.
    if not ledger.of(Account.SUCCEEDED):
        return _unverified("no operation was seen to succeed")
    return Verdict(Word.GREEN, _resent(run), "", Exit.GREEN)


def _resent(run: Run) -> str:
    """The remark of a green run about dropped connections."""
    count = sum(exchange.resent for exchange in run.exchanges)
    if count < MANY_RESENT:
        return ""
    return f"{count} requests were sent again, as the service dropped their connections"


def _open(run: Run, ledger: Ledger) -> str:
    """
    The operations and checks that a run left open; with them a green run is only partial.

    A person must decide about an undecided operation before it is sent; a blocked check depends on
    something that failed, such as a known defect.
    """
    undecided = [row.operation for row in ledger.of(Account.UNDECIDED)]
    blocked = [
        f"{one.check} ({one.reason})" for one in run.outcomes if one.outcome is Outcome.BLOCKED
    ]
    found = [
        _several(undecided, "operation", "undecided and not sent"),
        _several(blocked, "check", "blocked"),
    ]
    return "; ".join(filter(None, found))


def _several(names: list[str], kind: str, state: str) -> str:
    """A sentence about some things in one state, with the first of them; empty for none."""
    if not names:
        return ""
    many = f"{len(names)} {kind}s are" if len(names) > 1 else f"1 {kind} is"
    return f"{many} {state}: {names[0]}{', …' if len(names) > 1 else ''}"


def _nothing_seen(run: Run) -> str:
    """Why a run without failures still proves nothing."""
    # From the most basic reason on: each of them also causes those that follow.
    answered = [exchange.status for exchange in run.exchanges if exchange.status]
    if not run.outcomes:
        return "no check ran"
    if not any(result.outcome in (Outcome.PASSED, Outcome.KNOWN) for result in run.outcomes):
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


def closing(run: Run, ledger: Ledger, verdict: Verdict) -> dict[str, Any]:
    """Return the last line of the record: the verdict with its evidence."""
    return {
        "word": str(verdict.word),
        "reason": verdict.reason,
        "cause": str(verdict.cause),
        "exit": int(verdict.exit),
        "exchange": verdict.exchange,
        "seconds": round(run.elapsed_s, 3),
        "part": run.part,
        "open": _open(run, ledger),
        "behind": run.behind,
        "ledger": [
            {"operation": r.operation, "tag": r.tag, "account": str(r.account), "why": r.why}
            for r in ledger.rows
        ],
        "format": [
            {"operation": operation, "place": place, "count": count}
            for (operation, place), count in sorted(run.format_findings.items())
        ],
    }
