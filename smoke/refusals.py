"""Refusals: no token, no answer; another tenant, another world; what must be absent is not there.

pytest collects this module itself; its checks are parametrised with the contract's tags.
"""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from smoke.client import fill, split
from smoke.errors import LeftOutError
from smoke.gates import State
from smoke.plan import Entry
from smoke.plan.values import primary
from smoke.plan.wire import Body

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.auth import Caller
    from smoke.contract import Operation
    from smoke.expect import Expect
    from smoke.fixtures import Cast
    from smoke.gates import Gate
    from smoke.plan import FilledRequest, Plan
    from smoke.replay import Replay
    from smoke.run import Exchange
    from smoke.session import SmokeSession

AT_ONCE = 8
"""Calls without a token that are under way at the same time."""

REFUSALS = (401, 403)
"""What an operation with `security` answers to a call without a token (RFC 9110 §15.5.2, .4)."""


def secured(smoke: "SmokeSession") -> dict[str, list["Operation"]]:
    """The operations that must refuse, by tag: secured ones that this run asks for."""
    found: dict[str, list[Operation]] = {}
    for operation in smoke.contract.operations.values():
        allowed = smoke.matched[operation.id].rule.anonymous == ()
        if operation.secured and smoke.omissions.asks(operation.id) and not allowed:
            found.setdefault((*operation.tags, "untagged")[0], []).append(operation)
    return found


def nowhere(operation: "Operation", run_id: str) -> dict[str, Any]:
    """Values for the path that name nothing: the call must be refused before they are looked up."""
    return {
        parameter.name: _nothing(parameter.schema, run_id)
        for parameter in operation.parameters
        if parameter.location == "path"
    }


def _nothing(schema: Any, run_id: str) -> Any:
    """A value that names nothing: the largest number, or an id that nobody was given."""
    if isinstance(schema, dict) and schema.get("type") in ("integer", "number"):
        return schema.get("maximum", 2**31 - 1)
    return f"00000000-0000-4000-8000-0000{run_id}"


def absent_gates(smoke: "SmokeSession") -> dict[str, "Gate"]:
    """The gates whose surface must not be there, by name."""
    return {gate.name: gate for gate in smoke.settings.gates if gate.state is State.ABSENT}


@pytest.mark.generated
async def test_gate_is_absent(
    absent_gate: "Gate", cast: "Cast", expect: "Expect", smoke: "SmokeSession"
) -> None:
    """Every operation of a surface that must not be there refuses whoever may do everything."""
    owner = cast.caller(smoke.rules.default_actor)
    for operation in smoke.contract.operations.values():
        if smoke.gate_of(operation.id) != absent_gate or smoke.omissions.by_target(operation.id):
            continue
        path = {**nowhere(operation, smoke.run.id), **_of_world(operation, cast)}
        smoke.run.own(fill(operation.path, path))
        exchange = await owner.call(operation.id, **path)
        expect(exchange, *absent_gate.refusal, shape=False)
        smoke.absent[operation.id] = f"{absent_gate.name}: answers {exchange.status}"


def _of_world(operation: "Operation", cast: "Cast") -> dict[str, str]:
    """The run's own ids for reads, so that it is the surface that is missing and not the thing."""
    world = cast.seeding.world if operation.safe else {}
    names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
    return {name: world[name] for name in names if name in world}


@pytest.mark.generated
async def test_anonymous_is_refused(
    surface: list["Operation"], anonymous: "Caller", expect: "Expect", smoke: "SmokeSession"
) -> None:
    """Every operation of the surface that asks for a token refuses a call without one."""
    for some in batched(surface, AT_ONCE):
        calls = [_call_nowhere(operation, anonymous, smoke) for operation in some]
        for operation, exchange in zip(some, await asyncio.gather(*calls), strict=True):
            allowed = smoke.matched[operation.id].rule.anonymous or REFUSALS
            documented = [status for status in allowed if operation.response(status)]
            expect(exchange, *(documented or allowed), shape=bool(documented))


async def _call_nowhere(
    operation: "Operation", caller: "Caller", smoke: "SmokeSession"
) -> "Exchange":
    path = nowhere(operation, smoke.run.id)
    smoke.run.own(fill(operation.path, path))  # it names nothing, so nothing can be destroyed
    return await caller.call(operation.id, **path)


def batched(values: list["Operation"], size: int) -> "Iterator[list[Operation]]":
    """The values in lists of at most that size."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


PERSONAL = "disposable"
"""Whose things are its own way of signing in: making them for a refusal could lock it out."""

FOREIGN = (403, 404)
"""What another tenant's owner is answered about a thing that is not its own."""


def foreign(smoke: "SmokeSession") -> dict[str, list[Entry]]:
    """The entries of the plan that name a thing of the run's tenant in their path, by tag."""
    found: dict[str, list[Entry]] = {}
    if "outsider" not in smoke.rules.actors or smoke.settings.target.read_only:
        return found
    for entry in smoke.plan.entries:
        operation = smoke.contract.operations.get(entry.operation)
        if operation is None or not operation.secured or not smoke.is_sent(entry):
            continue
        own = _is_own(entry) and entry.actor != PERSONAL
        if own and not _lasts(entry, smoke.plan):
            found.setdefault((*operation.tags, "untagged")[0], []).append(entry)
    return found


def _lasts(entry: Entry, plan: "Plan") -> bool:
    """Whether it needs what a call without a token makes: an account, which nobody can remove."""
    needed = [e for e in plan.closure({entry.name}) if e.name != entry.name]
    return any(e.actor == "anonymous" and not e.operation.startswith("GET ") for e in needed)


def _is_own(entry: Entry) -> bool:
    """Whether a path value is the world's, an actor's, or made by an earlier entry."""
    sources = [str(reference["$from"]) for reference in primary(entry.path)]
    return any(not source.startswith(("GET ", "HEAD ", "run.")) for source in sources)


@pytest.mark.generated
async def test_outsider_is_refused(
    others: list[Entry], generated_pass: "Replay", cast: "Cast", smoke: "SmokeSession"
) -> None:
    """Operations on a thing of one tenant refuse the owner of another, and change nothing."""
    outsider = cast.actor("outsider")
    tried, left_out = False, ""
    for entry in others:
        try:
            filled = await generated_pass.filled(entry)
        except LeftOutError as nothing:
            left_out = str(nothing)
            continue  # nothing of the kind is there, so there is nothing to keep from anybody
        tried = True
        writes = not entry.operation.startswith(("GET ", "HEAD "))
        before = await _read(generated_pass, entry, filled) if writes else None
        exchange = await generated_pass.send(filled, outsider)
        declared = smoke.matched[entry.operation].rule.outsider
        allowed = (*FOREIGN, *entry.expect) if declared == () else declared or FOREIGN
        documented = smoke.contract.operations[entry.operation].response(exchange.status or 0)
        answer = generated_pass.expect(exchange, *allowed, shape=documented is not None)
        after = await _read(generated_pass, entry, filled) if writes else None
        answer.that("the thing as it was before", before == after, after)
    if not tried:
        raise LeftOutError(left_out)


async def _read(replay: "Replay", entry: Entry, filled: "FilledRequest") -> Any:
    """What the owner reads of the nearest thing the path names; None where nothing can be read."""
    template = split(entry.operation)[1]
    while "{" in template:
        reader = replay.plan.by_name.get(f"GET {template}")
        if reader is not None and reader.stream is None and reader.media_type is None:
            request = replace(filled, operation=reader.operation, query={}, body=Body())
            exchange = await replay.send(request, replay.caller(reader.actor))
            return _lasting(exchange.json) if exchange.status == 200 else None
        template = template.rpartition("/")[0]
    return None


def _lasting(value: Any) -> Any:
    """A thing without what reading it changes, such as when it was last seen."""
    if isinstance(value, dict):
        return {k: _lasting(v) for k, v in value.items() if not k.startswith("last_")}
    return [_lasting(item) for item in value] if isinstance(value, list) else value
