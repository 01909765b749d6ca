"""
Kinds: what an operation does to the world, read from its method and the words of its path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smoke.plan.build.naming import plain
from smoke.plan.build.producers import last_segment

if TYPE_CHECKING:
    from smoke.contract import Operation
    from smoke.plan.build.answers import Answers

CREATE, READ, LIST, ACT, UPDATE, DELETE, END = (
    *("create", "read", "list", "act", "update", "delete"),
    "end",
)
RANK = {CREATE: 0, READ: 0, LIST: 1, ACT: 2, UPDATE: 3, DELETE: 4, END: 5}
"""The phases in the order in which they are sent; making and reading go together, by depth."""

DESTROYING = frozenset(
    {
        *("archive", "cancel", "close", "deactivate", "delete", "deprovision", "destroy"),
        *("detach", "disable", "disconnect", "erase", "expire", "kill", "purge", "reject"),
        *("remove", "reset", "revoke", "stop", "suspend", "terminate", "unsubscribe", "wipe"),
    }
)
"""Last words of a path that take something away, whatever the method."""

ENDING = frozenset({"logout", "logoutall", "signout", "signoff", "logoff"})
"""Last words of a path that end the caller's session."""


def destroys(operation: Operation) -> bool:
    """Whether an operation takes something away."""
    if operation.method == "DELETE":
        return True
    return not operation.safe and plain(last_segment(operation.path)) in DESTROYING


def ends_session(operation: Operation) -> bool:
    """Whether an operation ends its caller's session, or the caller itself."""
    if operation.safe:
        return False
    segments = [plain(segment) for segment in operation.path.split("/")]
    if ENDING & set(segments):
        return True
    return "me" in segments and destroys(operation)


def phase(
    operation: Operation, answers: Answers, creates: bool, destroying: bool, ends: bool
) -> str:
    """When in a run an operation is sent."""
    if ends:
        return END
    if destroying:
        return DELETE
    if operation.safe:
        return LIST if _lists(operation, answers) else READ
    if creates:
        return CREATE
    return UPDATE if operation.method in {"PUT", "PATCH"} else ACT


def _lists(operation: Operation, answers: Answers) -> bool:
    return not operation.path.endswith("}") and any(f.rows for f in answers.fields(operation))
