"""Files of the provider: they come back the way they went in."""

from collections.abc import Mapping
from typing import Any

from smoke import Actor, Cleanup, Expect, Lists, Run, exercises, gate
from smoke.checks.quotas import within_quota
from smoke.checks.stored_text import TextStore
from smoke.checks.things import CONTAINER, EACH_KIND_APART, VECTOR_STORE

FILE = "GET /api/v1/openai/files/{file_id}/download"
IN_CONTAINER = "GET /api/v1/openai/containers/{container_id}/files/{file_id}/download"

pytestmark = [EACH_KIND_APART, VECTOR_STORE.alone]


@gate("storage")
@exercises(FILE)
async def test_file_of_a_store_comes_back(
    text_store: TextStore, viewer: Actor, expect: Expect, options: Mapping[str, Any]
) -> None:
    """A file of a store is downloaded, byte for byte where the provider is real."""
    file_id = (await text_store.file_path())["file_id"]
    download = expect(await viewer.call(FILE, file_id=file_id))
    download.that("some bytes", bool(download.exchange.body))
    same = download.exchange.body == text_store.text.encode()
    download.that("the bytes that were uploaded", same or options["provider"] != "real")


@CONTAINER.alone
@gate("storage")
@exercises(CONTAINER.create, IN_CONTAINER)
async def test_file_of_a_container_comes_back(
    text_store: TextStore,
    owner: Actor,
    expect: Expect,
    run: Run,
    session_cleanup: Cleanup,
    lists: Lists,
    options: Mapping[str, Any],
) -> None:
    """A file that a container was created with is downloaded from it."""
    file_id = (await text_store.file_path())["file_id"]
    body = {"name": f"smoke-{run.id}-files", "file_ids": [file_id]}
    sent = await owner.call(CONTAINER.create, json=body)
    created = expect(await within_quota(sent, owner, CONTAINER.list, lists))
    session_cleanup(owner, CONTAINER.delete, container_id=str(created.value("/id")))
    path: dict[str, Any] = {"container_id": str(created.value("/openai_id")), "file_id": file_id}
    download = expect(await owner.call(IN_CONTAINER, **path))
    same = download.exchange.body == text_store.text.encode()
    download.that("the bytes that were uploaded", same or options["provider"] != "real")
