"""The diagnosis of a deployment, from read requests only."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smoke.contract.operation_id import OperationId
from smoke.errors import SmokeError
from smoke.http.request import Request
from smoke.plan import Blocked, Entry, FilledRequest, Pool
from smoke.session.readiness import wait_until_ready

if TYPE_CHECKING:
    from smoke.config.gates import Gate, Gates
    from smoke.session.run_actors import Actors

# The state of a gate that no harmless read request can determine.
UNKNOWN = "?"


@dataclass
class Diagnosis:
    """The findings about a deployment, and the detected state of each gate with its evidence."""

    general: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    well: bool = True

    @property
    def states(self) -> dict[str, str]:
        """The gates that are known to be on or absent."""
        return {name: state for name, (state, _) in self.seen.items() if state != UNKNOWN}


async def diagnose(actors: "Actors") -> Diagnosis:
    """Check readiness, the contract and the sign-in, and send one read request per gate."""
    found, smoke = Diagnosis(), actors.smoke
    try:
        await wait_until_ready(actors.client, smoke.rules, smoke.say)
        found.general.append(
            ("ready", smoke.rules.ready or "the rules declare no readiness request")
        )
    except SmokeError as error:
        found.general.append(("ready", f"NO: {error}"))
        found.well = False
        # Every further request would only wait for the same service.
        return found
    found.general.append(("contract", await _contract(actors)))
    name = smoke.rules.default_actor
    try:
        await actors.caller(name).credential()
        found.general.append(("signs in", name))
    except SmokeError as error:
        found.general.append(("signs in", f"NO: {error}"))
        found.well = False
    for gate in smoke.settings.gates:
        found.seen[gate.name] = await _seems(gate, actors)
    return found


async def _contract(actors: "Actors") -> str:
    from smoke.pytest_plugin.derived.live import NOT_SERVED, compared

    smoke = actors.smoke
    if not smoke.rules.live:
        return "the rules declare no live document ([live])"
    exchange = await actors.client.send(Request(f"GET {smoke.rules.live}"))
    if exchange.status in NOT_SERVED:
        return f"not served ({exchange.status})"
    breaking, others = compared(smoke.contract, exchange)
    if not breaking and not others:
        return "same as the committed contract"
    return f"differs: {len(breaking)} breaking changes, {len(others)} others"


async def _seems(gate: "Gate", actors: "Actors") -> tuple[str, str]:
    """The detected state of a gate, and the response that shows it."""
    filled = _read_of(gate, actors)
    if filled is None:
        return UNKNOWN, "the plan has no independent read request for it"
    request = Request(filled.operation, filled.actor, filled.path, filled.query, filled.headers)
    try:
        exchange = await actors.client.send(await actors.caller(filled.actor).signed(request))
    except SmokeError as error:
        return UNKNOWN, f"{filled.operation}: {error}"
    seen = f"{filled.operation} answers {exchange.status or exchange.error}"
    # Another status may mean that the gate is off, or that the caller may not read.
    if exchange.succeeded:
        return "on", seen
    return ("absent" if exchange.status in gate.refusal else UNKNOWN), seen


def _read_of(gate: "Gate", actors: "Actors") -> FilledRequest | None:
    """The first read request of a gate in the plan that depends on no other response."""
    smoke = actors.smoke
    pool = Pool(smoke.run.id, actors.known())
    for entry in smoke.plan.entries:
        if smoke.gate_of(entry.operation) == gate and _is_harmless(entry):
            filled = pool.fill(entry)
            if not isinstance(filled, Blocked):
                return filled
    return None


def _is_harmless(entry: Entry) -> bool:
    reads = OperationId(entry.operation).method == "GET"
    reads = reads and not (entry.destructive or entry.ends_session)
    sent = not entry.excepted and not entry.problem and not entry.is_extra
    return reads and sent and entry.stream is None and not entry.needs


def lines_of(found: Diagnosis, gates: "Gates") -> list[str]:
    """The diagnosis as lines: the general findings first, then the table of gates."""
    lines = [f"{name:<10} {text}" for name, text in found.general]
    if not found.seen:
        return lines
    width = max(len(name) for name in ("gate", *found.seen))
    lines += ["", f"{'gate':<{width}}  row     seems   seen"]
    for gate in gates:
        state, seen = found.seen[gate.name]
        lines.append(f"{gate.name:<{width}}  {gate.state:<6}  {state:<6}  {seen}")
    return lines
