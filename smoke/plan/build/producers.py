"""
Producers: where an id that a request needs comes from.

Looked for in this order: what is made in the collection the path itself names, the world under the
same name, what the collection lists, what is made in the collection whose name is the stem of the
parameter's, a field of the same name in any answer, and at last what the stem's collection lists.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smoke.plan.build.naming import id_rank, names_collection, plain, singular, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from smoke.config.rules import Rules
    from smoke.contract import Contract, Operation
    from smoke.plan.build.answers import Answers, Field

COLLECTION, WORLD, LISTED, SAME_NAME, STEM = range(5)
WHY = {
    COLLECTION: "made in the collection",
    WORLD: "of the world",
    LISTED: "listed in the collection",
    SAME_NAME: "a field of the same name",
    STEM: "the collection of that name",
}


@dataclass(frozen=True, slots=True)
class Need:
    """An id that a request needs: a parameter or body field, its types, what stands before it."""

    name: str
    prefix: str
    types: frozenset[str]
    format: str | None
    operation: Operation


@dataclass(frozen=True, slots=True)
class Source:
    """
    One place an id can come from: an operation's answer, or (without one) the world.

    `owned` says that the run makes it, so that it may also be destroyed. With `header`, the id is
    the last segment of that response header.
    """

    level: int
    operation: str
    pointer: str
    owned: bool
    world: str = ""
    header: str = ""

    @property
    def why(self) -> str:
        """The source in a few words."""
        if self.world:
            return f"world.{self.world}"
        where = f"header {self.header}" if self.header else self.pointer
        return f"{self.operation} {where} ({WHY[self.level]})"


class Producers:
    """All sources of a contract, indexed once."""

    def __init__(
        self, contract: Contract, rules: Rules, answers: Answers, declared: Mapping[str, str]
    ) -> None:
        self._rules = rules
        self._declared = {name: pointer for name, pointer in declared.items() if pointer}
        self._answers = answers
        self._by_path: dict[str, list[Operation]] = defaultdict(list)
        self._answering: dict[int, tuple[Mapping[str, list[Field]], list[Operation]]] = {}
        self._best: dict[tuple[Any, ...], Field | None] = {}
        self._by_collection: dict[str, list[Operation]] = defaultdict(list)
        self._below: dict[str, list[Operation]] = defaultdict(list)
        self._items: dict[str, list[str]] = defaultdict(list)
        for operation in contract.operations.values():
            self._index(operation)

    def _index(self, operation: Operation) -> None:
        path = shape(operation.path)
        item = re.fullmatch(r"(.*)/{}", path)
        if item:
            self._items[item[1]].append(operation.path.rpartition("/")[2][1:-1])
        if operation.method not in {"GET", "POST", "PUT"}:
            return
        self._by_path[path].append(operation)
        last = last_segment(operation.path)
        self._by_collection[singular(plain(last))].append(operation)
        if operation.method == "POST":
            head = path
            while head and not head.endswith("}"):
                head = head.rpartition("/")[0]
                self._below[head].append(operation)
        fields = self._answers.fields(operation)
        if id(fields) not in self._answering:
            self._answering[id(fields)] = (_by_name(fields), [])
        self._answering[id(fields)][1].append(operation)

    def created(self, operation: Operation) -> str | None:
        """
        Where the answer of an operation that makes something has its id; None when it makes none.
        """
        if operation.method != "POST":
            return None
        for parameter in self._items.get(shape(operation.path), ()):
            need = Need(parameter, operation.path, frozenset(), None, operation)
            for _, field in self._ranked([operation], need, listed=False):
                return field.pointer
        return None

    def members(self, operation: Operation) -> list[str]:
        """The names of the outermost fields that an operation answers with."""
        return self._answers.members(operation)

    def answered(self, operation: Operation, need: Need) -> str | None:
        """Where the answer of an operation has an id for a need; None where it has none."""
        rows = self._ranked([operation], need, listed=False)
        return rows[0][1].pointer if rows else None

    def sources(self, need: Need) -> list[Source]:
        """
        All places an id can come from, the best first, none of them the operation in need.
        """
        found: dict[tuple[str, str, str, str], Source] = {}
        for source in self._all(need):
            if source.operation != need.operation.id:
                key = (source.operation, source.pointer, source.world, source.header)
                found.setdefault(key, source)
        return list(found.values())

    def _all(self, need: Need) -> Iterator[Source]:
        prefix = shape(need.prefix)
        makers = [o for o in self._by_path[prefix] if o.method == "POST"] if prefix else []
        yield from self._of(COLLECTION, self._ranked(makers, need, listed=False), owned=True)
        yield from (self._location(maker) for maker in makers if "Location" in _headers(maker))
        if prefix:
            for operation, field in self._exact(self._below[prefix], need):
                made = self._declared.get(operation.id) == field.pointer
                yield Source(COLLECTION, operation.id, field.pointer, made)
        yield from self._world(need)
        yield from self._declared_makers(need)
        lists = [o for o in self._by_path[prefix] if o.method == "GET"] if prefix else []
        yield from self._of(LISTED, self._ranked(lists, need, listed=True), owned=False)
        by_stem = list(self._stem(need))
        yield from (source for source in by_stem if source.owned)
        yield from self._of(SAME_NAME, self._same_name(need), owned=False)
        yield from by_stem

    def _declared_makers(self, need: Need) -> Iterator[Source]:
        """
        Operations that rules declare to make something whose id has the parameter's name.

        What has a place of its own below its maker (`/members/{user_id}`) is not the run's own in
        another, where it may be read.
        """
        for operation, pointer in self._declared.items():
            name, path = pointer.rpartition("/")[2], operation.partition(" ")[2]
            elsewhere = bool(need.prefix and self._items.get(shape(path)))
            if plain(name) != "id" and plain(name).endswith(plain(need.name)):
                yield Source(COLLECTION, operation, pointer, not elsewhere)

    def _world(self, need: Need) -> Iterator[Source]:
        for names, owned in ((self._rules.world_made, True), (self._rules.world, False)):
            for name in names:
                if plain(name) == plain(need.name):
                    yield Source(WORLD, "", "", owned, world=name)

    def _location(self, maker: Operation) -> Source:
        return Source(COLLECTION, maker.id, "", True, header="Location")

    def _same_name(self, need: Need) -> list[tuple[Operation, Field]]:
        if stem(need.name) == "" and plain(need.name) in {"id", "key", "name", "code", "slug"}:
            return []
        wanted = plain(need.name)
        rows = [
            (operation, field)
            for named, operations in self._answering.values()
            for field in named.get(wanted, ())
            if _fits(field, need)
            for operation in operations
        ]
        near = shape(need.operation.path)
        rows.sort(key=lambda row: (-_shared(shape(row[0].path), near), *_order(*row)))
        return rows

    def _stem(self, need: Need) -> Iterator[Source]:
        about = singular(stem(need.name) or plain(need.name))
        operations = [
            operation
            for operation in self._by_collection.get(about, ())
            if names_collection(need.name, last_segment(operation.path)) or not stem(need.name)
        ]
        makers = [o for o in operations if o.method == "POST"]
        lists = [o for o in operations if o.method == "GET"]
        rows = self._ranked(makers, need, listed=False)
        for operation, field in rows:
            # A path names a thing in its place: /chat/threads/7 is not the 7 of /threads. A body
            # only has the name, which is enough where one collection alone has it.
            in_place = not need.prefix and len(rows) == 1
            owned = in_place and self.created(operation) == field.pointer
            yield Source(STEM, operation.id, field.pointer, owned)
        yield from self._of(STEM, self._ranked(lists, need, listed=True), owned=False)

    def _of(
        self, level: int, rows: Iterable[tuple[Operation, Field]], owned: bool
    ) -> Iterator[Source]:
        for operation, field in rows:
            yield Source(level, operation.id, field.pointer, owned)

    def _field_for(self, operation: Operation, need: Need, listed: bool) -> Field | None:
        """The best field of an answer to name a thing by; the same answers are looked at once."""
        fields, declared = self._answers.fields(operation), self._declared.get(operation.id)
        key = (id(fields), declared, need.name, need.types, need.format, listed)
        if key not in self._best:
            rows = [
                (rank, field.pointer.count("/"), index, field)
                for index, field in enumerate(fields)
                if (field.rows > 0) == listed
                and declared in {None, field.pointer}
                and (rank := _rank(need, field)) is not None
            ]
            self._best[key] = min(rows, key=lambda row: row[:3])[3] if rows else None
        return self._best[key]

    def _exact(self, operations: list[Operation], need: Need) -> list[tuple[Operation, Field]]:
        """Makers below the collection, such as `/objects/upload-url`, that answer with the name."""
        return [
            (operation, field)
            for operation in operations
            for field in self._answers.fields(operation)
            if plain(field.name) == plain(need.name) and field.rows == 0 and _fits(field, need)
        ]

    def _ranked(
        self, operations: list[Operation], need: Need, listed: bool
    ) -> list[tuple[Operation, Field]]:
        """For each operation its best field to name the thing by; in lists, of the first item."""
        found = []
        for operation in operations:
            field = self._field_for(operation, need, listed)
            if field is not None:
                found.append((operation, field))
        found.sort(key=lambda row: (row[0].path.count("{"), len(row[0].path), row[0].id))
        return found


def _by_name(fields: Iterable[Field]) -> dict[str, list[Field]]:
    found: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        found[plain(field.name)].append(field)
    return dict(found)


def _rank(need: Need, field: Field) -> int | None:
    if not _fits(field, need):
        return None
    return 1 if field.name == "" else id_rank(need.name, field.name)


def _fits(field: Field, need: Need) -> bool:
    """Whether a value of the field can be a value of the parameter, as far as types tell."""
    if need.types and not (field.types & need.types or "string" in need.types):
        return False
    return not (field.format and need.format and field.format != need.format)


def _order(operation: Operation, field: Field) -> tuple[int, int, int, int, str]:
    """Makers before readers, single things before lists, shallow before deep."""
    method = {"POST": 0, "GET": 1}.get(operation.method, 2)
    depth = operation.path.count("{")
    return (method, field.rows, depth, field.pointer.count("/"), operation.id)


def _headers(operation: Operation) -> set[str]:
    responses = (operation.response(status) for status in operation.success)
    return {name.title() for response in responses if response for name in response.headers}


def shape(path: str) -> str:
    """A template with its variables made nameless."""
    return re.sub(r"{[^{}]*}", "{}", path)


def last_segment(path: str) -> str:
    """The last segment of a path that is not a variable; empty where there is none."""
    segments = [segment for segment in path.split("/") if segment and "{" not in segment]
    return segments[-1] if segments else ""


def _shared(one: str, other: str) -> int:
    """How many segments two paths begin with in common."""
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count
