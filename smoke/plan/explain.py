"""The explanation of a plan: the source of every value, and why an id in a path has none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from smoke.contract import Contract
from smoke.contract.operation_id import OperationId
from smoke.contract.pointers import escape
from smoke.documents.toml import toml_rule
from smoke.plan.build.sources import Link, links_of
from smoke.plan.model import Entry, Plan
from smoke.plan.values import is_entry, mark_of


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one operation: its producer, or the reason why it has none."""

    operation: str
    parameter: str
    producer: str
    reason: str


def rows(plan: Plan) -> list[Row]:
    """A row for every path parameter of every operation, in the order of the plan."""
    return [row for entry in plan.entries if not entry.is_extra for row in _rows(entry)]


def values(plan: Plan) -> list[Row]:
    """A row for every other value: query, headers, and each single value of a body."""
    return [row for entry in plan.entries if not entry.is_extra for row in _values(entry)]


def _rows(entry: Entry) -> Iterator[Row]:
    for name in OperationId(entry.operation).parameters:
        # An entry that is excepted on some targets only has values for the others.
        if entry.excepted is not None and not entry.path:
            yield Row(entry.operation, name, "", f"excepted: {entry.excepted.reason}")
        elif entry.problem is not None:
            yield Row(entry.operation, name, "", entry.problem.splitlines()[0])
        else:
            yield _row(entry, name, f"path/{name}", entry.path.get(name))


def _values(entry: Entry) -> Iterator[Row]:
    for name, value in entry.query.items():
        yield _row(entry, f"query {name}", f"query/{name}", value)
    for name, value in entry.headers.items():
        yield _row(entry, f"header {name}", f"header/{name}", value)
    for place, value in _leaves(entry.body, "body"):
        yield _row(entry, f"body {place.removeprefix('body')}".strip(), place, value)


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """The single values of a body and their places; a reference counts as one value."""
    if mark_of(value) or not isinstance(value, (dict, list)):
        if value is not None:
            yield place, value
        return
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in members:
        yield from _leaves(member, f"{place}/{escape(str(key))}")


def _row(entry: Entry, label: str, place: str, value: Any) -> Row:
    source = _source(entry, place)
    mark = mark_of(value)
    if mark == "$from":
        where = value.get("pointer") or value.get("header") or value.get("sent") or ""
        producer = f"{value['$from']} {where}".strip()
        why = source.rpartition(" (")[2].rstrip(")") if is_entry(value) and "(" in source else ""
        return Row(entry.operation, label, producer, why or ("rule" if source == "rule" else ""))
    if mark in {"$unique", "$file"}:
        what = "made up for the run" if mark == "$unique" else "a file"
        return Row(entry.operation, label, "", f"{what} ({source or 'generated'})")
    return Row(entry.operation, label, "", f"the value {value!r} ({source or 'generated'})")


def _source(entry: Entry, place: str) -> str:
    """The noted source of a place, else of the nearest place around it."""
    while place and place not in entry.sources:
        place = place.rpartition("/")[0]
    return entry.sources.get(place, "")


def table(plan: Plan) -> str:
    """The rows as a Markdown table."""
    lines = ["| operation | parameter | producer | why |", "|---|---|---|---|"]
    lines += [
        f"| {row.operation} | {row.parameter} | {row.producer or '—'} | {row.reason or '—'} |"
        for row in (*rows(plan), *values(plan))
    ]
    return "\n".join(lines) + "\n"


# A plan already follows most links: only the others are worth a rule.
def suggest(contract: Contract, plan: Plan | None = None) -> str:
    """Rules as TOML, each with its origin, without those that a plan already covers."""
    firsts = (rows[0] for rows in links_of(contract).values())
    found = (link for link in firsts if link.location in ("path", "query"))
    return "\n".join(_rule(link) for link in found if not _is_planned(link, plan))


def _rule(link: Link) -> str:
    places = {"sent": link.sent, "header": link.header, "pointer": link.pointer}
    # An empty pointer is the whole answer.
    key = next((key for key, place in places.items() if place), "pointer")
    value = {link.parameter: {"from": link.source, key: places[key]}}
    rule = toml_rule(link.operation, **{link.location: value})
    return f"# link {link.name!r} of {link.source}\n{rule}\n"


def _is_planned(link: Link, plan: Plan | None) -> bool:
    entry = plan.by_name.get(link.operation) if plan is not None else None
    if entry is None:
        return False
    value = getattr(entry, link.location).get(link.parameter)
    return isinstance(value, dict) and value.get("$from") == link.source
