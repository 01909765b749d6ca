"""The lines of a drift report: the same change of many operations is one line."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smoke.contract.diff.operations import Change

# How many operations a line names; it only counts the others.
NAMED = 2


def change_lines(changes: "Iterable[Change]") -> list[str]:
    """One line for each change, the breaking ones first."""
    where: dict[tuple[bool, str], list[str]] = {}
    for change in changes:
        where.setdefault((change.breaking, change.words), []).append(change.operation)
    rows = sorted(where.items(), key=lambda row: not row[0][0])
    return [f"{_operations(names)}: {words}" for (_, words), names in rows]


def _operations(names: list[str]) -> str:
    more = len(names) - NAMED
    listed = ", ".join(names[:NAMED])
    return f"{listed} and {more} more" if more > 0 else listed
