"""
The plan: frozen requests in sending order, one for each operation, and additional ones that create
resources for others to delete.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from smoke.config.again import plan_again
from smoke.config.gates import Gate, Gates
from smoke.config.rules.model import Excepted, Then
from smoke.contract import Operation
from smoke.contract.events import Bounds
from smoke.contract.operation_id import OperationId
from smoke.documents import TextError, UnreadableError, parse_json, read_text, visible
from smoke.errors import DataError
from smoke.plan.shape import mistakes

# Increased when the same contract and rules would give another plan.
GENERATOR = 2

MAX_MISTAKES = 5

# The members of an entry that are tables of their own.
TABLES: dict[str, Any] = {"stream": Bounds, "then": Then, "excepted": Excepted}


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One request of the plan; `name` is its operation's id, or the purpose of an additional request.

    `creates` is the pointer of the new id in the answer. `needs` are the entries that must succeed
    first, `then` is a follow-up request to a URL of the answer. `sources` has the origin of each
    value that was not simply generated. An entry with a `problem` or an `excepted` reason is not
    sent. `holds` has values that the answer must have, by JSON pointer. A `step` of a workflow is
    sent even if no other entry needs it.
    """

    name: str
    operation: str
    phase: str
    actor: str
    expect: tuple[int, ...]
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    media_type: str | None = None
    body: Any = None
    gate: str | None = None
    creates: str | None = None
    destructive: bool = False
    ends_session: bool = False
    needs: tuple[str, ...] = ()
    stream: Bounds | None = None
    then: Then | None = None
    excepted: Excepted | None = None
    problem: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    holds: Mapping[str, Any] = field(default_factory=dict)
    step: bool = False

    @property
    def is_extra(self) -> bool:
        """Whether its operation has an entry of its own, which this one mostly helps."""
        return self.name != self.operation

    @property
    def asks(self) -> bool:
        """Whether it only reads, whatever its method."""
        return self.phase == "ask"

    @property
    def names_own(self) -> bool:
        """Whether the last id of its path names a resource that the run created."""
        value = self.path.get(OperationId(self.operation).last_parameter)
        return isinstance(value, dict) and bool(value.get("owned") or "$unique" in value)

    @property
    def is_made_up(self) -> bool:
        """Whether the last id of its path is invented by the run."""
        return "$unique" in (self.path.get(OperationId(self.operation).last_parameter) or ())

    def excepted_on(self, target: str) -> str | None:
        """The reason not to send the entry to a target, or None."""
        excepted = self.excepted
        return excepted.reason if excepted is not None and excepted.holds_on(target) else None


@dataclass(frozen=True)
class Plan:
    """
    Entries in order, and the digests of the contract and rules that they were built from.

    `operations` has a short digest for each operation of the contract: a stale plan reports which
    ones changed. `problems` are the open decisions of a person, each with a rule to paste.
    """

    contract: str
    rules: str
    operations: Mapping[str, str]
    entries: tuple[Entry, ...]
    schemathesis: str = ""
    generator: int = GENERATOR
    problems: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Entry]:
        """Entries by their name."""
        return {entry.name: entry for entry in self.entries}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The position of each entry, counted from 1."""
        return {entry.name: number for number, entry in enumerate(self.entries, 1)}

    @cached_property
    def first_destructive(self) -> int:
        """The position of the first destructive entry, else one after the last entry."""
        found = (self.places[entry.name] for entry in self.entries if entry.destructive)
        return next(found, len(self.entries) + 1)

    @cached_property
    def creates(self) -> Mapping[str, str]:
        """For operations that create a resource: the pointer of its id in the answer."""
        return {e.operation: e.creates for e in self.entries if e.creates is not None}

    @cached_property
    def declared(self) -> frozenset[str]:
        """The operations that a rule declares to create a resource."""
        return frozenset(e.operation for e in self.entries if e.sources.get("creates") == "rule")

    @cached_property
    def destroys(self) -> frozenset[str]:
        """The destructive operations."""
        return frozenset(entry.operation for entry in self.entries if entry.destructive)

    @cached_property
    def spares(self) -> frozenset[str]:
        """The operations that are not destructive, whatever their method."""
        return frozenset(entry.operation for entry in self.entries) - self.destroys

    @cached_property
    def leaves(self) -> frozenset[str]:
        """The operations that delete their own caller, such as its account."""
        ends = (e.operation for e in self.entries if e.destructive and e.ends_session)
        return frozenset(ends)

    def gate_of(self, operation: Operation, gates: Gates) -> Gate | None:
        """The gate of an operation: the gate in its rule, else the gate that covers it."""
        entry = self.by_name.get(operation.id)
        if entry is not None and entry.gate:
            return gates.get(entry.gate)
        return gates.of(operation.id, operation.tags)

    def closure(self, names: frozenset[str] | set[str]) -> tuple[Entry, ...]:
        """The named entries and all entries that they need, in order."""
        wanted: set[str] = set()
        stack = [name for name in names if name in self.by_name]
        while stack:
            name = stack.pop()
            if name not in wanted:
                wanted.add(name)
                stack.extend(n for n in self.by_name[name].needs if n in self.by_name)
        return tuple(entry for entry in self.entries if entry.name in wanted)

    def text(self) -> str:
        """The text of the file: sorted and indented, with the same bytes on every machine."""
        document = {
            "generator": {"plan": self.generator, "schemathesis": self.schemathesis},
            "contract": self.contract,
            "rules": self.rules,
            "problems": list(self.problems),
            "operations": dict(self.operations),
            "entries": [_written(entry) for entry in self.entries],
        }
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def save(self, path: Path | str) -> None:
        """Write the plan to a file."""
        Path(path).write_text(self.text(), encoding="utf-8", newline="\n")


def load(path: Path | str) -> Plan:
    """
    The plan in a file.

    Raises:
        DataError: the file does not exist, or is not a plan.
    """
    try:
        document = parse_json(read_text(path))
    except UnreadableError as error:
        advice = f"Make it: {plan_again(Path(path))}."
        raise DataError(f"{path}: there is no plan: {error.reason}. {advice}") from None
    except TextError as error:
        again = f"Make it again: {plan_again(Path(path))}."
        raise DataError(f"{path}:{error.place}: {error.problem}. {again}") from None
    wrong = [
        f"{path}#{visible(pointer)}: not a plan of this version: {visible(problem)}."
        for pointer, problem in mistakes(document)
    ]
    if wrong:
        again = f"Make it again: {plan_again(Path(path))}."
        raise DataError("\n".join([*wrong[:MAX_MISTAKES], again]))
    return _plan(document)


def _plan(document: Mapping[str, Any]) -> Plan:
    return Plan(
        contract=document["contract"],
        rules=document["rules"],
        operations=document["operations"],
        entries=tuple(_read(row) for row in document["entries"]),
        schemathesis=document["generator"]["schemathesis"],
        generator=document["generator"]["plan"],
        problems=tuple(document["problems"]),
    )


def _written(entry: Entry) -> dict[str, Any]:
    """An entry as JSON, without its default values."""
    row = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    row |= {key: _table(row[key]) for key in TABLES if row[key] is not None}
    row = {key: list(v) if isinstance(v, tuple) else v for key, v in row.items()}
    # Most entries are named after their operation, so the file leaves the name out.
    if entry.name == entry.operation:
        del row["name"]
    # A body of null is a body.
    keep_null = {"body"} if entry.media_type is not None else set()
    return {
        key: value
        for key, value in row.items()
        if key in keep_null or (value is not None and value is not False and value not in ({}, []))
    }


def _read(row: Mapping[str, Any]) -> Entry:
    values = {"name": row["operation"], **row}
    for key in ("expect", "needs"):
        values[key] = tuple(values.get(key, ()))
    if "excepted" in values:
        targets = tuple(values["excepted"].get("targets", ()))
        values["excepted"] = {**values["excepted"], "targets": targets}
    values |= {key: kind(**values[key]) for key, kind in TABLES.items() if key in values}
    return Entry(**values)


def _table(value: Any) -> dict[str, Any]:
    """A value as a table, without the optional members that it does not set."""
    members = {field.name: getattr(value, field.name) for field in fields(value)}
    required = {field.name for field in fields(value) if field.default is MISSING}
    return {
        key: list(member) if isinstance(member, tuple) else member
        for key, member in members.items()
        if key in required or member not in (None, "", ())
    }
