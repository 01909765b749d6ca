"""What a deployment says of itself when it is only read."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smoke.errors import SmokeError
from smoke.http.request import Request
from smoke.plan import Blocked, Pool
from smoke.session.readiness import wait_until_ready

if TYPE_CHECKING:
    from smoke.config.gates import Gate, Gates
    from smoke.plan import Entry, FilledRequest
    from smoke.session.run_actors import Actors

UNKNOWN = "?"
"""The state of a gate that no harmless read can tell."""


@dataclass
class Diagnosis:
    """The sentences about a deployment, and each gate as it seems to be, with what was seen."""

    general: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    well: bool = True

    @property
    def states(self) -> dict[str, str]:
        """The gates that are known to be on or absent."""
        return {name: state for name, (state, _) in self.seen.items() if state != UNKNOWN}


async def diagnose(actors: "Actors") -> Diagnosis:
    """Ask for readiness, the contract, a sign-in and one read per gate."""
    found, smoke = Diagnosis(), actors.smoke
    try:
        await wait_until_ready(actors.client, smoke.rules, smoke.say)
        found.general.append(("ready", smoke.rules.ready or "the rules name no readiness"))
    except SmokeError as error:
        found.general.append(("ready", f"NO: {error}"))
        found.well = False
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
        return "the rules name no live document ([live])"
    exchange = await actors.client.send(Request(f"GET {smoke.rules.live}"))
    if exchange.status in NOT_SERVED:
        return f"not served ({exchange.status})"
    breaking, others = compared(smoke.contract, exchange)
    if not breaking and not others:
        return "the committed one"
    return f"differs: {len(breaking)} breaking changes, {len(others)} others"


async def _seems(gate: "Gate", actors: "Actors") -> tuple[str, str]:
    """The state that a gate seems to have, and the read that shows it."""
    filled = _read_of(gate, actors)
    if filled is None:
        return UNKNOWN, "the plan has no read of it that needs nothing"
    request = Request(filled.operation, filled.actor, filled.path, filled.query, filled.headers)
    try:
        exchange = await actors.client.send(await actors.caller(filled.actor).signed(request))
    except SmokeError as error:
        return UNKNOWN, f"{filled.operation}: {error}"
    seen = f"{filled.operation} answers {exchange.status or exchange.error}"
    if 200 <= (exchange.status or 0) < 300:
        return "on", seen
    return ("absent" if exchange.status in gate.refusal else UNKNOWN), seen


def _read_of(gate: "Gate", actors: "Actors") -> "FilledRequest | None":
    """The first read of the plan in a gate's surface that needs no answer before it."""
    smoke = actors.smoke
    pool = Pool(smoke.run.id, actors.known())
    for entry in smoke.plan.entries:
        if smoke.gate_of(entry.operation) == gate and _is_harmless(entry):
            filled = pool.fill(entry)
            if not isinstance(filled, Blocked):
                return filled
    return None


def _is_harmless(entry: "Entry") -> bool:
    reads = entry.operation.startswith("GET ") and not entry.destructive and not entry.ends_session
    sent = not entry.excepted and not entry.problem and not entry.is_extra
    return reads and sent and entry.stream is None and not entry.needs


def lines_of(found: Diagnosis, gates: "Gates") -> list[str]:
    """The diagnosis as lines: sentences first, then the table of gates."""
    lines = [f"{name:<10} {text}" for name, text in found.general]
    if not found.seen:
        return lines
    width = max(len(name) for name in ("gate", *found.seen))
    lines += ["", f"{'gate':<{width}}  row     seems   seen"]
    for gate in gates:
        state, seen = found.seen[gate.name]
        lines.append(f"{gate.name:<{width}}  {gate.state:<6}  {state:<6}  {seen}")
    return lines
