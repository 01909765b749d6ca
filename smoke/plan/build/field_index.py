"""The fields of all answers by name, for ids that no collection of the path provides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smoke.contract import Operation
from smoke.contract.operation_id import shape
from smoke.plan.build.answers import Field
from smoke.plan.build.naming import id_rank, plain, stem
from smoke.plan.build.sources import Need, by_name, by_parent, fits, order, shared

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
