"""Assets: found by their type, read, downloaded and deleted."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest_asyncio

from smoke import (
    Actor,
    Caller,
    Cleanup,
    Expect,
    LeftOutError,
    Lists,
    Run,
    Seeding,
    exercises,
    gate,
    together,
)

LIST = "GET /api/v1/assets"
ONE = "/api/v1/assets/{asset_id}"
DELETE = f"DELETE {ONE}"
DOWNLOAD = f"GET {ONE}/download-url"
THUMBNAILS = "POST /api/v1/assets/thumbnail-urls"
SEED = "POST /api/v1/test-fixtures/apply"
UPLOAD = "POST /api/v1/uploads/agent-input"
REMOVE = "DELETE /api/v1/storage/objects/{object_id}"
# What is seeded: by name, the type of asset and the media type.
TYPES = {"image": ("image", "image/png"), "text": ("file", "text/plain")}

pytestmark = gate("storage")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asset_ids(
    owner: Actor,
    anonymous: Caller,
    seeding: Seeding,
    expect: Expect,
    run: Run,
    session_cleanup: Cleanup,
) -> AsyncIterator[dict[str, str]]:
    """
    An image and a text that are seeded for these checks, by name.

    Assets come from tools that a model calls, or from the fixtures; those can make them only where
    the tenant has a bucket already, and on some databases not at all. An asset with a key that an
    earlier run used might come back deleted, so the keys are of these checks alone.
    """
    if seeding.answer is None:
        raise LeftOutError("this target is not seeded by the run, so it has no asset of the run")
    wanted = {"filename": f"bucket-{run.id}.txt", "mime_type": "text/plain", "size_bytes": 5}
    upload = expect(await owner.call(UPLOAD, json=wanted))  # a tenant's first upload makes a bucket
    session_cleanup(owner, REMOVE, object_id=upload.value("/object_id"))
    account = expect(await owner.call("GET /api/v1/tenants/account"))
    slug = str(account.value("/slug"))
    keys = {name: f"{name}-{run.id}-{uuid4().hex[:8]}" for name in TYPES}
    tenant = {"slug": slug, "name": account.value("/name"), "assets": _wanted(keys)}
    seeded = await anonymous.call(SEED, json={"tenants": [tenant]})
    if seeded.status != 201:
        raise LeftOutError(f"this deployment cannot seed assets: {SEED} answered {seeded.status}")
    made = {name: seeded.json["tenants"][slug]["assets"][key] for name, key in keys.items()}
    for one in made.values():
        session_cleanup(owner, REMOVE, object_id=one["storage_object_id"])
        session_cleanup(owner, DELETE, asset_id=one["asset_id"])
    yield {name: str(one["asset_id"]) for name, one in made.items()}


def _wanted(keys: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "asset_type": TYPES[name][0],
            "filename": key,
            "mime_type": TYPES[name][1],
            "size_bytes": 5,
        }
        for name, key in keys.items()
    ]


@exercises(LIST)
async def test_filter_selects_assets_of_a_type(
    viewer: Actor, lists: Lists, asset_ids: dict[str, str]
) -> None:
    """Each asset is listed among those of its type, and not among those of another."""
    image, text = ({"id": asset_ids[name]} for name in ("image", "text"))
    await lists.row(viewer, LIST, image, asset_type="image")
    await lists.row(viewer, LIST, text, asset_type="file")
    await lists.lack(viewer, LIST, image, asset_type="file")
    await lists.lack(viewer, LIST, text, asset_type="image")


@exercises(LIST, f"GET {ONE}", DOWNLOAD)
async def test_asset_is_read_and_downloaded(
    viewer: Actor, outsider: Actor, expect: Expect, lists: Lists, asset_ids: dict[str, str]
) -> None:
    """The detail of an asset agrees with its row, and its tenant alone may download it."""
    asset_id = asset_ids["image"]
    row = await lists.row(viewer, LIST, {"id": asset_id})
    one, download, by_outsider = await together(
        [
            viewer.call(f"GET {ONE}", asset_id=asset_id),
            viewer.call(DOWNLOAD, asset_id=asset_id),
            outsider.call(f"GET {ONE}", asset_id=asset_id),
        ]
    )
    detail = expect(one)
    for name in ("id", "asset_type", "filename", "mime_type", "storage_object_id"):
        detail.holds(f"/{name}", row[name])
    expect(download).holds("/asset_id", asset_id)
    expect(by_outsider, 403, 404)


@exercises(THUMBNAILS, DELETE)
async def test_deleted_asset_is_gone(
    owner: Actor, viewer: Actor, expect: Expect, lists: Lists, asset_ids: dict[str, str]
) -> None:
    """A deleted image has no thumbnail, and is neither read nor listed; the text stays."""
    image = asset_ids["image"]
    asked = {"asset_ids": [*asset_ids.values(), str(uuid4())]}
    before = expect(await viewer.call(THUMBNAILS, json=asked))
    shown = set(before.values("/items/*/asset_id"))
    before.that("the image, and nothing unknown", {image} <= shown <= set(asset_ids.values()))
    await lists.row(owner, LIST, {"id": image})
    expect(await owner.call(f"GET {ONE}", asset_id=image))
    expect(await owner.call(DELETE, asset_id=image))
    expect(await viewer.call(THUMBNAILS, json=asked)).lacks("/items/*/asset_id", image)
    expect(await owner.call(f"GET {ONE}", asset_id=image), 404)
    await lists.lack(owner, LIST, {"id": image})
    await lists.row(owner, LIST, {"id": asset_ids["text"]})
