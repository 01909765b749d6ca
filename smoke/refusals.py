"""Refusals: whoever shows no token gets nothing, and what must not be there is not.

pytest collects this module itself; its checks are parametrised with the contract's tags.
"""

from typing import TYPE_CHECKING, Any

import pytest

from smoke.client import fill
from smoke.gates import State

if TYPE_CHECKING:
    from smoke.auth import Caller
    from smoke.contract import Operation
    from smoke.expect import Expect
    from smoke.fixtures import Cast
    from smoke.gates import Gate
    from smoke.session import SmokeSession

REFUSALS = (401, 403)
"""What an operation with `security` answers to a call without a token (RFC 9110 §15.5.2, .4)."""


def secured(smoke: "SmokeSession") -> dict[str, list["Operation"]]:
    """The operations that must refuse, by tag: secured ones whose gate is not shut."""
    found: dict[str, list[Operation]] = {}
    for operation in smoke.contract.operations.values():
        gate = smoke.gate_of(operation.id)
        shut = gate is not None and gate.state is not State.ON
        unread = smoke.settings.target.read_only and not operation.safe
        allowed = smoke.matched[operation.id].rule.anonymous == ()
        if operation.secured and not (shut or unread or allowed):
            found.setdefault((*operation.tags, "untagged")[0], []).append(operation)
    return found


def nowhere(operation: "Operation", run_id: str) -> dict[str, Any]:
    """Values for the path that name nothing: the call must be refused before they are looked up."""
    return {
        parameter.name: 0
        if _is_number(parameter.schema)
        else f"00000000-0000-4000-8000-0000{run_id}"
        for parameter in operation.parameters
        if parameter.location == "path"
    }


def _is_number(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") in ("integer", "number")


def absent_gates(smoke: "SmokeSession") -> list["Gate"]:
    """The gates whose surface must not be there."""
    return [gate for gate in smoke.settings.gates if gate.state is State.ABSENT]


@pytest.mark.generated
async def test_gate_is_absent(
    absent_gate: "Gate", cast: "Cast", expect: "Expect", smoke: "SmokeSession"
) -> None:
    """Every operation of a surface that must not be there refuses whoever may do everything."""
    owner = cast.caller(smoke.rules.default_actor)
    for operation in smoke.contract.operations.values():
        if smoke.gate_of(operation.id) != absent_gate:
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
    run = smoke.run
    for operation in surface:
        path = nowhere(operation, run.id)
        run.own(fill(operation.path, path))  # it names nothing, so nothing can be destroyed
        allowed = smoke.matched[operation.id].rule.anonymous or REFUSALS
        expect(await anonymous.call(operation.id, **path), *allowed)
