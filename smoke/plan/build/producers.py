"""
Producers: the places that an id can come from, the best first.

The order: a resource created in the collection of the path; a value of the world with the same
name; the list of that collection; a resource created in the collection that the parameter's stem
names; a field of the same name in any answer; the list of the stem's collection.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from smoke.config.rules import Rules
from smoke.contract import Contract, Operation
from smoke.contract.operation_id import OperationId, shape
from smoke.plan.build.answers import Answers, Field
from smoke.plan.build.field_index import FieldIndex, IdFields, Nested
from smoke.plan.build.naming import NUMBERS, names_collection, plain, singular, stem, words
from smoke.plan.build.sources import (
    COLLECTION,
    LINK,
    LISTED,
    NESTED,
    SAME_NAME,
    SELF_LINKS,
    STEM,
    WORLD,
    Need,
    Source,
    common,
    fits,
    headers,
    last_segment,
    links_of,
    may_choose,
)


class Producers:
    """All sources of a contract, indexed once."""

    def __init__(
        self, contract: Contract, rules: Rules, answers: Answers, declared: Mapping[str, str]
    ) -> None:
        self._rules = rules
        self._declared = {name: pointer for name, pointer in declared.items() if pointer}
        self._answers = answers
        self._links = links_of(contract)
        self._by_path: dict[str, list[Operation]] = defaultdict(list)
        self._fields = FieldIndex()
        self._ids = IdFields(answers, self._declared)
        self._by_collection: dict[str, list[Operation]] = defaultdict(list)
        self._below: dict[str, list[Operation]] = defaultdict(list)
        self._items: dict[str, list[str]] = defaultdict(list)
        self._nested_things = Nested(answers)
        for operation in contract.operations.values():
            self._index(operation)

    def _index(self, operation: Operation) -> None:
        path = shape(operation.path).rstrip("/")
        item = re.fullmatch(r"(.*)/{}", path)
        if item:
            self._items[item[1]].append(operation.path.rstrip("/").rpartition("/")[2][1:-1])
        if operation.method not in {"GET", "POST", "PUT"}:
            return
        self._nested_things.add(operation)
        self._by_path[path].append(operation)
        last = last_segment(operation.path)
        self._by_collection[singular(plain(last))].append(operation)
        if operation.method == "POST":
            head = path
            while head and not head.endswith("}"):
                head = head.rpartition("/")[0]
                self._below[head].append(operation)
        self._fields.add(operation, self._answers.fields(operation))

    def created(self, operation: Operation) -> str | None:
        """The pointer of the new id in the answer of a creating operation; None for any other."""
        # PUT does not create an id: the caller chooses it (`may_choose`).
        if operation.method != "POST":
            return None
        below = self._items.get(shape(operation.path).rstrip("/"), ())
        elsewhere = self._nested_things.parameter(operation)
        for name in filter(None, (*below, elsewhere)):
            need = Need(name, operation.path, frozenset(), None, operation)
            for _, field in self._ids.ranked([operation], need, listed=False):
                return field.pointer if field.rows == 0 else None
        return None

    def makes(self, need: Need) -> bool:
        """Whether another operation creates resources of this name, with ids of that type."""
        about = singular(plain(need.name))
        makers = (o for o in self._by_collection.get(about, ()) if o.method == "POST")
        others = (maker for maker in makers if maker.id != need.operation.id)
        return about not in NUMBERS and any(self._makes(maker, need) for maker in others)

    def _makes(self, maker: Operation, need: Need) -> bool:
        pointer = self._declared.get(maker.id) or self.created(maker)
        known = [field for field in self._answers.fields(maker) if field.pointer == pointer]
        return bool(pointer) and all(fits(field, need) for field in known)

    def members(self, operation: Operation) -> list[str]:
        """The names of the outermost fields that an operation answers with."""
        return self._answers.members(operation)

    def answered(self, operation: Operation, need: Need) -> str | None:
        """The pointer of an id for a need in the answer of an operation, or None."""
        rows = self._ids.ranked([operation], need, listed=False)
        return rows[0][1].pointer if rows else None

    def may_choose(self, operation: Operation) -> bool:
        """
        Whether a PUT creates the resource in its path, so that the run chooses the id.

        If the collection has a list, and the PUT does not document 201, it only changes resources.
        """
        collection, _, last = shape(operation.path).rstrip("/").rpartition("/")
        around = {other.method for other in self._by_path[collection]}
        known = "POST" in around or ("GET" in around and 201 not in operation.success)
        return last == "{}" and not known and may_choose(operation)

    def sources(self, need: Need) -> list[Source]:
        """All places an id can come from, the best first; never the operation itself."""
        found: dict[tuple[str, str, str, str], Source] = {}
        for source in self._all(need):
            if source.operation != need.operation.id:
                key = (source.operation, source.pointer or source.sent, source.world, source.header)
                found.setdefault(key, source)
        return list(found.values())

    def _all(self, need: Need) -> Iterator[Source]:
        prefix = shape(need.prefix).rstrip("/")
        makers = [o for o in self._by_path[prefix] if o.method == "POST"] if prefix else []
        yield from self._linked(need)
        if prefix and not makers:
            makers = self._nested_things.makers(self._by_path[f"{prefix}/{{}}"])
        for operation, field in self._ids.ranked(makers, need, listed=False):
            # The first row of a list may be older than this run.
            yield Source(COLLECTION, operation.id, field.pointer, field.rows == 0)
        yield from self._undocumented(makers)
        for maker in (maker for maker in makers if "Location" in headers(maker)):
            yield Source(COLLECTION, maker.id, "", True, header="Location", segment=True)
        if prefix:
            for operation, field in self._ids.exact(self._below[prefix], need):
                made = self._declared.get(operation.id) == field.pointer
                yield Source(COLLECTION, operation.id, field.pointer, made)
        yield from self._self_links(makers)
        yield from self._world(need)
        yield from self._declared_makers(need)
        yield from self._chosen(prefix, makers)
        yield from self._looked_up(need, prefix)
        lists = [o for o in self._by_path[prefix] if o.method == "GET"] if prefix else []
        yield from self._of(LISTED, self._ids.ranked(lists, need, listed=True), owned=False)
        by_stem = list(self._stem(need))
        yield from (source for source in by_stem if source.owned)
        yield from self._of(SAME_NAME, self._fields.same_name(need), owned=False)
        yield from self._nested(need)
        yield from by_stem

    def _undocumented(self, makers: list[Operation]) -> Iterator[Source]:
        """The ids that rules declare at places where the contract documents no field."""
        for maker in makers:
            pointer = self._declared.get(maker.id)
            known = {field.pointer for field in self._answers.fields(maker)}
            if pointer and pointer not in known:
                yield Source(COLLECTION, maker.id, pointer, True)

    def _declared_makers(self, need: Need) -> Iterator[Source]:
        """
        Operations that rules declare as creators of a resource with an id of the parameter's name.

        A resource with a path of its own below its creator (`/members/{user_id}`) is not owned at
        another path; there the id is only good for reading.
        """
        for operation, pointer in self._declared.items():
            name, path = pointer.rpartition("/")[2], OperationId(operation).path
            elsewhere = bool(need.prefix and self._items.get(shape(path)))
            if plain(name) != "id" and plain(name).endswith(plain(need.name)):
                yield Source(COLLECTION, operation, pointer, not elsewhere)

    def _world(self, need: Need) -> Iterator[Source]:
        for names, owned in ((self._rules.world_made, True), (self._rules.world, False)):
            for name in names:
                if plain(name) == plain(need.name):
                    yield Source(WORLD, "", "", owned, world=name)

    def _linked(self, need: Need) -> Iterator[Source]:
        """The source in a link of the contract; it does not prove who created the resource."""
        for location in ("path", "query"):
            for link in self._links.get((need.operation.id, f"{location}/{need.name}"), ()):
                made = link.pointer and link.pointer == self._made_for(link.source, need)
                yield Source(
                    LINK, link.source, link.pointer, bool(made), header=link.header, sent=link.sent
                )

    def _made_for(self, maker: str, need: Need) -> str | None:
        """The pointer of the new id, for a creating operation in the collection of the path."""
        operation = next((o for o in self._by_path[shape(need.prefix)] if o.id == maker), None)
        return self.created(operation) if operation is not None else None

    def _self_links(self, makers: list[Operation]) -> Iterator[Source]:
        """The last segment of a link to the resource itself (HAL, JSON:API)."""
        for maker in makers:
            for field in self._answers.fields(maker):
                if field.rows == 0 and field.pointer.endswith(SELF_LINKS):
                    yield Source(COLLECTION, maker.id, field.pointer, True, segment=True)
                    break

    def _chosen(self, prefix: str, makers: list[Operation]) -> Iterator[Source]:
        """An id that the run chooses itself: a PUT creates the resource."""
        if makers or not prefix:
            return
        for operation in self._by_path[f"{prefix}/{{}}"]:
            if self.may_choose(operation):
                name = operation.id.last_parameter
                yield Source(COLLECTION, operation.id, "", True, sent=f"/path/{name}")

    def _looked_up(self, need: Need, prefix: str) -> Iterator[Source]:
        """Another name of a resource: `/users/by-email/{x}` finds a user that `/users` creates."""
        around, _, last = prefix.rpartition("/")
        wanted = "".join(word for word in words(last) if word not in {"by", "with", "lookup"})
        if not around or "{" in last or not wanted:
            return
        for operation in self._by_path[around]:
            for field in self._answers.fields(operation) if operation.method != "PUT" else ():
                if plain(field.name) in {wanted, plain(need.name)} and fits(field, need):
                    # Owned only if the path has the name of the field: else it may be another one.
                    named = plain(field.name) == wanted and operation.method == "POST"
                    made = named and self.created(operation) is not None
                    level = COLLECTION if made else LISTED
                    yield Source(level, operation.id, field.pointer, made and field.rows == 0)
                    break

    def _nested(self, need: Need) -> Iterator[Source]:
        """A field of a related object in an answer: `{owner}` is the `login` of its `owner`."""
        near = shape(need.operation.path)
        rows = sorted(self._fields.inside(need), key=lambda row: -common(row[0].path, near))
        for operation, field in rows:
            yield Source(NESTED, operation.id, field.pointer, False)

    def _stem(self, need: Need) -> Iterator[Source]:
        about = singular(stem(need.name) or plain(need.name))
        operations = [
            operation
            for operation in self._by_collection.get(about, ())
            if names_collection(need.name, last_segment(operation.path)) or not stem(need.name)
        ]
        makers = [o for o in operations if o.method == "POST"]
        lists = [o for o in operations if o.method == "GET"]
        if not need.prefix:
            yield from self._undocumented(makers)
        rows = self._ids.ranked(makers, need, listed=False)
        for operation, field in rows:
            # /chat/threads/7 is not the thread 7 of /threads, so a path never owns such a source.
            # A body only has the name, which is enough if a single collection has that name.
            in_place = not need.prefix and len(rows) == 1
            owned = in_place and self.created(operation) == field.pointer
            yield Source(STEM, operation.id, field.pointer, owned)
        yield from self._of(STEM, self._ids.ranked(lists, need, listed=True), owned=False)

    def _of(
        self, level: int, rows: Iterable[tuple[Operation, Field]], owned: bool
    ) -> Iterator[Source]:
        for operation, field in rows:
            yield Source(level, operation.id, field.pointer, owned)
