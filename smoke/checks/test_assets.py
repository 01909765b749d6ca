"""Assets: found by their type, read, downloaded and deleted."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest_asyncio

from smoke import (
    Actor,
    Answer,
    Caller,
    Cleanup,
    Exchange,
    Expect,
    LeftOutError,
    Lists,
    Run,
    Seeding,
    exercises,
    gate,
    together,
)
from smoke.checks.things import EACH_KIND_APART, STORED_OBJECT, Things

LIST = "GET /api/v1/assets"
ONE = "/api/v1/assets/{asset_id}"
DELETE = f"DELETE {ONE}"
DOWNLOAD = f"GET {ONE}/download-url"
THUMBNAILS = "POST /api/v1/assets/thumbnail-urls"
SEED = "POST /api/v1/test-fixtures/apply"
OBJECT = "GET /api/v1/storage/objects/{object_id}/download-url"
REMOVE = "DELETE /api/v1/storage/objects/{object_id}"
# The name that seeding gives to the run's tenant.
SEEDED_NAME = "Smoke"
# What is seeded: by name, the type of asset and the media type.
TYPES = {"image": ("image", "image/png"), "text": ("file", "text/plain")}

pytestmark = [gate("storage"), EACH_KIND_APART]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asset_ids(
    owner: Actor,
    anonymous: Caller,
    seeding: Seeding,
    run: Run,
    things: Things,
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
    await things.get(STORED_OBJECT)  # a tenant's first upload makes a bucket
    slug = seeding.values["tenant"]
    keys = {name: f"{name}-{run.id}-{uuid4().hex[:8]}" for name in TYPES}
    tenant = {"slug": slug, "name": SEEDED_NAME, "assets": _wanted(keys)}
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asset_pages(viewer: Actor, lists: Lists, asset_ids: dict[str, str]) -> list[Answer]:
    """The list of assets, up to the image."""
    return await lists.pages(viewer, LIST, {"id": asset_ids["image"]})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def image(viewer: Actor, asset_ids: dict[str, str]) -> Exchange:
    """The detail of the image."""
    return await viewer.call(f"GET {ONE}", asset_id=asset_ids["image"])


@exercises(LIST)
async def test_filter_selects_assets_of_a_type(
    viewer: Actor, expect: Expect, lists: Lists, asset_ids: dict[str, str]
) -> None:
    """Each asset is listed among those of its type, and not among those of another."""
    for name, (kind, _) in TYPES.items():

        def shows(rows: list[dict[str, Any]], wanted: str = asset_ids[name]) -> bool:
            ours = [row["id"] for row in rows if row["id"] in asset_ids.values()]
            return ours == [wanted]

        rows = await lists.until(viewer, LIST, shows, asset_type=kind)
        expect.that(f"the {name} alone of these assets, once", shows(rows), len(rows))


@exercises(LIST, f"GET {ONE}", DOWNLOAD)
async def test_asset_is_read_and_downloaded(
    viewer: Actor,
    outsider: Actor,
    expect: Expect,
    lists: Lists,
    asset_pages: list[Answer],
    image: Exchange,
    asset_ids: dict[str, str],
) -> None:
    """The detail of an asset agrees with its row, and its tenant alone may download it."""
    asset_id = asset_ids["image"]
    row = lists.row_of(asset_pages, {"id": asset_id})
    download, stored, by_outsider = await together(
        [
            viewer.call(DOWNLOAD, asset_id=asset_id),
            viewer.call(OBJECT, object_id=row["storage_object_id"]),
            outsider.call(f"GET {ONE}", asset_id=asset_id),
        ]
    )
    detail = expect(image)
    for name in ("id", "asset_type", "filename", "mime_type", "storage_object_id"):
        detail.holds(f"/{name}", row[name])
    address = _place(expect(stored))
    given = expect(download).holds("/asset_id", asset_id)
    given.that("the address of its stored object", _place(given) == address, address)
    expect(by_outsider, 403, 404)


def _place(download: Answer) -> str:
    """The address of an object, without what signs it and lasts for a while."""
    address = urlsplit(str(download.value("/download_url")))
    return f"{address.netloc}{address.path}"


@exercises(THUMBNAILS, DELETE)
async def test_deleted_asset_is_gone(
    owner: Actor,
    viewer: Actor,
    outsider: Actor,
    expect: Expect,
    lists: Lists,
    asset_pages: list[Answer],
    image: Exchange,
    asset_ids: dict[str, str],
) -> None:
    """A deleted image has no thumbnail, and is neither read nor listed; the text stays."""
    image_id = asset_ids["image"]
    asked = {"asset_ids": [*asset_ids.values(), str(uuid4())]}
    before = expect(await viewer.call(THUMBNAILS, json=asked))
    shown = set(before.values("/items/*/asset_id"))
    before.that("the image, and nothing unknown", {image_id} <= shown <= set(asset_ids.values()))
    foreign = expect(await outsider.call(THUMBNAILS, json=asked), 200, 403, 404)
    foreign.lacks("/items/*/asset_id", image_id)
    lists.row_of(asset_pages, {"id": image_id})
    expect(image)
    expect(await owner.call(DELETE, asset_id=image_id))
    expect(await viewer.call(THUMBNAILS, json=asked)).lacks("/items/*/asset_id", image_id)
    expect(await viewer.call(f"GET {ONE}", asset_id=image_id), 404)
    left = await lists.lack(viewer, LIST, {"id": image_id})
    lists.row_of(left, {"id": asset_ids["text"]})
