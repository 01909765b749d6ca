"""The words of a run at a terminal: its header, its lines and its verdict, 80 columns wide."""

from typing import TYPE_CHECKING

from smoke.gates import State
from smoke.ledger import Account
from smoke.verdict import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smoke.ledger import Ledger
    from smoke.run import Outcome, Run
    from smoke.session import SmokeSession
    from smoke.verdict import Verdict

WIDTH = 80
LISTED = 12
"""Operations of one account that are listed before the rest is counted."""


def header(smoke: "SmokeSession") -> "Iterator[str]":
    """What is asked of whom: target, gates, contract, and each value that is not the default."""
    settings = smoke.settings
    target = settings.target
    where = target.base_url or f"{target.serve} (embedded)"
    yield f"target    {target.name}  {where}  run {smoke.run.id}"
    size, digest = len(smoke.contract.operations), smoke.contract.digest[:19]
    yield f"contract  {settings.contract.name}  {size} operations  {digest}"
    for state in State:
        gates = [gate for gate in settings.gates if gate.state is state]
        if gates:
            named = ", ".join(
                gate.name if gate.source in ("default", "file") else f"{gate.name} ({gate.source})"
                for gate in gates
            )
            yield f"gates     {state}: {named}"
    for key, source in target.sources.items():
        if source != "file":
            value = "***" if key == "user_password" else getattr(target, key)
            yield f"set       {key} = {value}  ({source})"


def outcome_line(outcome: "Outcome", run: "Run") -> str:
    """One line for one check: how it ended, its name, what it sent and how long that took."""
    word = {"passed": "ok", "failed": "FAIL", "skipped": "skip", "known": "known"}[outcome.outcome]
    sent = [e for e in run.exchanges if e.check == outcome.check]
    told = f"{outcome.seconds * 1000:.0f} ms"
    if outcome.generated and sent:
        told = f"{sent[-1].status or 'no answer'}  {sent[-1].elapsed_ms:.0f} ms"
    elif sent:
        told = f"{len(sent)} sent  {told}"
    room = WIDTH - 8 - len(told)
    name = outcome.check if len(outcome.check) <= room else outcome.check[: room - 1] + "…"
    return f"{word:<5} {name:<{room}}  {told}"


def ending(run: "Run", ledger: "Ledger", verdict: "Verdict", again: str) -> "Iterator[str]":
    """The verdict and what it stands on; the reason comes first."""
    failed = [outcome for outcome in run.outcomes if outcome.outcome == "failed"]
    for outcome in failed:
        yield ""
        yield f"{outcome.check}: {outcome.title}"
        yield from (f"  {line}" for line in outcome.text.splitlines())
        yield f"    run     {again} -k {outcome.check.rpartition('.')[2].partition('[')[0]}"
    yield ""
    yield from _skipped(run)
    yield from _formats(run)
    yield from (f"note      {note}" for note in run.notes)
    yield from _accounts(ledger, verdict)
    yield from _slowest(run)
    yield ""
    yield _verdict(run, verdict)


def _skipped(run: "Run") -> "Iterator[str]":
    reasons: dict[str, int] = {}
    for outcome in run.outcomes:
        if outcome.outcome == "skipped":
            reasons[outcome.text] = reasons.get(outcome.text, 0) + 1
    for reason, count in reasons.items():
        yield f"skipped   {count} x {reason}"


def _formats(run: "Run") -> "Iterator[str]":
    if run.format_findings:
        operations = {operation for operation, _ in run.format_findings}
        fields = len(run.format_findings)
        yield f"format    {fields} fields of {len(operations)} operations break their format only:"
        shown = [f"{op} {place}" for op, place in sorted(run.format_findings)]
        yield from (f"            {line}" for line in _some(shown))


def _accounts(ledger: "Ledger", verdict: "Verdict") -> "Iterator[str]":
    counts = ledger.count()
    told = ", ".join(f"{counts[a]} {a}" for a in Account if counts[a])
    yield f"ledger    {len(ledger.rows)} operations: {told}"
    if verdict.word is not Word.GREEN and counts[Account.SUCCEEDED] == 0:
        return
    for kind in (Account.KNOWN, Account.EXCEPTED, Account.FAILED, Account.MISSING):
        rows = [f"{row.operation}: {row.why}" for row in ledger.of(kind)]
        yield from (f"            {kind}: {line}" for line in _some(rows))


def _some(lines: "list[str]") -> "Iterable[str]":
    more = len(lines) - LISTED
    return [*lines[:LISTED], f"and {more} more"] if more > 0 else lines


def _slowest(run: "Run") -> "Iterator[str]":
    slow = sorted(run.exchanges, key=lambda exchange: -exchange.elapsed_ms)[:5]
    if slow:
        told = [f"{e.operation or e.method} {e.elapsed_ms:.0f} ms" for e in slow]
        yield f"slowest   {told[0]}"
        yield from (f"          {line}" for line in told[1:])


def _verdict(run: "Run", verdict: "Verdict") -> str:
    ran = sum(outcome.outcome in ("passed", "failed", "known") for outcome in run.outcomes)
    told = f"{ran} checks, {len(run.exchanges)} requests, {run.elapsed_s:.1f} s"
    word = str(verdict.word).upper()
    if verdict.word is Word.GREEN:
        return f"{word}  {told}"
    who = f" ({verdict.cause})" if verdict.cause else ""
    return f"{word}{who}  {verdict.reason}\n{told}; exit code {verdict.exit.value}"
