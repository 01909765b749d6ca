"""Refusals: no token, no answer; another tenant, another world; what must be absent is not there.

pytest collects this module itself; its checks are parametrised with the contract's tags.
"""

import asyncio
from typing import Any

import pytest

from smoke.config.gates import Gate, State
from smoke.config.rules.model import UNASKED
from smoke.contract import Operation
from smoke.contract.operation_id import OperationId
from smoke.http.pace import LATER, together
from smoke.http.policy import writes
from smoke.plan import Entry, Plan
from smoke.plan.values import primary
from smoke.pytest_plugin.derived.attempts import (
    Attempt,
    attempts_of,
    must_be_there,
    not_found,
    things_before,
    things_of,
)
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer, Expect
from smoke.results.sightings import seen_refused
from smoke.session.caller import Caller
from smoke.session.lists import SECOND_LOOK_S
from smoke.session.readiness import something_must_be_there
from smoke.session.replay import Replay
from smoke.session.run_actors import Actors
from smoke.session.session import SmokeSession

# What an operation with `security` answers to a call without a token (RFC 9110 §15.5.2, .4).
REFUSALS = (401, 403)


def secured(smoke: SmokeSession) -> dict[str, list[Operation]]:
    """The operations that must refuse, by tag: secured ones that this run asks for."""
    found: dict[str, list[Operation]] = {}
    if smoke.settings.target.auth == "off":
        smoke.run.note('no refusal is expected: the target has auth = "off"')
        return found
    if not any(operation.secured for operation in smoke.contract.operations.values()):
        smoke.run.note("no refusal is expected: the contract declares no security")
    for operation in smoke.contract.operations.values():
        rule = smoke.matched[operation.id].rule
        allowed = rule.anonymous == () or smoke.is_excepted(operation.id)
        asked = smoke.omissions.asks(operation.id) and smoke.omissions.is_decided(operation.id)
        if operation.secured and asked and not allowed:
            found.setdefault(operation.surface, []).append(operation)
    # A read changes nothing, even if the service does not refuse it.
    one_each = {tag: [min(found[tag], key=lambda one: not one.safe)] for tag in found}
    return one_each if smoke.is_quick else found


def nowhere(operation: Operation, run_id: str) -> dict[str, Any]:
    """Path values that name nothing: the call must be refused before the service looks them up."""
    return {
        parameter.name: _nothing(parameter.schema, run_id)
        for parameter in operation.parameters
        if parameter.location == "path"
    }


def _nothing(schema: Any, run_id: str) -> Any:
    """A value that names nothing: the largest number, or an id that does not exist."""
    if isinstance(schema, dict) and schema.get("type") in ("integer", "number"):
        return schema.get("maximum", 2**31 - 1)
    return f"00000000-0000-4000-8000-0000{run_id}"


def absent_gates(smoke: SmokeSession) -> dict[str, Gate]:
    """The gates whose surface must not be there, by name."""
    return {gate.name: gate for gate in smoke.settings.gates if gate.state is State.ABSENT}


@pytest.mark.generated
async def test_gate_is_absent(
    absent_gate: Gate, actors: Actors, expect: Expect, smoke: SmokeSession
) -> None:
    """Every operation of an absent surface refuses even the actor with all permissions."""
    owner = actors.caller(smoke.rules.default_actor)
    for operation in smoke.contract.operations.values():
        if smoke.gate_of(operation.id) != absent_gate or smoke.omissions.by_target(operation.id):
            continue
        named = "{" in operation.path  # an id that names nothing: there is nothing to be changed
        if not smoke.omissions.is_decided(operation.id, although_excepted=named):
            smoke.absent[operation.id] = f"{absent_gate.name}: not called: it might be there"
            continue
        path = {**nowhere(operation, smoke.run.id), **_of_world(operation, actors)}
        smoke.run.own(operation.id, path)  # it names nothing, so nothing can be destroyed
        expected = not LATER.isdisjoint(absent_gate.refusal)
        exchange = await owner.call(operation.id, at_once=expected, **path)
        expect(exchange, *absent_gate.refusal, shape=False)
        smoke.absent[operation.id] = f"{absent_gate.name}: answers {exchange.status}"


def _of_world(operation: Operation, actors: Actors) -> dict[str, str]:
    """The run's own ids for reads: a 404 then means that the surface is missing, not the thing."""
    world = actors.seeding.world if operation.safe else {}
    names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
    return {name: world[name] for name in names if name in world}


@pytest.mark.generated
async def test_anonymous_is_refused(
    surface: list[Operation], anonymous: Caller, expect: Expect, smoke: SmokeSession
) -> None:
    """Every operation of the surface that asks for a token refuses a call without one."""
    allowed_at = {one.id: smoke.matched[one.id].rule.anonymous or REFUSALS for one in surface}
    asked = [
        one for one in surface if not _seen_refused(one.id, "anonymous", allowed_at[one.id], smoke)
    ]
    calls = [_call_nowhere(operation, anonymous, smoke) for operation in asked]
    for operation, exchange in zip(asked, await together(calls), strict=True):
        allowed = allowed_at[operation.id]
        await something_must_be_there(anonymous.client, exchange)
        documented = operation.response(exchange.status or 0) is not None
        expect(exchange, *allowed, shape=documented)


async def _call_nowhere(operation: Operation, caller: Caller, smoke: SmokeSession) -> Exchange:
    path = nowhere(operation, smoke.run.id)
    smoke.run.own(operation.id, path, caller.name)  # it names nothing, so nothing can be destroyed
    return await caller.call(operation.id, **path)


# An actor that owns its sign-in factors: creating them for a refusal could lock it out.
PERSONAL = "disposable"

# The status that a valid token gets where its bearer may not do something.
FORBIDDEN = (403,)

# The expected statuses when the owner of another tenant asks for a resource.
FOREIGN = (403, 404)


def foreign(smoke: SmokeSession) -> dict[str, list[Entry]]:
    """The entries of the plan that name a thing of the run's tenant in their path, by tag."""
    found: dict[str, list[Entry]] = {}
    target = smoke.settings.target
    left_out = smoke.is_quick or target.read_only or target.auth == "off"
    if "outsider" not in smoke.rules.actors or left_out:
        return found
    for entry in smoke.plan.entries:
        operation = smoke.contract.operations.get(entry.operation)
        if operation is None or not operation.secured or not smoke.is_sent(entry):
            continue
        own = _is_own(entry) and entry.actor != PERSONAL
        own = own and smoke.matched[entry.operation].rule.outsider != UNASKED
        if own and not _lasts(entry, smoke.plan):
            found.setdefault(operation.surface, []).append(entry)
    return found


def _lasts(entry: Entry, plan: Plan) -> bool:
    """Whether it needs a resource from a call without a token: an account, which stays forever."""
    needed = [e for e in plan.closure({entry.name}) if e.name != entry.name]
    return any(e.actor == "anonymous" and not e.operation.startswith("GET ") for e in needed)


def _is_own(entry: Entry) -> bool:
    """Whether a path value is the world's, an actor's, or made by an earlier entry."""
    sources = [str(reference["$from"]) for reference in primary(entry.path)]
    return any(not source.startswith(("GET ", "HEAD ", "run.")) for source in sources)


@pytest.mark.generated
async def test_outsider_is_refused(
    others: list[Entry], generated_pass: Replay, actors: Actors, smoke: SmokeSession
) -> None:
    """Operations on a thing of one tenant refuse the owner of another, and change nothing."""
    outsider = actors.actor("outsider")
    open_ones = [entry for entry in others if not _was_refused(entry, smoke)]
    attempts = await attempts_of(open_ones, generated_pass)
    if smoke.run.late:  # otherwise a late write of this run would look like one of the outsider
        await asyncio.sleep(SECOND_LOOK_S)
    before = await things_before(attempts, generated_pass)
    sent = await together([_tried(one, outsider, generated_pass) for one in attempts])
    tried = list(zip(attempts, sent, strict=True))
    unproven = not_found(tried, smoke.run)
    for attempt, exchange in tried:
        if (attempt, exchange) not in unproven:
            _refuses(attempt.entry, exchange, smoke)
    after = await things_of(attempts, generated_pass)
    for attempt, exchange in sorted(tried, key=_is_refusal):
        now = after.get(attempt.place)
        same = before.get(attempt.place) == now
        Answer(exchange, smoke.run).that("the thing as it was before", same, now)
    # Last: if an attempt removed the thing, the attempt is red, and not the owner's read.
    for attempt, exchange in unproven:
        await must_be_there(attempt, generated_pass)
        _refuses(attempt.entry, exchange, smoke)


async def _tried(attempt: Attempt, outsider: Caller, replay: Replay) -> Exchange:
    """The answer to an attempt; for a read, the answer that another check got, if there is one."""
    operation = OperationId(attempt.entry.operation)
    if not writes(operation):
        path = operation.fill(attempt.filled.path)
        known = seen_refused(replay.client.run, operation, outsider.name, FOREIGN, path)
        if known is not None:
            return known
    return await replay.send(attempt.filled, outsider)


def _was_refused(entry: Entry, smoke: SmokeSession) -> bool:
    """
    Whether the record shows that the owner's tenant has no access either, and expect that again.

    An operation that refuses even the actor with all permissions in the run's tenant, such as one
    for operators of the platform, is closed to the owner of another tenant as well.
    """
    insider = smoke.rules.default_actor
    if entry.actor in (insider, "anonymous"):
        return False
    return _seen_refused(entry.operation, insider, FORBIDDEN, smoke)


def _seen_refused(
    operation: str, actor: str, allowed: tuple[int, ...], smoke: SmokeSession
) -> bool:
    """Expect a refusal of the record again, if there is one: a second request proves no more."""
    known = seen_refused(smoke.run, operation, actor, allowed)
    if known is None:
        return False
    documented = smoke.contract.operations[operation].response(known.status or 0)
    smoke.expect(known, *allowed, shape=documented is not None)
    return True


def _refuses(entry: Entry, exchange: Exchange, smoke: SmokeSession) -> None:
    """Expect the answer to an outsider that the rules state, else a refusal."""
    declared = smoke.matched[entry.operation].rule.outsider
    allowed = (*FOREIGN, *entry.expect) if declared == () else declared or FOREIGN
    documented = smoke.contract.operations[entry.operation].response(exchange.status or 0)
    smoke.expect(exchange, *allowed, shape=documented is not None)


def _is_refusal(tried: tuple[Attempt, Exchange]) -> bool:
    """Of several writes at one thing, those that were not refused come first: one changed it."""
    return tried[1].status in FOREIGN
