"""Can an asset be found, read and taken away?"""

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
KINDS = {"image": ("image", "image/png"), "text": ("file", "text/plain")}
"""What is seeded: by name, the type of asset and the media type."""

pytestmark = gate("storage")


@pytest_asyncio.fixture(loop_scope="session")
async def asset_ids(
    owner: Actor,
    anonymous: Caller,
    seeding: Seeding,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
) -> dict[str, str]:
    """An image and a text that are seeded for this check, by name.

    Assets come from tools that a model calls, or from the fixtures; those can make them only
    where the tenant has a bucket already, and on some databases not at all. What has its key from
    a check before might come back deleted, so the keys are of this check alone.
    """
    if seeding.answer is None:
        raise LeftOutError("this target is not seeded by the run, so it has no asset of the run")
    await _make_bucket(owner, expect, run, cleanup)
    account = expect(await owner.call("GET /api/v1/tenants/account"))
    slug = str(account.value("/slug"))
    keys = {name: f"{name}-{run.id}-{uuid4().hex[:8]}" for name in KINDS}
    tenant = {"slug": slug, "name": account.value("/name"), "assets": _wanted(keys)}
    seeded = await anonymous.call(SEED, json={"tenants": [tenant]})
    if seeded.status != 201:
        raise LeftOutError(f"this deployment cannot seed assets: {SEED} answered {seeded.status}")
    made = {name: seeded.json["tenants"][slug]["assets"][key] for name, key in keys.items()}
    for one in made.values():
        cleanup(owner, REMOVE, object_id=one["storage_object_id"])
        cleanup(owner, DELETE, asset_id=one["asset_id"])
    return {name: str(one["asset_id"]) for name, one in made.items()}


async def _make_bucket(owner: Actor, expect: Expect, run: Run, cleanup: Cleanup) -> None:
    """Ask for an upload: a tenant gets its bucket with the first."""
    wanted = {"filename": f"bucket-{run.id}.txt", "mime_type": "text/plain", "size_bytes": 5}
    upload = expect(await owner.call(UPLOAD, json=wanted))
    cleanup(owner, REMOVE, object_id=upload.value("/object_id"))


def _wanted(keys: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "asset_type": KINDS[name][0],
            "filename": key,
            "mime_type": KINDS[name][1],
            "size_bytes": 5,
        }
        for name, key in keys.items()
    ]


@exercises(LIST, f"GET {ONE}", DOWNLOAD)
async def test_assets_are_listed_and_known(
    viewer: Actor,
    outsider: Actor,
    expect: Expect,
    lists: Lists,
    asset_ids: dict[str, str],
) -> None:
    """Each asset is listed by its kind, read, and can be downloaded; by its own tenant only."""
    for name, (kind, _) in KINDS.items():
        asset_id = asset_ids[name]
        rows = await lists.rows(viewer, LIST, {"id": asset_id}, asset_type=kind)
        expect.that(f"the {name} among the assets of its type, once", len(rows) == 1, len(rows))
        one, download, by_outsider = await together(
            [
                viewer.call(f"GET {ONE}", asset_id=asset_id),
                viewer.call(DOWNLOAD, asset_id=asset_id),
                outsider.call(f"GET {ONE}", asset_id=asset_id),
            ]
        )
        expect(one).holds("/id", asset_id).holds("/asset_type", kind)
        expect(download).holds("/asset_id", asset_id)
        expect(by_outsider, 403, 404)
    await lists.lack(viewer, LIST, {"id": asset_ids["image"]}, asset_type="file")


@exercises(THUMBNAILS, DELETE)
async def test_deleted_asset_is_gone(
    owner: Actor, expect: Expect, lists: Lists, asset_ids: dict[str, str]
) -> None:
    """An image has a thumbnail until it is deleted; then it has none, nor is it read or listed."""
    image, stranger = asset_ids["image"], str(uuid4())
    asked = {"asset_ids": [*asset_ids.values(), stranger]}
    before = expect(await owner.call(THUMBNAILS, json=asked))
    shown = set(before.values("/items/*/asset_id"))
    before.that("the image, and nothing unknown", {image} <= shown <= set(asset_ids.values()))
    await lists.row(owner, LIST, {"id": image})
    expect(await owner.call(f"GET {ONE}", asset_id=image))
    expect(await owner.call(DELETE, asset_id=image))
    expect(await owner.call(THUMBNAILS, json=asked)).lacks("/items/*/asset_id", image)
    expect(await owner.call(f"GET {ONE}", asset_id=image), 404)
    await lists.lack(owner, LIST, {"id": image})
    other = await lists.rows(owner, LIST, {"id": asset_ids["text"]})
    expect.that("the other asset still listed", bool(other))
