"""
Omissions: what a run does not ask of a service, each with the reason.

An operation is left out by its gate or by the target; so is one that needs what is left out.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from smoke.config.gates import State
from smoke.http import policy as guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from smoke.config.gates import Gate
    from smoke.config.settings import Settings
    from smoke.contract import Contract
    from smoke.http.policy import Policy
    from smoke.plan import Entry, Plan


class Omissions:
    """What one run leaves out, by operation and by entry of the plan."""

    def __init__(self, settings: Settings, contract: Contract, plan: Plan, policy: Policy) -> None:
        self._gates = settings.gates
        self._target = settings.target
        self._contract = contract
        self._plan = plan
        self._policy = policy

    def gate_of(self, operation: str) -> Gate | None:
        """The gate of an operation; none where the contract does not have it."""
        documented = self._contract.operations.get(operation)
        return self._plan.gate_of(documented, self._gates) if documented else None

    def shut(self, operation: str) -> Gate | None:
        """The gate of an operation, where it is not on."""
        gate = self.gate_of(operation)
        return gate if gate is not None and gate.state is not State.ON else None

    def by_target(self, operation: str) -> str:
        """Why the target does not take an operation; empty where it does."""
        return guard.left_out(self._target, self._policy, operation)

    def asks(self, operation: str) -> bool:
        """Whether an operation by itself is asked for."""
        return self.shut(operation) is None and not self.by_target(operation)

    def is_decided(self, operation: str, *, although_excepted: bool = False) -> bool:
        """
        Whether an operation may be sent, also to see it refused: it reads, or the plan sends it.

        A refusal is not sure to come: what nobody allowed is not sent to see whether it does.
        """
        if not self._policy.changes(operation):
            return True
        entry = self._plan.by_name.get(operation)
        if entry is None or entry.problem:
            return False
        return although_excepted or entry.excepted_on(self._target.name) is None

    def sends(self, entry: Entry) -> bool:
        """Whether an entry of the plan, and all that it needs, is asked for."""
        return all(self.asks(needed.operation) for needed in self._closure(entry))

    @cached_property
    def gated(self) -> Mapping[str, str]:
        """
        Operations whose own gate is not shut but that of something they need, with the reason.

        A gate that shuts what only helps another operation shuts that one, too.
        """
        return dict(self._dependent())

    def _dependent(self) -> Iterator[tuple[str, str]]:
        for name in self._contract.operations:
            entry = self._plan.by_name.get(name)
            for needed in self._closure(entry) if entry and not self.shut(name) else ():
                gate = self.shut(needed.operation)
                if gate is not None:
                    yield name, f"{gate.name}: it needs {needed.operation}; {gate.told}"
                    break

    @cached_property
    def left_out(self) -> Mapping[str, str]:
        """Operations that the target does not take, or that need one of those, with the reason."""
        return dict(self._untaken())

    def _untaken(self) -> Iterator[tuple[str, str]]:
        for name in self._contract.operations:
            entry = self._plan.by_name.get(name)
            needed = [e.operation for e in self._closure(entry)] if entry else []
            for operation in (name, *needed):
                why = self.by_target(operation)
                if why:
                    also = "" if operation == name else f"it needs {operation}: "
                    yield name, also + why
                    break

    def of_check(self, gates: Iterable[Gate], operations: Iterable[str]) -> str:
        """Why a check that names these gates and operations is skipped; empty where it runs."""
        operations = tuple(operations)
        shut = [gate for gate in gates if gate.state is not State.ON]
        shut += [gate for gate in map(self.shut, operations) if gate is not None]
        if shut:
            return f"gate {shut[0].name} is {shut[0].state}: {shut[0].told}"
        return next(filter(None, map(self.by_target, operations)), "")

    def _closure(self, entry: Entry) -> Iterable[Entry]:
        return self._plan.closure({entry.name})
