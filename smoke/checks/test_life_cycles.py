"""Is what is created there for its tenant, once, and gone when it is deleted?

One row of `THINGS` for each resource whose life is the same: created, read, listed, deleted, gone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from smoke import Actor, Answer, Cleanup, Expect, Lists, Run, exercises, together
from smoke.checks.quotas import within_quota

Create = Callable[["Thing", str], Awaitable[Answer]]


@dataclass(frozen=True)
class Thing:
    """A resource: the operations of its life, and where its id and its name stand.

    `read` is empty where a resource can only be listed. `id` is a JSON pointer into the answer of
    `create`; lists and details have the id at `/id` and the name at `/<named>`. `unique` says that
    a second one of the same name is refused with 409. Deleting what is not there, or is another
    tenant's, answers 404, or 204 where `forgiving`.
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
    def missing(self) -> tuple[int, ...]:
        """What deleting something answers that the caller does not have."""
        return (204, 404) if self.forgiving else (404,)


VECTOR_STORE = Thing(
    create="POST /api/v1/vector-stores",
    read="GET /api/v1/vector-stores/{vector_store_id}",
    list="GET /api/v1/vector-stores",
    delete="DELETE /api/v1/vector-stores/{vector_store_id}",
    parameter="vector_store_id",
    body={"description": "Made by a smoke run."},
)
CONTAINER = Thing(
    create="POST /api/v1/containers",
    read="GET /api/v1/containers/{container_id}",
    list="GET /api/v1/containers",
    delete="DELETE /api/v1/containers/{container_id}",
    parameter="container_id",
    body={"memory_limit": "1g"},
)
STORED_OBJECT = Thing(
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
THINGS = {"vector store": VECTOR_STORE, "container": CONTAINER, "stored object": STORED_OBJECT}


def _each(*parts: str, things: dict[str, Thing] = THINGS) -> pytest.MarkDecorator:
    """Run a check for each thing; it exercises these parts of the thing's life."""
    rows = [
        pytest.param(
            thing,
            id=word.replace(" ", "_"),
            marks=exercises(*filter(None, (getattr(thing, part) for part in parts))),
        )
        for word, thing in things.items()
    ]
    return pytest.mark.parametrize("thing", rows)


@pytest.fixture
def create(owner: Actor, expect: Expect, run: Run, cleanup: Cleanup, lists: Lists) -> Create:
    """Creates a thing under a name of this run and of the check's own."""

    async def created(thing: Thing, purpose: str) -> Answer:
        name = {thing.named: f"smoke-{run.id}-{purpose}"}
        sent = await owner.call(thing.create, json=thing.body | name)
        made = expect(await within_quota(sent, owner, thing.list, lists))
        cleanup(owner, thing.delete, **{thing.parameter: str(made.value(thing.id))})
        return made

    return created


@_each("create", "read", "list", "delete")
async def test_thing_lives_until_it_is_deleted(
    thing: Thing, create: Create, owner: Actor, viewer: Actor, expect: Expect, lists: Lists
) -> None:
    """A thing that is created is read and listed by its name; deleted, it is neither."""
    made = await create(thing, "life")
    thing_id = str(made.value(thing.id))
    place: dict[str, Any] = {thing.parameter: thing_id}
    rows = await lists.rows(viewer, thing.list, {"id": thing_id})
    made.that("the thing listed, once", len(rows) == 1, len(rows))
    name = rows[0][thing.named]
    made.that("its name in the list", str(name).endswith("-life"), name)
    for operation in filter(None, [thing.read]):
        expect(await viewer.call(operation, **place)).holds("/id", thing_id)
    expect(await owner.call(thing.delete, **place))
    for operation in filter(None, [thing.read]):
        expect(await viewer.call(operation, **place), 404)
    await lists.lack(viewer, thing.list, {"id": thing_id})
    expect(await owner.call(thing.delete, **place), *thing.missing)


@_each("create", things={word: thing for word, thing in THINGS.items() if thing.unique})
async def test_name_is_taken_while_the_thing_lives(
    thing: Thing, create: Create, owner: Actor, expect: Expect
) -> None:
    """A second thing of the same name is refused with 409, and the name is free after a delete."""
    made = await create(thing, "name")
    name: dict[str, Any] = {thing.named: made.value(f"/{thing.named}")}
    expect(await owner.call(thing.create, json=thing.body | name), 409)
    place: dict[str, Any] = {thing.parameter: str(made.value(thing.id))}
    expect(await owner.call(thing.delete, **place))
    await create(thing, "name")


@_each("create", "list")
async def test_thing_is_its_tenant_s_own(
    thing: Thing,
    create: Create,
    viewer: Actor,
    outsider: Actor,
    expect: Expect,
    lists: Lists,
) -> None:
    """Another tenant neither sees nor deletes a thing; a viewer neither makes nor deletes one."""
    thing_id = str((await create(thing, "own")).value(thing.id))
    place: dict[str, Any] = {thing.parameter: thing_id}
    await lists.row(viewer, thing.list, {"id": thing_id})
    for operation in filter(None, [thing.read]):
        expect(await viewer.call(operation, **place))
    await lists.lack(outsider, thing.list, {"id": thing_id})
    body = thing.body | {thing.named: "smoke-not-made"}
    reads = [outsider.call(operation, **place) for operation in filter(None, [thing.read])]
    foreign_delete, deleted, made, *read = await together(
        [
            outsider.call(thing.delete, **place),
            viewer.call(thing.delete, **place),
            viewer.call(thing.create, json=body),
            *reads,
        ]
    )
    for exchange in read:
        expect(exchange, 403, 404)
    expect(foreign_delete, 403, *thing.missing)
    expect(deleted, 403)
    expect(made, 403)
    listed = await lists.rows(viewer, thing.list, {"id": thing_id})
    expect.that("the thing still there", bool(listed))
