"""
The plan: frozen requests in the order in which they are sent, one for each operation and a few more
where something must be made to be destroyed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smoke.config.again import plan_again
from smoke.contract.operation_id import OperationId
from smoke.documents import TextError, UnreadableError, parse_json, read_text, visible
from smoke.errors import DataError
from smoke.plan.shape import mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smoke.config.gates import Gate, Gates
    from smoke.contract import Operation

GENERATOR = 2
"""Raised when the same contract and rules would give another plan."""

MAX_MISTAKES = 5


@dataclass(frozen=True, slots=True)
class Stream:
    """Where reading a body that may be endless stops, whichever comes first."""

    events: int
    bytes: int
    time_s: float


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One request of the plan; `name` is its operation's id, or tells what an additional one is for.

    `creates` is the pointer of the new id in the answer. `needs` are the entries that must have
    succeeded before, `then` is what is sent to a URL of the answer. `sources` say for each value
    that was not simply generated where it comes from. An entry with a `problem` or an `excepted`
    reason is not sent.
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
    stream: Stream | None = None
    then: Mapping[str, str] | None = None
    excepted: Mapping[str, Any] | None = None
    problem: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_extra(self) -> bool:
        """Whether it only helps another entry; the operation has one of its own."""
        return self.name != self.operation

    @property
    def asks(self) -> bool:
        """Whether it only reads, though its method need not."""
        return self.phase == "ask"

    @property
    def names_own(self) -> bool:
        """Whether its path names, last, something that the run made."""
        value = self.path.get(OperationId(self.operation).last_parameter)
        return isinstance(value, dict) and bool(value.get("owned") or "$unique" in value)

    @property
    def is_made_up(self) -> bool:
        """Whether its path names, last, an id that the run makes up."""
        return "$unique" in (self.path.get(OperationId(self.operation).last_parameter) or ())

    def excepted_on(self, target: str) -> str | None:
        """Why the entry is not sent to a target, or None."""
        if self.excepted is None:
            return None
        targets = self.excepted.get("targets")
        return str(self.excepted["reason"]) if not targets or target in targets else None


@dataclass(frozen=True)
class Plan:
    """
    Entries in order, and what they were made from.

    `operations` holds a short digest for each operation of the contract, so that a stale plan can
    say what changed; `problems` are what a person must decide, each with a rule to paste.
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
        """Where each entry stands: 1 is the first."""
        return {entry.name: number for number, entry in enumerate(self.entries, 1)}

    @cached_property
    def first_destructive(self) -> int:
        """The place of the first entry that takes something away, else behind the last."""
        found = (self.places[entry.name] for entry in self.entries if entry.destructive)
        return next(found, len(self.entries) + 1)

    @cached_property
    def creates(self) -> Mapping[str, str]:
        """For operations that make something: the pointer of its id in the answer."""
        return {e.operation: e.creates for e in self.entries if e.creates is not None}

    @cached_property
    def declared(self) -> frozenset[str]:
        """Operations of which a rule says that they make something new."""
        return frozenset(e.operation for e in self.entries if e.sources.get("creates") == "rule")

    @cached_property
    def destroys(self) -> frozenset[str]:
        """The operations that take something away."""
        return frozenset(entry.operation for entry in self.entries if entry.destructive)

    @cached_property
    def spares(self) -> frozenset[str]:
        """The operations that take nothing away, whatever their method."""
        return frozenset(entry.operation for entry in self.entries) - self.destroys

    @cached_property
    def leaves(self) -> frozenset[str]:
        """The operations that take away whoever calls them, such as its account."""
        ends = (e.operation for e in self.entries if e.destructive and e.ends_session)
        return frozenset(ends)

    def gate_of(self, operation: Operation, gates: Gates) -> Gate | None:
        """The gate of an operation: the one that its rule names, else the one that covers it."""
        entry = self.by_name.get(operation.id)
        if entry is not None and entry.gate:
            return gates.get(entry.gate)
        return gates.of(operation.id, operation.tags)

    def closure(self, names: frozenset[str] | set[str]) -> tuple[Entry, ...]:
        """The named entries and all that they need, in order: what a part of the plan takes."""
        wanted: set[str] = set()
        stack = [name for name in names if name in self.by_name]
        while stack:
            name = stack.pop()
            if name not in wanted:
                wanted.add(name)
                stack.extend(n for n in self.by_name[name].needs if n in self.by_name)
        return tuple(entry for entry in self.entries if entry.name in wanted)

    def text(self) -> str:
        """The file's text: sorted, indented, the same bytes on every machine."""
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
        DataError: there is none, or it is not a plan.
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
    """An entry without what it does not say."""
    row = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    if entry.stream is not None:
        row["stream"] = {n: getattr(entry.stream, n) for n in Stream.__dataclass_fields__}
    row = {key: list(v) if isinstance(v, tuple) else v for key, v in row.items()}
    if entry.name == entry.operation:
        del row["name"]
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
    if "stream" in values:
        values["stream"] = Stream(**values["stream"])
    return Entry(**values)
