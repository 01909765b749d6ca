"""Things that are created, read, listed and deleted; the run has one of each kind."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from smoke import Actor, Answer, Caller, Cleanup, Exchange, Expect, Lists, Run
from smoke.checks.quotas import within_quota


@dataclass(frozen=True)
class Kind:
    """
    A kind of thing: the operations of its life, and where its id and its name stand.

    `read` is empty where a thing can only be listed. `id` is a JSON pointer into the answer of
    `create`; lists and details have the id at `/id` and the name at `/<named>`. `unique` says that
    a second one of the same name is refused with 409. Deleting a thing that is not there, or that
    another tenant has, answers 404, or 204 where `forgiving`.
    """

    create: str
    list: str
    delete: str
    parameter: str
    read: str = ""
    id: str = "/id"
    named: str = "name"
    body: dict[str, Any] = field(default_factory=dict)
    unique: bool = True
    forgiving: bool = False

    @property
    def alone(self) -> pytest.MarkDecorator:
        """The mark of a check that uses the run's thing of this kind."""
        return pytest.mark.alone(f"the run's thing at {self.parameter}")

    @property
    def missing(self) -> tuple[int, ...]:
        """What deleting a thing answers that the caller does not have."""
        return (204, 404) if self.forgiving else (404,)


VECTOR_STORE = Kind(
    create="POST /api/v1/vector-stores",
    read="GET /api/v1/vector-stores/{vector_store_id}",
    list="GET /api/v1/vector-stores",
    delete="DELETE /api/v1/vector-stores/{vector_store_id}",
    parameter="vector_store_id",
    body={"description": "Made by a smoke run."},
)
CONTAINER = Kind(
    create="POST /api/v1/containers",
    read="GET /api/v1/containers/{container_id}",
    list="GET /api/v1/containers",
    delete="DELETE /api/v1/containers/{container_id}",
    parameter="container_id",
    body={"memory_limit": "1g"},
)
STORED_OBJECT = Kind(
    create="POST /api/v1/storage/objects/upload-url",
    list="GET /api/v1/storage/objects",
    delete="DELETE /api/v1/storage/objects/{object_id}",
    parameter="object_id",
    id="/object_id",
    named="filename",
    body={"mime_type": "text/plain", "size_bytes": 1},
    unique=False,
    forgiving=True,
)
# Things of different kinds have nothing in common but the fixture that makes them.
EACH_KIND_APART = pytest.mark.beside("things")

KINDS = {"vector_store": VECTOR_STORE, "container": CONTAINER, "stored_object": STORED_OBJECT}


@dataclass
class Things:
    """One living thing of each kind, created when a check first asks for it."""

    owner: Actor
    expect: Expect
    run: Run
    lists: Lists
    session_cleanup: Cleanup
    alive: dict[str, Answer] = field(default_factory=dict)
    making: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    # How the living things were shown, before any check changes them.
    pages: dict[str, list[Answer]] = field(default_factory=dict)
    details: dict[str, Exchange] = field(default_factory=dict)

    def name_of(self, kind: Kind) -> str:
        """Return the name that the run's thing of a kind has."""
        return f"smoke-{self.run.id}-{kind.parameter.replace('_', '-')}"

    async def get(self, kind: Kind) -> Answer:
        """Return the answer that created the run's thing of a kind."""
        # A fixture may ask for it while a check beside it does: they get the same thing.
        async with self.making[kind.create]:
            if kind.create not in self.alive:
                sent = await self.owner.call(kind.create, json=self.body_of(kind))
                created = self.expect(await within_quota(sent, self.owner, kind.list, self.lists))
                path = {kind.parameter: str(created.value(kind.id))}
                self.session_cleanup(self.owner, kind.delete, **path)
                self.alive[kind.create] = created
            return self.alive[kind.create]

    async def path_of(self, kind: Kind) -> dict[str, Any]:
        """Return the path value of the run's thing of a kind."""
        return {kind.parameter: str((await self.get(kind)).value(kind.id))}

    async def listed(self, kind: Kind, caller: Caller) -> list[Answer]:
        """Return the list with the run's thing of a kind, read once while the thing lives."""
        if kind.create not in self.pages:
            row = {"id": (await self.path_of(kind))[kind.parameter]}
            self.pages[kind.create] = await self.lists.pages(caller, kind.list, row)
        return self.pages[kind.create]

    async def detail(self, kind: Kind, caller: Caller) -> Exchange | None:
        """Return the detail of the run's thing, read once; None where things are only listed."""
        if kind.read and kind.create not in self.details:
            read = await caller.call(kind.read, **await self.path_of(kind))
            self.details[kind.create] = read
        return self.details.get(kind.create)

    def body_of(self, kind: Kind) -> dict[str, Any]:
        """Return the body that creates the run's thing of a kind."""
        return kind.body | {kind.named: self.name_of(kind)}

    def deleted(self, kind: Kind) -> None:
        """Note that a check has deleted the thing: the next one gets another."""
        for kept in (self.alive, self.pages, self.details):
            kept.pop(kind.create, None)
