"""Removals at the end of a run, several at a time: a remote service needs one wait for all."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from smoke.contract.operation_id import OperationId
from smoke.http.pace import together
from smoke.results.exchange import Exchange
from smoke.session.caller import Caller

T = TypeVar("T")


@dataclass(frozen=True)
class Removal:
    """One call that removes a thing; `caller` gives the one who may, or raises LeftOutError."""

    operation: str
    actor: str
    caller: Callable[[], Caller]
    options: Mapping[str, Any]

    @property
    def method(self) -> str:
        """The method of the call."""
        return OperationId(self.operation).method

    @property
    def path(self) -> str:
        """The filled path of the thing."""
        return OperationId(self.operation).fill(self.options)

    async def send(self) -> Exchange:
        """Send the call and return its exchange, whatever the answer is."""
        return await self.caller().call(self.operation, **self.options)


def removed_by(removal: Removal) -> tuple[str, str]:
    """Return the operation and the path of a removal."""
    return removal.operation, removal.path


def waves(removals: Iterable[T], removed_by: Callable[[T], tuple[str, str]]) -> list[list[T]]:
    """
    Divide removals, in their order, into groups that can be sent together.

    `removed_by` gives the operation (or only the method) and the path of a removal. Only a DELETE
    joins others, of the same operation or method, and only if its thing neither lies inside one of
    theirs nor holds one: what lies inside a thing is removed before it.
    """
    found: list[list[T]] = []
    for removal in removals:
        group = found[-1] if found else []
        if group and all(_are_apart(removed_by(removal), removed_by(other)) for other in group):
            group.append(removal)
        else:
            found.append([removal])
    return found


def _are_apart(one: tuple[str, str], other: tuple[str, str]) -> bool:
    first, second = f"{one[1]}/", f"{other[1]}/"
    inside = first.startswith(second) or second.startswith(first)
    return one[0] == other[0] and one[0].startswith("DELETE") and not inside


async def take_away(
    groups: Iterable[list[T]], attempt: Callable[[T], Awaitable[str]]
) -> list[tuple[T, str]]:
    """
    Remove groups of things, and return what may still exist, with the reasons.

    `attempt` sends one removal and returns why the thing may still exist; empty if it is gone.
    What is refused among others is tried once more, alone: one of them may have needed it.
    """
    left: list[tuple[T, str]] = []
    for group in groups:
        reasons = await together(attempt(removal) for removal in group)
        for removal, first in zip(group, reasons, strict=True):
            reason = await attempt(removal) if first and len(group) > 1 else first
            if reason:
                left.append((removal, reason))
    return left
