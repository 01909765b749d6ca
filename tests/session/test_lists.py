"""Lists: a list that shows a write late is looked at once more, and no more often."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.http.client import Client
from smoke.results.expectations import Expect, Mismatch
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session import lists as room
from smoke.session.caller import Caller
from smoke.session.lists import Lists
from tests.loopback import Heard, answer, listening

ALL = "GET /books"
BOOK: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "string"}}}
ITEMS = {"type": "object", "properties": {"items": {"type": "array", "items": BOOK}}}
ANSWER = {"description": "all", "content": {"application/json": {"schema": ITEMS}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "shelf", "version": "1"},
    "paths": {"/books": {"get": {"responses": {"200": ANSWER}}}},
}


@asynccontextmanager
async def showing(*states: list[str]) -> AsyncIterator[tuple[Lists, Caller, Run]]:
    """Lists of a service that shows one state after the other, and then the last one."""
    left = list(states)

    async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
        ids = left.pop(0) if len(left) > 1 else left[0]
        body = json.dumps({"items": [{"id": one} for one in ids]}).encode()
        await answer(200, body)(heard, writer)

    async with listening(handle) as here:
        contract, run = Contract(DOCUMENT), Run("t", Secrets())
        client = Client(Target("t", base_url=here.url), contract, run)
        try:
            yield Lists(Expect(contract, run, lambda _: (200,))), Caller(client), run
        finally:
            await client.close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look comes at once: the server counts looks, not seconds."""
    monkeypatch.setattr(room, "SECOND_LOOK_S", 0.0)


async def test_row_that_is_listed_late_is_found_and_noted_once() -> None:
    async with showing([], ["7"], [], ["7"]) as (lists, caller, run):
        for _ in range(2):
            assert await lists.row(caller, ALL, {"id": "7"}) == {"id": "7"}
        assert run.notes == ["eventual consistency: GET /books was right only 0 s later"]


async def test_row_that_is_listed_at_once_is_looked_for_once() -> None:
    async with showing(["7"]) as (lists, caller, run):
        await lists.row(caller, ALL, {"id": "7"})
        assert (len(run.exchanges), run.notes) == (1, [])


async def test_pages_wait_for_the_row_and_are_read_for_several_checks() -> None:
    async with showing([], ["7"]) as (lists, caller, run):
        pages = await lists.pages(caller, ALL, {"id": "7"})
        assert lists.row_of(pages, {"id": "7"}) == {"id": "7"}
        assert len(run.exchanges) == 2


async def test_pages_without_the_row_are_those_of_the_second_look() -> None:
    async with showing([], ["8"]) as (lists, caller, _):
        pages = await lists.pages(caller, ALL, {"id": "7"})
        assert lists.rows_of(pages) == [{"id": "8"}]
        with pytest.raises(Mismatch, match="one row with"):
            lists.row_of(pages, {"id": "7"})


async def test_row_that_is_never_listed_is_a_mismatch() -> None:
    async with showing([]) as (lists, caller, run):
        with pytest.raises(Mismatch, match="one row with"):
            await lists.row(caller, ALL, {"id": "7"})
        assert (len(run.exchanges), run.notes) == (2, [])


async def test_deleted_row_may_leave_the_list_late_but_must_leave_it() -> None:
    async with showing(["7"], ["7"], [], ["8"]) as (lists, caller, run):
        await lists.row(caller, ALL, {"id": "7"})
        await lists.lack(caller, ALL, {"id": "7"})
        assert len(run.notes) == 1
        await lists.row(caller, ALL, {"id": "8"})
        with pytest.raises(Mismatch, match="no row with"):
            await lists.lack(caller, ALL, {"id": "8"})


async def test_rows_are_read_until_they_show_what_is_expected() -> None:
    async with showing(["7"], ["7", "8"]) as (lists, caller, run):
        rows = await lists.until(caller, ALL, lambda rows: len(rows) == 2)
        assert [row["id"] for row in rows] == ["7", "8"]
        assert len(run.notes) == 1
