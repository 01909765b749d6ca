"""Is a file found by what it says, best first, and not found when it is gone?"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest_asyncio

from smoke import Actor, Cleanup, Expect, LeftOutError, Lists, Run, exercises, together
from smoke.checks.text_store import FILE, OBJECT, SEARCH, STORE, UPLOAD, TextStore, opened_store

ATTACH = f"POST {STORE}/files"
FILES = f"GET {STORE}/files"
BIND = f"POST {STORE}/bindings/{{agent_key}}"
UNBIND = f"DELETE {STORE}/bindings/{{agent_key}}"


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


@exercises(OBJECT, UPLOAD, ATTACH, FILES, f"GET {FILE}", f"DELETE {FILE}", SEARCH)
async def test_file_is_found_until_it_is_deleted(
    store: TextStore, owner: Actor, viewer: Actor, expect: Expect, run: Run
) -> None:
    """An uploaded file is listed and found by its words; deleted it is neither; attached, again."""
    word = f"lighthouse{run.id}"
    file = await store.put(f"The {word} stands on the cliff, behind the old harbour.")
    file_id = str(file.value("/openai_file_id"))
    place: dict[str, Any] = {"vector_store_id": store.store_id}
    expect(await viewer.call(FILES, **place)).lists("/items/*/openai_file_id", file_id)
    detail = expect(await viewer.call(f"GET {FILE}", file_id=file_id, **place))
    detail.holds("/vector_store_id", store.store_id)
    found = await store.finds(viewer, word, [file_id])
    expect.that("the file found by its word", found == [file_id], found)
    expect(await owner.call(f"DELETE {FILE}", file_id=file_id, **place))
    expect(await viewer.call(FILES, **place)).lacks("/items/*/openai_file_id", file_id)
    expect(await viewer.call(f"GET {FILE}", file_id=file_id, **place), 404)
    found = await store.finds(viewer, word, [])
    expect.that("nothing found of a deleted file", not found, found)
    expect(await owner.call(ATTACH, json={"file_id": file_id}, **place))
    found = await store.finds(viewer, word, [file_id])
    expect.that("the file found again", found == [file_id], found)


@exercises(OBJECT, SEARCH)
async def test_best_file_is_found_first(store: TextStore, viewer: Actor, expect: Expect) -> None:
    """Of two files, the one that answers the question is found before the one that does not."""
    texts = (
        "The keeper of the lighthouse lives on the cliff by the harbour.",
        "A loaf of bread is baked in the oven of the kitchen for an hour.",
    )
    files = await together(map(store.put, texts))
    best = [str(file.value("/openai_file_id")) for file in files]
    asked = ("Who lives in the lighthouse on the cliff?", "How long is bread baked in the oven?")
    found = await together(store.found(viewer, query) for query in asked)
    if found[0] == found[1]:
        raise LeftOutError("the provider, or what stands in for it, does not rank by the question")
    expect.that("the answering file first", [files[:1] for files in found] == [best[:1], best[1:]])


@exercises(BIND, UNBIND)
async def test_store_is_bound_by_its_own_admins(
    store: TextStore, owner: Actor, viewer: Actor, outsider: Actor, expect: Expect, run: Run
) -> None:
    """An agent is bound to a store of the tenant by an admin, and by nobody else.

    The contract lists the bindings of an agent nowhere: what can be seen is who may bind what, and
    that binding and unbinding may be repeated. The agent's key is the run's own, since it is not
    checked: no real agent is given a store.
    """
    agent = f"smoke-agent-{run.id}"
    place: dict[str, Any] = {"vector_store_id": store.store_id, "agent_key": agent}
    unknown = place | {"vector_store_id": str(uuid4())}
    by_viewer, by_outsider, to_nothing = await together(
        [viewer.call(BIND, **place), outsider.call(BIND, **place), owner.call(BIND, **unknown)]
    )
    expect(by_viewer, 403)
    expect(by_outsider, 403, 404)
    expect(to_nothing, 400, 404)
    for _ in range(2):
        expect(await owner.call(BIND, **place))
    for _ in range(2):
        expect(await owner.call(UNBIND, **place))


@exercises(OBJECT, FILES)
async def test_other_tenant_does_not_search(
    store: TextStore, outsider: Actor, viewer: Actor, expect: Expect
) -> None:
    """The owner of another tenant can neither search a store nor list or take its files."""
    file = await store.put("What one tenant writes, another does not read.")
    file_id = str(file.value("/openai_file_id"))
    place: dict[str, Any] = {"vector_store_id": store.store_id}
    expect(await viewer.call(FILES, **place)).lists("/items/*/openai_file_id", file_id)
    searched, listed, deleted = await together(
        [
            outsider.call(SEARCH, json={"query": "tenant"}, **place),
            outsider.call(FILES, **place),
            outsider.call(f"DELETE {FILE}", file_id=file_id, **place),
        ]
    )
    expect(searched, 403, 404)
    expect(listed, 403, 404)
    expect(deleted, 204, 403, 404)
    expect(await viewer.call(FILES, **place)).lists("/items/*/openai_file_id", file_id)
