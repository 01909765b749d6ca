"""Indexes of ids: fields by name, the best id of an answer, and what is made below a parent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.contract import Operation
from smoke.contract.operation_id import shape
from smoke.plan.build.answers import Answers, Field
from smoke.plan.build.naming import id_rank, plain, singular, stem
from smoke.plan.build.sources import (
    Need,
    by_name,
    by_parent,
    fits,
    is_listed,
    is_of,
    last_segment,
    order,
    rank,
    shared,
)

# The most fields of related objects that are considered; a large contract has thousands.
MOST_RELATED = 20


# Names that unrelated resources everywhere have for their own id.
BARE = frozenset(
    {*("id", "uid", "uuid", "guid", "pk", "key", "name", "code", "slug"), *("identifier", "number")}
)


@dataclass(frozen=True, slots=True)
class _Answering:
    """The fields of one answer by name and by the object around them, and its operations."""

    by_name: Mapping[str, list[Field]]
    by_parent: Mapping[str, list[Field]]
    operations: list[Operation]


class FieldIndex:
    """Fields by name and by the object around them, indexed once for each schema of an answer."""

    def __init__(self) -> None:
        self._answering: dict[int, _Answering] = {}
        self._related: dict[tuple[Any, ...], list[tuple[Operation, Field]]] = {}

    def add(self, operation: Operation, fields: tuple[Field, ...]) -> None:
        """Note an operation that answers with these fields."""
        if id(fields) not in self._answering:
            self._answering[id(fields)] = _Answering(by_name(fields), by_parent(fields), [])
        self._answering[id(fields)].operations.append(operation)

    def inside(self, need: Need) -> list[tuple[Operation, Field]]:
        """The fields inside objects that have the name of a need, the most likely first."""
        key = (need.name, need.types, need.format)
        if key not in self._related:
            about = {plain(need.name), stem(need.name)} - {""}
            rows = [
                (order(operation, field), best, operation, field)
                for answer in self._answering.values()
                for name in sorted(about)
                for field in answer.by_parent.get(name, ())
                if fits(field, need) and (best := id_rank(need.name, field.name)) is not None
                for operation in answer.operations
            ]
            rows.sort(key=lambda row: row[:2])
            self._related[key] = [row[2:] for row in rows[:MOST_RELATED]]
        return self._related[key]

    def same_name(self, need: Need) -> list[tuple[Operation, Field]]:
        """The fields of any answer with the name of a need, those of near paths first."""
        if stem(need.name) == "" and plain(need.name) in BARE:
            return []
        wanted = plain(need.name)
        rows = [
            (operation, field)
            for answer in self._answering.values()
            for field in answer.by_name.get(wanted, ())
            if fits(field, need)
            for operation in answer.operations
        ]
        near = shape(need.operation.path)
        rows.sort(key=lambda row: (-shared(shape(row[0].path), near), *order(*row)))
        return rows


# An answer's schema and the noun of a path: equal for operations on the same resources.
Kind = tuple[int, str]


class Nested:
    """
    Finds that POST /tasks/{id}/notes makes what GET /notes/{id} reads.

    The same noun is not enough (issue trackers have many kinds of `items`): both must answer with
    the same schema, too.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._makers: dict[Kind, list[Operation]] = defaultdict(list)
        self._parameters: dict[Kind, str] = {}

    def add(self, operation: Operation) -> None:
        """Note a read of one resource, or a creation below a parent."""
        kind = self._kind(operation)
        is_item = shape(operation.path).rstrip("/").endswith("/{}")
        if kind is None or "{" not in operation.path:
            return
        if operation.method == "GET" and is_item:
            self._parameters[kind] = operation.id.last_parameter
        elif operation.method == "POST" and not is_item:
            self._makers[kind].append(operation)

    def makers(self, readers: Iterable[Operation]) -> list[Operation]:
        """The operations that make what these reads show."""
        kinds = (self._kind(reader) for reader in readers if reader.method == "GET")
        return [maker for kind in kinds if kind for maker in self._makers.get(kind, ())]

    def parameter(self, maker: Operation) -> str:
        """The parameter by which other paths name what an operation makes; empty without one."""
        kind = self._kind(maker)
        return self._parameters.get(kind, "") if kind and maker in self._makers[kind] else ""

    def _kind(self, operation: Operation) -> Kind | None:
        fields = self._answers.fields(operation)
        # Operations that share a schema share the very tuple of its fields.
        return (id(fields), singular(plain(last_segment(operation.path)))) if fields else None


# Cached by the schema of an answer: many operations share one.
class IdFields:
    """The ids in the answers of operations; `declared` are the pointers that the rules name."""

    def __init__(self, answers: Answers, declared: Mapping[str, str]) -> None:
        self._answers = answers
        self._declared = declared
        self._best: dict[tuple[Any, ...], Field | None] = {}

    def ranked(
        self, operations: list[Operation], need: Need, listed: bool
    ) -> list[tuple[Operation, Field]]:
        """The best id field of each operation; in lists, that of the first item."""
        found = []
        for operation in operations:
            field = self._best_of(operation, need, listed)
            if field is not None:
                found.append((operation, field))
        found.sort(key=lambda row: (row[0].path.count("{"), len(row[0].path), row[0].id))
        return found

    def exact(self, operations: list[Operation], need: Need) -> list[tuple[Operation, Field]]:
        """Operations below the collection (`/objects/upload-url`) with a field of that name."""
        return [
            (operation, field)
            for operation in operations
            for field in self._answers.fields(operation)
            if plain(field.name) == plain(need.name) and field.rows == 0 and fits(field, need)
        ]

    def _best_of(self, operation: Operation, need: Need, listed: bool) -> Field | None:
        """The best id field of an answer; cached, since many operations share a schema."""
        fields, declared = self._answers.fields(operation), self._declared.get(operation.id)
        key = (id(fields), declared, need.name, need.types, need.format, listed)
        if key not in self._best:
            rows = [
                (best, field.pointer.count("/"), index, field)
                for index, field in enumerate(fields)
                if is_listed(field, listed, operation)
                and declared in {None, field.pointer}
                and (is_of(field, need) or declared)
                and (best := rank(need, field)) is not None
            ]
            self._best[key] = min(rows, key=lambda row: row[:3])[3] if rows else None
        return self._best[key]
