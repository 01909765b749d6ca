"""Removals at the end of a run, several at a time: a remote service needs one wait for all."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

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


class Gone(NamedTuple):
    """What a removal takes away: its operation or only its method, the path, and who made that."""

    operation: str
    path: str
    maker: Hashable = None

    def is_apart(self, other: "Gone") -> bool:
        """
        Whether the other removal can be sent at the same time.

        Things of one maker may belong together, unless they are of one kind.
        """
        first, second = f"{self.path}/", f"{other.path}/"
        inside = first.startswith(second) or second.startswith(first)
        return not inside and (self.operation == other.operation or self.maker != other.maker)


def removed_by(removal: Removal) -> Gone:
    """Return what a removal takes away."""
    return Gone(removal.operation, removal.path)


def waves(removals: Iterable[T], removed_by: Callable[[T], Gone]) -> list[list[T]]:
    """
    Divide removals, in their order, into as few groups as possible that can be sent together.

    Only a DELETE joins others, and only if its thing neither lies inside one of theirs nor holds
    one: what lies inside a thing is removed before it. All others wait, and are waited for.
    """
    found: list[list[T]] = []
    there: list[tuple[Gone, int]] = []
    first = 0
    for removal in removals:
        gone = removed_by(removal)
        if not gone.operation.startswith("DELETE"):
            found.append([removal])
            there, first = [], len(found)
            continue
        before = (at + 1 for other, at in there if not gone.is_apart(other))
        at = max(before, default=first)
        there.append((gone, at))
        found += [[]] if at == len(found) else []
        found[at].append(removal)
    return found


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
