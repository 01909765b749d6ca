"""The ledger: every operation of the contract is accounted for, or the run is not green."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from smoke.config.gates import Gate, Gates, State
from smoke.contract import Contract
from smoke.plan.model import Plan


class Account(StrEnum):
    """The outcome of one operation."""

    SUCCEEDED = "succeeded"
    KNOWN = "known"
    GATED = "gated off"
    ABSENT = "absent"
    EXCEPTED = "excepted"
    UNDECIDED = "undecided"
    LEFT_OUT = "left out"
    FAILED = "failed"
    MISSING = "missing"


# The reason for an operation that the run did not reach.
NOT_REACHED = "not reached: the run ended before"


@dataclass(frozen=True)
class Row:
    """One operation of the ledger: `why` names the checks, the gate or the reason."""

    operation: str
    tag: str
    account: Account
    why: str


@dataclass(frozen=True)
class Ledger:
    """Every operation of the contract with its account."""

    rows: tuple[Row, ...]

    def count(self) -> Counter[Account]:
        """How many operations have each account."""
        return Counter(row.account for row in self.rows)

    def of(self, account: Account) -> list[Row]:
        """The rows with one account."""
        return [row for row in self.rows if row.account is account]


@dataclass(frozen=True)
class Seen:
    """
    The results of a run by operation: the checks that succeeded, and why others did not.

    `gated` are operations that depend on an operation behind a shut gate.
    """

    target: str
    succeeded: Mapping[str, Iterable[str]]
    known: Mapping[str, str]
    failed: Mapping[str, str]
    left_out: Mapping[str, str]
    absent: Mapping[str, str]
    gated: Mapping[str, str] = field(default_factory=dict)


def account(contract: Contract, gates: Gates, plan: Plan, seen: Seen) -> Ledger:
    """Return the ledger of a run: the first account that fits an operation is its own."""
    rows = []
    for operation in contract.operations.values():
        found, why = _account(operation.id, plan.gate_of(operation, gates), plan, seen)
        rows.append(Row(operation.id, (*operation.tags, "")[0], found, why))
    return Ledger(tuple(rows))


def _account(operation: str, gate: Gate | None, plan: Plan, seen: Seen) -> tuple[Account, str]:
    # A failure first: what worked in one check and failed in another is broken.
    if operation in seen.failed:
        return Account.FAILED, seen.failed[operation]
    if operation in seen.known:
        return Account.KNOWN, seen.known[operation]
    # Also if a check happened to call it: a shut gate promises nothing about its surface.
    if gate is not None and gate.state is State.OFF:
        return Account.GATED, f"{gate.name}: {gate.shut_message}"
    if operation in seen.succeeded:
        return Account.SUCCEEDED, ", ".join(seen.succeeded[operation])
    if gate is not None and gate.state is State.ABSENT and operation in seen.absent:
        return Account.ABSENT, seen.absent[operation]
    if operation in seen.gated:
        return Account.GATED, seen.gated[operation]
    entry = plan.by_name.get(operation)
    exception = entry.excepted_on(seen.target) if entry else None
    if exception is not None:
        return Account.EXCEPTED, exception
    if entry is not None and entry.problem is not None:
        return Account.UNDECIDED, entry.problem.partition("\n")[0]
    if operation in seen.left_out:
        return Account.LEFT_OUT, seen.left_out[operation]
    return Account.MISSING, "no check and no entry of the plan saw it succeed"
