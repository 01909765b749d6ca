"""
What a run may send: nothing that writes on a read-only target, nothing that destroys elsewhere.

A protected target gets reads, what is done to things that the run made, and the making of things
that may be taken away again; `--allow` names each exception.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smoke.contract.operation_id import OperationId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smoke.config.targets import Target

# Methods that change nothing (RFC 9110 §9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Policy:
    """
    What must be known of the operations to refuse what is not the run's to do.

    `creates` maps an operation to the JSON pointer of the id it makes; `unproven` are those of them
    whose answer must show that the thing is new. `destroys` names the operations that take
    something away, `spares` those that do not, `removers` those that take away what an operation
    makes (what `stays` makes has none), `ends` those that end a session; `leaves` take away the
    caller itself. `asks` are POSTs that only read, `own` operations that the plan sends to things
    of the run. `sign_in` names those that a read-only target allows, `seeding` those that make test
    data, which a target that is seeded already may not have.
    """

    creates: Mapping[str, str] = field(default_factory=dict)
    destroys: frozenset[str] = NOTHING
    sign_in: frozenset[str] = NOTHING
    removers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    seeding: frozenset[str] = NOTHING
    spares: frozenset[str] = NOTHING
    leaves: frozenset[str] = NOTHING
    unproven: frozenset[str] = NOTHING
    stays: frozenset[str] = NOTHING
    ends: frozenset[str] = NOTHING
    asks: frozenset[str] = NOTHING
    own: frozenset[str] = NOTHING

    def takes_away(self, operation: str) -> bool:
        """Whether an operation takes something away; a DELETE does, unless it is known not to."""
        deletes = operation.startswith("DELETE ") and operation not in self.spares
        return deletes or operation in self.destroys

    def changes(self, operation: str) -> bool:
        """Whether an operation may change something, or ends a session."""
        return writes(operation) or operation in self.ends


def writes(operation: str) -> bool:
    """Whether the method of an operation allows it to change something."""
    return OperationId(operation).method not in SAFE_METHODS


def left_out(target: Target, policy: Policy, operation: str) -> str:
    """Why an operation is not sent to a target; empty where it is."""
    if operation in policy.sign_in or not policy.changes(operation):
        return ""
    if target.seeded and operation in policy.seeding:
        return f"target {target.name!r} is seeded already: its test data is not made again"
    if target.read_only:
        return f"target {target.name!r} is read_only: only GET and the sign-in are sent to it"
    if not target.protected or operation in target.allow:
        return ""
    return _protected(target, policy, operation)


def _protected(target: Target, policy: Policy, operation: str) -> str:
    place = f"target {target.name!r} is protected"
    if operation in policy.destroys:
        return f"{place}: nothing that destroys is sent to it; --allow {operation!r} asks for it"
    removers = policy.removers.get(operation, NOTHING)
    if removers and removers.isdisjoint(target.allow):
        return f"{place}: what is made could not be taken away without --allow {min(removers)!r}"
    if operation in {*policy.creates, *policy.asks, *policy.own} - policy.ends - policy.stays:
        return ""
    return (
        f"{place}: it gets only reads and what is done to things of this run; "
        f"--allow {operation!r} asks for it"
    )


def only_for_own(target: Target, policy: Policy, operation: str) -> bool:
    """Whether a target takes an operation for things of the run only."""
    free = {*policy.creates, *policy.asks, *policy.sign_in, *target.allow}
    return target.protected and policy.changes(operation) and operation not in free
