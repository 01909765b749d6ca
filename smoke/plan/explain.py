"""
The explanation of a plan: for every id in every path who provides it, or why nobody does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smoke.contract.operation_id import OperationId
from smoke.plan.values import is_entry, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.plan.model import Entry, Plan


@dataclass(frozen=True, slots=True)
class Row:
    """One path parameter of one operation: its producer, or the reason why it has none."""

    operation: str
    parameter: str
    producer: str
    reason: str


def rows(plan: Plan) -> list[Row]:
    """
    A row for every path parameter of every operation, in the order of the plan.
    """
    return [row for entry in plan.entries if not entry.is_extra for row in _rows(entry)]


def _rows(entry: Entry) -> Iterator[Row]:
    for name in OperationId(entry.operation).parameters:
        if entry.excepted is not None and not entry.path:
            yield Row(entry.operation, name, "", f"excepted: {entry.excepted['reason']}")
        elif entry.problem is not None:
            yield Row(entry.operation, name, "", entry.problem.splitlines()[0])
        else:
            yield _row(entry, name, entry.path.get(name))


def _row(entry: Entry, name: str, value: Any) -> Row:
    source = entry.sources.get(f"path/{name}", "")
    mark = mark_of(value)
    if mark == "$from":
        place = value.get("pointer") or value.get("header") or value.get("sent") or ""
        producer = f"{value['$from']} {place}".strip()
        why = source.rpartition(" (")[2].rstrip(")") if is_entry(value) and "(" in source else ""
        return Row(entry.operation, name, producer, why or ("rule" if source == "rule" else ""))
    if mark == "$unique":
        return Row(entry.operation, name, "", f"made up for the run ({source})")
    return Row(entry.operation, name, "", f"the value {value!r} ({source or 'generated'})")


def table(plan: Plan) -> str:
    """
    The rows as a Markdown table.
    """
    lines = ["| operation | parameter | producer | why |", "|---|---|---|---|"]
    lines += [
        f"| {row.operation} | {row.parameter} | {row.producer or '—'} | {row.reason or '—'} |"
        for row in rows(plan)
    ]
    return "\n".join(lines) + "\n"
