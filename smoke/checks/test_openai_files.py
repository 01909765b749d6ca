"""Do the provider's files come back the way they went in, and only to their tenant?"""

from collections.abc import Mapping
from typing import Any

import pytest_asyncio

from smoke import Actor, Cleanup, Expect, Lists, Run, exercises
from smoke.checks.quotas import within_quota
from smoke.checks.text_store import OBJECT, UPLOAD, TextStore, opened_store

FILE = "GET /api/v1/openai/files/{file_id}/download"
IN_CONTAINER = "GET /api/v1/openai/containers/{container_id}/files/{file_id}/download"
CONTAINERS = "GET /api/v1/containers"
CREATE = "POST /api/v1/containers"
DELETE = "DELETE /api/v1/containers/{container_id}"


@pytest_asyncio.fixture(loop_scope="session")
async def store(
    owner: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    options: Mapping[str, Any],
    lists: Lists,
) -> TextStore:
    """An empty store of the check's own."""
    return await opened_store(owner, expect, run, cleanup, options, lists)


@exercises(OBJECT, UPLOAD, FILE)
async def test_file_of_a_store_comes_back(
    store: TextStore, viewer: Actor, outsider: Actor, expect: Expect, run: Run
) -> None:
    """A file of a store is downloaded byte for byte, and not by another tenant."""
    text = f"Downloaded by run {run.id}: äöü €."
    file_id = str((await store.put(text)).value("/openai_file_id"))
    download = expect(await viewer.call(FILE, file_id=file_id))
    download.that("the bytes that were uploaded", download.exchange.body == text.encode())
    expect(await outsider.call(FILE, file_id=file_id), 403, 404)


@exercises(OBJECT, UPLOAD, CREATE, IN_CONTAINER)
async def test_file_of_a_container_comes_back(
    store: TextStore,
    owner: Actor,
    outsider: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    lists: Lists,
) -> None:
    """A file that a container was made with is downloaded from it, and not by another tenant."""
    text = f"In the container of run {run.id}."
    file_id = str((await store.put(text)).value("/openai_file_id"))
    body = {"name": f"smoke-{run.id}-files", "file_ids": [file_id]}
    sent = await owner.call(CREATE, json=body)
    made = expect(await within_quota(sent, owner, CONTAINERS, lists))
    cleanup(owner, DELETE, container_id=str(made.value("/id")))
    place: dict[str, Any] = {"container_id": str(made.value("/openai_id")), "file_id": file_id}
    download = expect(await owner.call(IN_CONTAINER, **place))
    download.that("the bytes that were uploaded", download.exchange.body == text.encode())
    expect(await outsider.call(IN_CONTAINER, **place), 403, 404)
