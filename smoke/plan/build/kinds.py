"""
Kinds: the effect of an operation, derived from its method and from the words in its names.
"""

from typing import TYPE_CHECKING

from smoke.contract import Operation
from smoke.plan.build.words import (
    CALLER,
    EVERYWHERE,
    TAKES,
    effect_of,
    is_deed,
    only_asks,
    says_end,
    segments,
)

if TYPE_CHECKING:
    from smoke.plan.build.answers import Answers

CREATE, READ, LIST, ASK, ACT, UPDATE, DELETE, END = (
    *("create", "read", "list", "ask", "act", "update", "delete"),
    "end",
)
# The phases in the order in which they are sent; making and reading go together, by depth.
RANK = {CREATE: 0, READ: 0, LIST: 1, ASK: 2, ACT: 2, UPDATE: 3, DELETE: 4, END: 5}


def destroys(operation: Operation) -> bool:
    """Whether an operation removes something."""
    if operation.safe:
        return False
    return operation.method == "DELETE" or effect_of(operation) == TAKES


def reads(operation: Operation) -> bool:
    """Whether an operation only reads: by its method, or a POST by its name."""
    return (operation.safe and not is_deed(operation)) or only_asks(operation)


def ends_session(operation: Operation) -> bool:
    """Whether an operation ends its caller's session, or removes the caller's account."""
    return says_end(operation) or takes_caller(operation)


def takes_caller(operation: Operation) -> bool:
    """Whether an operation removes its caller, such as `DELETE /users/me`."""
    named = {word for segment in segments(operation.path) for word in segment}
    return bool(CALLER & named) and "{" not in operation.path and destroys(operation)


def ends_all_sessions(operation: Operation) -> bool:
    """Whether an operation ends every session of an account, not only the caller's."""
    named = [word for segment in segments(operation.path) for word in segment]
    return bool(EVERYWHERE & set(named)) or any(word.endswith("all") for word in named)


def phase(
    operation: Operation, answers: "Answers", creates: bool, destroying: bool, ends: bool
) -> str:
    """The phase of a run in which an operation is sent."""
    # The end of a session comes last, also if the operation deletes something as well.
    if ends:
        return END
    if destroying:
        return DELETE
    if operation.safe:
        return LIST if _lists(operation, answers) else READ
    if only_asks(operation):
        return ASK
    if creates:
        return CREATE
    return UPDATE if operation.method in {"PUT", "PATCH"} else ACT


def _lists(operation: Operation, answers: "Answers") -> bool:
    return not operation.path.endswith("}") and any(f.rows for f in answers.fields(operation))
