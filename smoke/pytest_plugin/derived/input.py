"""
Input: a write whose body the contract excludes is refused.

pytest collects this module itself; its check is parametrised with the contract's tags.
"""

from dataclasses import dataclass, replace

import pytest

from smoke.errors import BlockedError, LeftOutError
from smoke.http.pace import together
from smoke.http.policy import writes
from smoke.plan import Entry, FilledRequest
from smoke.plan.invalid import Invalid, invalid_body
from smoke.plan.values import primary
from smoke.plan.wire import wire_body
from smoke.pytest_plugin.derived.refusals import PERSONAL
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer
from smoke.results.run import Run
from smoke.session.replay import Replay
from smoke.session.session import SmokeSession

# Refusals that say nothing about the body: the service looked at the call or the thing first.
ABOUT_THE_CALL = frozenset({401, 403, 404, 405, 408, 409, 410, 412, 423, 428, 429})


@dataclass(frozen=True)
class Attempt:
    """An entry of the plan with a body that the contract excludes."""

    entry: Entry
    filled: FilledRequest
    invalid: Invalid


def bodies(smoke: SmokeSession) -> dict[str, list[Entry]]:
    """
    The writes of the plan with a JSON object as body, by tag.

    Only those for which a rule says `invalid = true`: a service without validation would keep what
    it took. None removes something or ends a session, and a protected target gets none.
    """
    target, found = smoke.settings.target, dict[str, list["Entry"]]()
    if smoke.is_quick or target.read_only or target.protected:
        return found
    kept = smoke.policy.ends | smoke.policy.leaves | smoke.policy.sign_in | smoke.policy.seeding
    for entry in smoke.plan.entries:
        tried = writes(entry.operation) and isinstance(entry.body, dict) and smoke.is_sent(entry)
        takes_away = entry.destructive or smoke.policy.takes_away(entry.operation)
        asked = tried and smoke.matched[entry.operation].rule.invalid
        if not asked or takes_away or entry.operation in kept:
            continue
        if entry.actor != PERSONAL and "json" in (entry.media_type or ""):
            surface = smoke.contract.operations[entry.operation].surface
            found.setdefault(surface, []).append(entry)
    return found


@pytest.mark.generated
async def test_invalid_body_is_refused(
    inputs: list[Entry], generated_pass: Replay, smoke: SmokeSession
) -> None:
    """A write is refused if its body has one defect that the contract excludes."""
    attempts = [one for entry in inputs if (one := await _attempt(entry, generated_pass, smoke))]
    calls = [
        generated_pass.send(one.filled, generated_pass.caller(one.filled.actor)) for one in attempts
    ]
    sent = list(zip(attempts, await together(calls), strict=True))
    for attempt, exchange in sent:
        if exchange.succeeded:
            await generated_pass.removals.note(attempt.entry, attempt.filled, exchange, set())
    proven = [_refuses(attempt, exchange, smoke.run) for attempt, exchange in sent]
    if not any(proven):
        raise LeftOutError("no write got as far as its body")


async def _attempt(entry: Entry, replay: Replay, smoke: SmokeSession) -> Attempt | None:
    """The entry with an invalid body, if what it needs is there already."""
    needed = [one for one in replay.plan.closure({entry.name}) if one != entry]
    lacking = [one for one in needed if one.name not in replay.tried]
    known = await replay.known.filled(entry, unread=True)
    known = known or (replay.known.repeated(entry) if lacking else None)
    if known is None and any(writes(one.operation) for one in lacking):
        return None
    # Where the valid request fails, the refusal of an invalid one would say nothing more.
    if replay.tried.get(entry.name) is False:
        return None
    operation, kind = smoke.contract.operations[entry.operation], entry.media_type or ""
    # Only things of the run are written to: the defect might stay in them.
    may_be_owned = entry.path or any(one.get("owned") for one in primary(entry.body))
    if operation.method != "POST" and not may_be_owned:
        return None
    try:
        filled = known or await replay.filled(entry)
    except (BlockedError, LeftOutError):
        return None
    invalid = invalid_body(smoke.contract, operation, kind, filled.body.value)
    if invalid is None or not (filled.owned or operation.method == "POST"):
        return None
    return Attempt(entry, replace(filled, body=wire_body(kind, invalid.body)), invalid)


def _refuses(attempt: Attempt, exchange: Exchange, run: Run) -> bool:
    """Expect a refusal; return whether it was because of the body."""
    status = exchange.status or 0
    if status in ABOUT_THE_CALL:
        return False
    wanted = f"a refusal (4XX) of a body {attempt.invalid.defect}"
    Answer(exchange, run).that(wanted, 400 <= status < 500)
    run.expected(exchange, wanted, str(status), met=True)
    return True
