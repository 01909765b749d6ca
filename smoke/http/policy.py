"""What a run may send: nothing that writes on a read-only target, nothing that destroys elsewhere.

A protected target takes nothing that destroys, nor what makes a thing that could then not be taken
away, unless the operation was asked for by name (`--allow`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smoke.contract.operation_id import OperationId

if TYPE_CHECKING:
    from smoke.config.targets import Target

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 §9.2.1)."""


@dataclass(frozen=True)
class Policy:
    """What must be known of the operations to refuse what is not the run's to do.

    `creates` maps an operation to the JSON pointer of the id it makes; `destroys` names the
    operations that take something away, `spares` those that do not, `removers` those that take
    away what an operation makes; `leaves` are those that take away the caller itself. `sign_in`
    names those a read-only target allows, `seeding` those behind the test-only door, which a
    target that is seeded already may not have.
    """

    creates: Mapping[str, str] = field(default_factory=dict)
    destroys: frozenset[str] = frozenset()
    sign_in: frozenset[str] = frozenset()
    removers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    seeding: frozenset[str] = frozenset()
    spares: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()

    def takes_away(self, operation: str) -> bool:
        """Whether an operation takes something away; a DELETE does, unless it is known not to."""
        deletes = operation.startswith("DELETE ") and operation not in self.spares
        return deletes or operation in self.destroys

    def empties(self, operation: str) -> bool:
        """Whether it takes away what no parameter names, and not the caller: all there is."""
        named = "{" in operation or operation in self.leaves
        return self.takes_away(operation) and not named


def writes(operation: str) -> bool:
    """Whether an operation may change something."""
    return OperationId(operation).method not in SAFE_METHODS


def left_out(target: "Target", policy: Policy, operation: str) -> str:
    """Why an operation is not sent to a target; empty where it is."""
    if operation in policy.sign_in or not writes(operation):
        return ""
    if target.seeded and operation in policy.seeding:
        return f"target {target.name!r} is seeded already: its seeding door is not used"
    if target.read_only:
        return f"target {target.name!r} is read_only: only GET and the sign-in are sent to it"
    if not target.protected or operation in target.allow:
        return ""
    place = f"target {target.name!r} is protected"
    if operation in policy.destroys:
        return f"{place}: nothing that destroys is sent to it; --allow {operation!r} asks for it"
    removers = policy.removers.get(operation, frozenset())
    if removers and removers.isdisjoint(target.allow):
        return f"{place}: what is made could not be taken away without --allow {min(removers)!r}"
    return ""
