"""Vector stores: a file is found by its words, and no longer found once it is removed."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest_asyncio

from smoke import (
    Actor,
    Answer,
    Exchange,
    Expect,
    LeftOutError,
    Lists,
    Run,
    exercises,
    gate,
    together,
)
from smoke.checks.stored_text import (
    FILE,
    OBJECT,
    SEARCH,
    STORE,
    UPLOAD,
    TextStore,
    found_files,
)
from smoke.checks.things import EACH_KIND_APART, VECTOR_STORE

ATTACH = f"POST {STORE}/files"
FILES = f"GET {STORE}/files"
BIND = f"POST {STORE}/bindings/{{agent_key}}"
UNBIND = f"DELETE {STORE}/bindings/{{agent_key}}"

pytestmark = [EACH_KIND_APART, VECTOR_STORE.alone]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def file_pages(text_store: TextStore, viewer: Actor, lists: Lists) -> list[Answer]:
    """The files of the store, up to the first text."""
    path = await text_store.file_path()
    return await lists.pages(viewer, FILES, {"openai_file_id": path["file_id"]}, **_store(path))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def file_detail(text_store: TextStore, viewer: Actor) -> Exchange:
    """The detail of the first text."""
    return await viewer.call(f"GET {FILE}", **await text_store.file_path())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def search(text_store: TextStore, viewer: Actor) -> Answer:
    """A search for a word of the first text, once the provider has had the time to index."""
    path = await text_store.file_path()
    return await text_store.search(viewer, text_store.word, path["file_id"], is_there=True)


@exercises(OBJECT, UPLOAD, FILES, f"GET {FILE}")
async def test_file_is_listed_and_read(
    text_store: TextStore,
    expect: Expect,
    lists: Lists,
    file_pages: list[Answer],
    file_detail: Exchange,
) -> None:
    """An uploaded file is listed once, and its detail agrees with its row."""
    path = await text_store.file_path()
    for exchange in text_store.made:
        expect(exchange)
    row = lists.row_of(file_pages, {"openai_file_id": path["file_id"]})
    detail = expect(file_detail)
    for name in ("vector_store_id", "filename", "openai_file_id"):
        detail.holds(f"/{name}", row[name])


@gate("storage")
@exercises(SEARCH)
async def test_file_is_found_by_its_words(
    text_store: TextStore, search: Answer, expect: Expect
) -> None:
    """A search for a word of the file finds the file."""
    file_id = (await text_store.file_path())["file_id"]
    found = found_files(expect(search.exchange))
    search.that("the file found by its word", file_id in found, found)


@exercises(OBJECT, SEARCH)
async def test_best_file_is_found_first(
    text_store: TextStore, viewer: Actor, expect: Expect, options: Mapping[str, Any]
) -> None:
    """The file that answers the question is found before one that does not."""
    if options["provider"] != "real":
        raise LeftOutError("options.provider is a stand-in, which need not rank by the question")
    text = "A loaf of bread is baked in the oven of the kitchen for an hour."
    bread = str((await text_store.put(text)).value("/openai_file_id"))
    best = [(await text_store.file_path())["file_id"], bread]
    asked = (f"Where does the {text_store.word} stand?", "How long is bread baked in the oven?")
    # A provider's index may be a moment late, so each search waits for the file that answers it.
    found = [
        found_files(await text_store.search(viewer, query, file_id, is_there=True))
        for query, file_id in zip(asked, best, strict=True)
    ]
    expect.that(
        "the answering file first", [files[:1] for files in found] == [[one] for one in best]
    )


@exercises(BIND, UNBIND)
async def test_store_is_bound_by_admins(
    text_store: TextStore, owner: Actor, viewer: Actor, expect: Expect, run: Run
) -> None:
    """
    An admin binds an agent to a store of the tenant, and releases it as often as wanted.

    The agent's key is the run's own, since it is not checked: no real agent is given a store.
    """
    path: dict[str, Any] = {**await text_store.path(), "agent_key": f"smoke-agent-{run.id}"}
    unknown = path | {"vector_store_id": str(uuid4())}
    by_viewer, to_nothing = await together([viewer.call(BIND, **path), owner.call(BIND, **unknown)])
    expect(by_viewer, 403)
    expect(to_nothing, 400, 404)
    for _ in range(2):
        expect(await owner.call(BIND, **path))
    run.own(UNBIND, path)
    for _ in range(2):
        expect(await owner.call(UNBIND, **path))


@gate("storage")
@exercises(f"DELETE {FILE}", ATTACH)
async def test_detached_file_is_gone(
    text_store: TextStore,
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    lists: Lists,
    file_pages: list[Answer],
    file_detail: Exchange,
    search: Answer,
    run: Run,
) -> None:
    """A detached file is neither listed nor read nor found; attached again, it is listed."""
    path, word = await text_store.file_path(), text_store.word
    row, store = {"openai_file_id": path["file_id"]}, _store(path)
    lists.row_of(file_pages, row)
    expect(file_detail)
    search.that("the file found", path["file_id"] in found_files(expect(search.exchange)))
    expect(await owner.call(f"DELETE {FILE}", **path))
    pages = await lists.lack(viewer, FILES, row, **store)
    for other in text_store.others(path["file_id"]):
        lists.row_of(pages, {"openai_file_id": other})
    expect(await viewer.call(f"GET {FILE}", **path), 404)
    left = await text_store.search(viewer, word, path["file_id"], is_there=False)
    left.that("the file not found when detached", path["file_id"] not in found_files(left))
    expect(await owner.call(ATTACH, json={"file_id": path["file_id"]}, **store))
    run.undoes(f"DELETE {FILE}", owner.name, path)
    await lists.row(viewer, FILES, row, **store)


def _store(path: dict[str, Any]) -> dict[str, Any]:
    """The part of a file's path that names its store."""
    return {"vector_store_id": path["vector_store_id"]}
