"""Life cycles: a created thing is there for its tenant, once, and gone when it is deleted."""

import pytest

from smoke import Actor, Expect, Lists, exercises, together
from smoke.checks.things import EACH_KIND_APART, KINDS, Kind, Things

pytestmark = EACH_KIND_APART


def _each(*parts: str, unique: bool = False) -> pytest.MarkDecorator:
    """Run a check for each kind; it exercises these parts of the kind's life."""
    rows = [
        pytest.param(
            kind,
            id=name,
            marks=[kind.alone, exercises(*filter(None, (getattr(kind, part) for part in parts)))],
        )
        for name, kind in KINDS.items()
        if kind.unique or not unique
    ]
    return pytest.mark.parametrize("kind", rows)


@_each("create", "read", "list")
async def test_created_thing_is_listed_and_read(
    kind: Kind, things: Things, viewer: Actor, expect: Expect, lists: Lists
) -> None:
    """A created thing is listed once under its name, and its detail agrees with its row."""
    created, path = expect((await things.get(kind)).exchange), await things.path_of(kind)
    row = lists.row_of(await things.listed(kind, viewer), {kind.named: things.name_of(kind)})
    created.that("its id in the list", row["id"] == path[kind.parameter], row)
    for read in filter(None, [await things.detail(kind, viewer)]):
        detail = expect(read)
        for name in ("id", kind.named, "tenant_id", "created_at"):
            detail.holds(f"/{name}", row[name])
        for name, value in kind.body.items():
            detail.holds(f"/{name}", value)


@_each("create", unique=True)
async def test_name_is_taken_while_the_thing_lives(
    kind: Kind, things: Things, owner: Actor, expect: Expect
) -> None:
    """A second thing of the same name is refused with 409."""
    expect((await things.get(kind)).exchange)
    expect(await owner.call(kind.create, json=things.body_of(kind)), 409)


@_each("list")
async def test_thing_belongs_to_its_tenant(
    kind: Kind, things: Things, viewer: Actor, outsider: Actor, expect: Expect, lists: Lists
) -> None:
    """Another tenant does not list a thing; a viewer neither creates nor deletes one."""
    path = await things.path_of(kind)
    row = {"id": path[kind.parameter]}
    lists.row_of(await things.listed(kind, viewer), row)
    await lists.lack(outsider, kind.list, row)
    deleted, created = await together(
        [
            viewer.call(kind.delete, **path),
            viewer.call(kind.create, json=kind.body | {kind.named: "smoke-not-created"}),
        ]
    )
    expect(deleted, 403)
    expect(created, 403)


@_each("create", "read", "list", "delete")
async def test_deleted_thing_is_gone(
    kind: Kind, things: Things, owner: Actor, viewer: Actor, expect: Expect, lists: Lists
) -> None:
    """A deleted thing is neither read nor listed nor deleted again, and its name is free."""
    expect((await things.get(kind)).exchange)
    path = await things.path_of(kind)
    row = {"id": path[kind.parameter]}
    lists.row_of(await things.listed(kind, viewer), row)
    for read in filter(None, [await things.detail(kind, viewer)]):
        expect(read)
    expect(await owner.call(kind.delete, **path))
    things.deleted(kind)
    for operation in filter(None, [kind.read]):
        expect(await viewer.call(operation, **path), 404)
    await lists.lack(viewer, kind.list, row)
    expect(await owner.call(kind.delete, **path), *kind.missing)
    if kind.unique:
        await things.get(kind)
