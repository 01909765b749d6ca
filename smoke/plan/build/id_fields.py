"""The field of an answer that is the id for a need: the best one, and the one of that name."""

from collections.abc import Mapping
from typing import Any

from smoke.contract import Operation
from smoke.plan.build.answers import Answers, Field
from smoke.plan.build.naming import plain
from smoke.plan.build.sources import Need, fits, is_listed, is_of, rank


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
