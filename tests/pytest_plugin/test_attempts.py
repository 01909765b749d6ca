"""Attempts of another tenant: what they need first, and when their owner must read the thing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.http.client import Client
from smoke.plan import Entry, FilledRequest, Plan, Pool
from smoke.plan.wire import Body
from smoke.pytest_plugin.derived.attempts import Attempt, attempts_of, not_found, things_before
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.caller import Caller
from smoke.session.replay import Replay
from tests.loopback import Heard, answer, listening
from tests.results.records import READ, begun, sent

MAKE, RENAME, CLOSE = "POST /shops", "PATCH /shops/{shop_id}", "POST /shops/{shop_id}/close"
LOOK = "GET /shops/{shop_id}"
OPEN, EXTEND = "PUT /tenants/{tenant_id}/lease", "POST /tenants/{tenant_id}/lease/extension"
SHOP = {"shop_id": {"$from": MAKE, "pointer": "/id", "owned": True}}
TENANT = {"tenant_id": "9"}
MOST = (MAKE, RENAME)
PLAN = (
    Entry(MAKE, MAKE, "create", "owner", (201,), creates="/id"),
    Entry(LOOK, LOOK, "read", "owner", (200,), path=SHOP, needs=(MAKE,)),
    Entry(RENAME, RENAME, "update", "owner", (200,), path=SHOP, needs=(MAKE,)),
    Entry(CLOSE, CLOSE, "act", "owner", (200,), path=SHOP, needs=MOST),
    Entry(OPEN, OPEN, "act", "owner", (200,), path=TENANT),
    Entry("look around", "GET /shops", "list", "owner", (200,), needs=(OPEN,)),
    Entry(EXTEND, EXTEND, "act", "owner", (200,), path=TENANT, needs=("look around",)),
)


@asynccontextmanager
async def replaying() -> AsyncIterator[tuple[Replay, Any]]:
    paths: dict[str, Any] = {}
    for entry in PLAN:
        method, _, path = entry.operation.partition(" ")
        responses = {str(status): {"description": ""} for status in entry.expect}
        paths.setdefault(path, {})[method.lower()] = {"responses": responses}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    contract, plan = Contract(document, "t.json"), Plan("", "", {}, PLAN)

    async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
        status = 201 if heard.line.startswith("POST /shops ") else 200
        await answer(status, json.dumps({"id": 7}).encode())(heard, writer)

    async with listening(handle) as here:
        run = Run("t", Secrets())
        client = Client(Target("t", base_url=here.url, timeout_s=5.0), contract, run)
        expect = Expect(contract, run, lambda name: plan.by_name[name].expect)
        try:
            yield Replay(client, plan, Pool(run.id), expect, lambda _: Caller(client)), here
        finally:
            await client.close()


@pytest.mark.parametrize(
    ("name", "first"),
    [(CLOSE, ["POST /shops"]), (EXTEND, ["PUT /tenants/9/lease"])],
    ids=["names its thing by an answer", "lies below what was made"],
)
async def test_attempt_needs_its_thing_and_not_the_order_of_the_plan(
    name: str, first: list[str]
) -> None:
    async with replaying() as (replay, here):
        (found,) = await attempts_of([replay.plan.by_name[name]], replay)
        assert found.filled.operation == name
        assert [heard.line.rpartition(" ")[0] for heard in here.heard] == first


@pytest.mark.parametrize(
    ("status", "seen", "operation", "unproven"),
    [
        (404, False, READ, True),
        (410, False, READ, True),
        (404, True, READ, False),
        (403, False, READ, False),
        (404, False, "DELETE /books/{book_id}", False),
    ],
    ids=["not found", "gone", "read before", "forbidden", "a write"],
)
def test_only_what_was_not_found_and_never_read_is_unproven(
    status: int, seen: bool, operation: str, unproven: bool
) -> None:
    run = begun(None)
    if seen:
        sent(run, READ)
    entry = Entry(operation, operation, "read", "owner", (200,))
    filled = FilledRequest(operation, operation, "owner", {"book_id": "7"}, {}, {}, Body())
    tried = [(Attempt(entry, filled, None), sent(run, operation, status, actor="outsider"))]
    assert not_found(tried, run) == (tried if unproven else [])


@pytest.mark.parametrize(
    ("between", "again"),
    [(None, []), (MAKE, []), (RENAME, ["GET /shops/7"]), (CLOSE, ["GET /shops/7"])],
    ids=["nothing", "another thing made", "a change", "something below it"],
)
async def test_thing_that_the_check_has_just_read_is_not_read_once_more(
    between: str | None, again: list[str]
) -> None:
    async with replaying() as (replay, here):
        path: dict[str, Any] = {"shop_id": "7"}
        rename = FilledRequest(RENAME, RENAME, "owner", path, {}, {}, Body(), owned=True)
        look = FilledRequest(LOOK, LOOK, "anonymous", path, {}, {}, Body())
        attempt = Attempt(replay.plan.by_name[RENAME], rename, look)
        await replay.send(look, replay.caller("owner"))
        if between:
            named: dict[str, Any] = path if "{" in between else {}
            await replay.caller("owner").call(between, **named)
        before = len(here.heard)
        shown = await things_before([attempt], replay)
        assert shown == {"/shops/7": {"id": 7}}
        assert [heard.line.rpartition(" ")[0] for heard in here.heard[before:]] == again
