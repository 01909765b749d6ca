"""Can an asset be found, read and taken away?"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from smoke.auth import Actor, Caller
from smoke.checks import exercises
from smoke.checks.conftest import ReadAll
from smoke.errors import LeftOutError
from smoke.expect import Expect
from smoke.run import Run
from smoke.seed import Seeding

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

pytestmark = pytest.mark.gate("storage")


@pytest_asyncio.fixture(loop_scope="session")
async def asset_ids(
    owner: Actor,
    anonymous: Caller,
    seeding: Seeding,
    expect: Expect,
    run: Run,
    cleanup: Callable[..., None],
) -> dict[str, str]:
    """An image and a text that are seeded for this check, by name.

    Assets come from tools that a model calls, or from the fixtures; those can make them only
    where the tenant has a bucket already, and on some databases not at all.
    """
    if seeding.answer is None:
        raise LeftOutError("this target is not seeded by the run, so it has no asset of the run")
    await _make_bucket(owner, expect, run, cleanup)
    account = expect(await owner.call("GET /api/v1/tenants/account"))
    slug = str(account.value("/slug"))
    tenant = {"slug": slug, "name": account.value("/name"), "assets": _wanted(run)}
    seeded = await anonymous.call(SEED, json={"tenants": [tenant]})
    if seeded.status != 201:
        raise LeftOutError(f"this deployment cannot seed assets: {SEED} answered {seeded.status}")
    made = {name: seeded.json["tenants"][slug]["assets"][f"{name}-{run.id}"] for name in KINDS}
    for one in made.values():
        cleanup(owner, REMOVE, object_id=one["storage_object_id"])
        cleanup(owner, DELETE, asset_id=one["asset_id"])
    return {name: str(one["asset_id"]) for name, one in made.items()}


async def _make_bucket(
    owner: Actor, expect: Expect, run: Run, cleanup: Callable[..., None]
) -> None:
    """Ask for an upload: a tenant gets its bucket with the first."""
    wanted = {"filename": f"bucket-{run.id}.txt", "mime_type": "text/plain", "size_bytes": 5}
    upload = expect(await owner.call(UPLOAD, json=wanted))
    cleanup(owner, REMOVE, object_id=upload.value("/object_id"))


def _wanted(run: Run) -> list[dict[str, Any]]:
    return [
        {
            "key": f"{name}-{run.id}",
            "asset_type": kind,
            "filename": f"{name}-{run.id}",
            "mime_type": mime_type,
            "size_bytes": 5,
        }
        for name, (kind, mime_type) in KINDS.items()
    ]


@exercises(LIST, f"GET {ONE}", DOWNLOAD)
async def test_assets_are_listed_and_known(
    viewer: Actor,
    outsider: Actor,
    expect: Expect,
    run: Run,
    read_all: ReadAll,
    asset_ids: dict[str, str],
) -> None:
    """Each asset is listed by its kind, read, and can be downloaded; by its own tenant only."""
    for name, (kind, mime_type) in KINDS.items():
        asset_id = asset_ids[name]
        listed = [row["id"] for row in await read_all(viewer, LIST, asset_type=kind)]
        expect.that(f"the {name} among the assets of its type", asset_id in listed)
        one = expect(await viewer.call(f"GET {ONE}", asset_id=asset_id))
        one.holds("/id", asset_id).holds("/filename", f"{name}-{run.id}")
        one.holds("/asset_type", kind).holds("/mime_type", mime_type)
        expect(await viewer.call(DOWNLOAD, asset_id=asset_id)).holds("/asset_id", asset_id)
        expect(await outsider.call(f"GET {ONE}", asset_id=asset_id), 404)
    files = [row["id"] for row in await read_all(viewer, LIST, asset_type="file")]
    expect.that("no image among the files", asset_ids["image"] not in files)


@exercises(THUMBNAILS, DELETE)
async def test_deleted_asset_is_gone(
    owner: Actor, expect: Expect, read_all: ReadAll, asset_ids: dict[str, str]
) -> None:
    """An image has a thumbnail until it is deleted; then it is missing, not read, not listed."""
    image, stranger = asset_ids["image"], str(uuid4())
    asked = {"asset_ids": [*asset_ids.values(), stranger]}
    before = expect(await owner.call(THUMBNAILS, json=asked))
    before.lists("/items/*/asset_id", image).lacks("/items/*/asset_id", asset_ids["text"])
    before.lists("/missing_asset_ids/*", stranger).lacks("/missing_asset_ids/*", image)
    expect(await owner.call(DELETE, asset_id=image))
    after = expect(await owner.call(THUMBNAILS, json=asked))
    after.lists("/missing_asset_ids/*", image).lacks("/items/*/asset_id", image)
    expect(await owner.call(f"GET {ONE}", asset_id=image), 404)
    left = [row["id"] for row in await read_all(owner, LIST)]
    expect.that("the deleted asset no longer listed", image not in left)
    expect.that("the other asset still listed", asset_ids["text"] in left)
