"""Refusals: no token, no answer; another tenant, another world; what must be absent is not there.

pytest collects this module itself; its checks are parametrised with the contract's tags.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from smoke.config.gates import State
from smoke.config.rules.model import UNASKED
from smoke.contract.operation_id import OperationId
from smoke.errors import LeftOutError
from smoke.http.pace import LATER, together
from smoke.http.policy import writes
from smoke.plan import Entry
from smoke.plan.values import primary
from smoke.plan.wire import Body
from smoke.results.expectations import Answer
from smoke.results.sightings import was_read
from smoke.session.lists import SECOND_LOOK_S
from smoke.session.presence import something_must_be_there

if TYPE_CHECKING:
    from smoke.config.gates import Gate
    from smoke.contract import Operation
    from smoke.plan import FilledRequest, Plan
    from smoke.results.exchange import Exchange
    from smoke.results.expectations import Expect
    from smoke.session.caller import Caller
    from smoke.session.replay import Replay
    from smoke.session.run_actors import Actors
    from smoke.session.session import SmokeSession

REFUSALS = (401, 403)
"""What an operation with `security` answers to a call without a token (RFC 9110 §15.5.2, .4)."""


def secured(smoke: "SmokeSession") -> dict[str, list["Operation"]]:
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
            found.setdefault((*operation.tags, "untagged")[0], []).append(operation)
    # A read changes nothing, should the service not refuse it.
    one_each = {tag: [min(found[tag], key=lambda one: not one.safe)] for tag in found}
    return one_each if smoke.is_quick else found


def nowhere(operation: "Operation", run_id: str) -> dict[str, Any]:
    """Values for the path that name nothing: the call must be refused before they are looked up."""
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


def absent_gates(smoke: "SmokeSession") -> dict[str, "Gate"]:
    """The gates whose surface must not be there, by name."""
    return {gate.name: gate for gate in smoke.settings.gates if gate.state is State.ABSENT}


@pytest.mark.generated
async def test_gate_is_absent(
    absent_gate: "Gate", actors: "Actors", expect: "Expect", smoke: "SmokeSession"
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


def _of_world(operation: "Operation", actors: "Actors") -> dict[str, str]:
    """The run's own ids for reads, so that it is the surface that is missing and not the thing."""
    world = actors.seeding.world if operation.safe else {}
    names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
    return {name: world[name] for name in names if name in world}


@pytest.mark.generated
async def test_anonymous_is_refused(
    surface: list["Operation"], anonymous: "Caller", expect: "Expect", smoke: "SmokeSession"
) -> None:
    """Every operation of the surface that asks for a token refuses a call without one."""
    calls = [_call_nowhere(operation, anonymous, smoke) for operation in surface]
    for operation, exchange in zip(surface, await together(calls), strict=True):
        allowed = smoke.matched[operation.id].rule.anonymous or REFUSALS
        await something_must_be_there(anonymous.client, exchange)
        documented = operation.response(exchange.status or 0) is not None
        expect(exchange, *allowed, shape=documented)


async def _call_nowhere(
    operation: "Operation", caller: "Caller", smoke: "SmokeSession"
) -> "Exchange":
    path = nowhere(operation, smoke.run.id)
    smoke.run.own(operation.id, path, caller.name)  # it names nothing, so nothing can be destroyed
    return await caller.call(operation.id, **path)


PERSONAL = "disposable"
"""An actor that owns its sign-in factors: creating them for a refusal could lock it out."""

FOREIGN = (403, 404)
"""The expected statuses when the owner of another tenant asks for a resource."""


def foreign(smoke: "SmokeSession") -> dict[str, list[Entry]]:
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
            found.setdefault((*operation.tags, "untagged")[0], []).append(entry)
    return found


def _lasts(entry: Entry, plan: "Plan") -> bool:
    """Whether it needs a resource from a call without a token: an account, which stays forever."""
    needed = [e for e in plan.closure({entry.name}) if e.name != entry.name]
    return any(e.actor == "anonymous" and not e.operation.startswith("GET ") for e in needed)


def _is_own(entry: Entry) -> bool:
    """Whether a path value is the world's, an actor's, or made by an earlier entry."""
    sources = [str(reference["$from"]) for reference in primary(entry.path)]
    return any(not source.startswith(("GET ", "HEAD ", "run.")) for source in sources)


@dataclass(frozen=True)
class Attempt:
    """One operation on a thing of the run's tenant, and how whoever has the thing looks at it."""

    entry: Entry
    filled: "FilledRequest"
    reader: "FilledRequest | None"

    @property
    def place(self) -> str:
        """The path of what is looked at; empty where nothing reads it, or the attempt does.

        What the run did not make is not looked at: another run may be changing it.
        """
        if self.reader is None or not self.filled.owned or not writes(self.entry.operation):
            return ""
        return OperationId(self.reader.operation).fill(self.reader.path)


@pytest.mark.generated
async def test_outsider_is_refused(
    others: list[Entry], generated_pass: "Replay", actors: "Actors", smoke: "SmokeSession"
) -> None:
    """Operations on a thing of one tenant refuse the owner of another, and change nothing."""
    outsider = actors.actor("outsider")
    attempts = await _attempts(others, generated_pass)
    if smoke.run.late:  # else a write of this run that shows up late looks like the outsider's
        await asyncio.sleep(SECOND_LOOK_S)
    before = await _things(attempts, generated_pass)
    await _read_first(attempts, generated_pass)
    sent = await together([generated_pass.send(one.filled, outsider) for one in attempts])
    for attempt, exchange in zip(attempts, sent, strict=True):
        _refuses(attempt.entry, exchange, smoke)
    after = await _things(attempts, generated_pass)
    for attempt, exchange in sorted(zip(attempts, sent, strict=True), key=_is_refusal):
        now = after.get(attempt.place)
        same = before.get(attempt.place) == now
        Answer(exchange, smoke.run).that("the thing as it was before", same, now)


async def _attempts(entries: list[Entry], replay: "Replay") -> list[Attempt]:
    """The entries with their values, once what they need has been made.

    Raises:
        LeftOutError: no entry has a resource that the outsider could reach.
    """
    found, left_out = [], ""
    for entry in entries:
        try:
            filled = await replay.filled(entry)
        except LeftOutError as nothing:
            left_out = str(nothing)
            continue
        found.append(Attempt(entry, filled, _reader(entry, filled, replay.plan)))
    if not found:
        raise LeftOutError(left_out)
    return found


def _reader(entry: Entry, filled: "FilledRequest", plan: "Plan") -> "FilledRequest | None":
    """The plan's GET of the nearest thing or list that the path of an entry names."""
    template = OperationId(entry.operation).path
    while "{" in template:
        reader = plan.by_name.get(f"GET {template}")
        if reader is not None and reader.stream is None and reader.media_type is None:
            return replace(
                filled, operation=reader.operation, actor=reader.actor, query={}, body=Body()
            )
        template = template.rpartition("/")[0]
    return None


async def _things(attempts: list[Attempt], replay: "Replay") -> dict[str, Any]:
    """What the writes among the attempts are at, by its path; None where it cannot be read."""
    readers = {one.place: one.reader for one in attempts if one.place and one.reader}
    calls = [replay.send(reader, replay.caller(reader.actor)) for reader in readers.values()]
    seen = zip(readers, await together(calls), strict=True)
    return {
        place: _lasting(exchange.json) if exchange.status == 200 else None
        for place, exchange in seen
    }


async def _read_first(attempts: list[Attempt], replay: "Replay") -> None:
    """
    Read for their owner the things that the outsider is to be refused.

    That another tenant does not find a thing proves something only where the thing is.
    """
    for entry, filled in ((one.entry, one.filled) for one in attempts):
        path = OperationId(entry.operation).fill(filled.path)
        known = writes(entry.operation) or was_read(replay.client.run, entry.operation, path)
        if not known and entry.name not in replay.tried:
            await replay.answer(entry)


def _refuses(entry: Entry, exchange: "Exchange", smoke: "SmokeSession") -> None:
    """Expect what the rules say that an outsider is answered, or that it is refused."""
    declared = smoke.matched[entry.operation].rule.outsider
    allowed = (*FOREIGN, *entry.expect) if declared == () else declared or FOREIGN
    documented = smoke.contract.operations[entry.operation].response(exchange.status or 0)
    smoke.expect(exchange, *allowed, shape=documented is not None)


def _is_refusal(tried: "tuple[Attempt, Exchange]") -> bool:
    """Of several writes at one thing, those that were not refused come first: one changed it."""
    return tried[1].status in FOREIGN


def _lasting(value: Any) -> Any:
    """A thing without what may change by itself, such as when it was last seen or synced."""
    if isinstance(value, dict):
        moving = [name for name in value if name.startswith("last_") or name.endswith("_at")]
        return {name: _lasting(v) for name, v in value.items() if name not in moving}
    return [_lasting(item) for item in value] if isinstance(value, list) else value
