"""
Omissions: the operations that a run does not send, each with the reason.

A gate or the target omits an operation; the run also omits every operation that needs it.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from smoke.config.gates import Gate, State
from smoke.config.settings import Settings
from smoke.contract import Contract
from smoke.http import policy as guard
from smoke.http.policy import Policy
from smoke.plan import Entry, Plan


class Omissions:
    """The omitted operations and plan entries of one run."""

    def __init__(
        self, settings: "Settings", contract: Contract, plan: Plan, policy: Policy
    ) -> None:
        self._gates = settings.gates
        self._target = settings.target
        self._contract = contract
        self._plan = plan
        self._policy = policy

    def gate_of(self, operation: str) -> Gate | None:
        """The gate of an operation; None if the contract lacks the operation."""
        documented = self._contract.operations.get(operation)
        return self._plan.gate_of(documented, self._gates) if documented else None

    def shut(self, operation: str) -> Gate | None:
        """The gate of an operation if that gate is not on, else None."""
        gate = self.gate_of(operation)
        return gate if gate is not None and gate.state is not State.ON else None

    def by_target(self, operation: str) -> str:
        """The reason why the target refuses an operation; empty if it accepts it."""
        return guard.left_out(self._target, self._policy, operation)

    def asks(self, operation: str) -> bool:
        """Whether the run sends an operation, without regard to its prerequisites."""
        return self.shut(operation) is None and not self.by_target(operation)

    def is_decided(self, operation: str, *, although_excepted: bool = False) -> bool:
        """
        Whether a check may send an operation and expect a refusal: it reads, or the plan sends it.

        A broken service may not refuse, so the run sends no write that the plan does not allow.
        """
        if not self._policy.changes(operation):
            return True
        entry = self._plan.by_name.get(operation)
        if entry is None or entry.problem:
            return False
        return although_excepted or entry.excepted_on(self._target.name) is None

    def sends(self, entry: Entry) -> bool:
        """Whether the run sends an entry of the plan and all of its prerequisites."""
        return all(self.asks(needed.operation) for needed in self._closure(entry))

    @cached_property
    def gated(self) -> Mapping[str, str]:
        """
        Operations that need an operation behind a closed gate, with the reason.

        Their own gate is not closed; without the prerequisite they cannot succeed.
        """
        return dict(self._dependent())

    def _dependent(self) -> Iterator[tuple[str, str]]:
        for name in self._contract.operations:
            entry = self._plan.by_name.get(name)
            for needed in self._closure(entry) if entry and not self.shut(name) else ():
                gate = self.shut(needed.operation)
                if gate is not None:
                    yield name, f"{gate.name}: it needs {needed.operation}; {gate.shut_message}"
                    break

    @cached_property
    def left_out(self) -> Mapping[str, str]:
        """Operations that the target refuses, or that need a refused one, with the reason."""
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
        """The reason to skip a check of these gates and operations; empty if it runs."""
        operations = tuple(operations)
        shut = [gate for gate in gates if gate.state is not State.ON]
        shut += [gate for gate in map(self.shut, operations) if gate is not None]
        if shut:
            return f"gate {shut[0].name} is {shut[0].state}: {shut[0].shut_message}"
        return next(filter(None, map(self.by_target, operations)), "")

    def _closure(self, entry: Entry) -> Iterable[Entry]:
        return self._plan.closure({entry.name})
