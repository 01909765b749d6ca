"""Known things: what a check has left is used for requests that must be refused, while it lives."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.http.client import Client
from smoke.http.policy import Policy
from smoke.plan import Entry, Plan, Pool
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.caller import Caller
from smoke.session.replay import Replay
from tests.loopback import Heard, Loopback, answer, listening

MAKE, ONE = "POST /shops", "/shops/{shop_id}"
READ, RENAME, DELETE = f"GET {ONE}", f"PATCH {ONE}", f"DELETE {ONE}"
BIND, UNBIND = f"PUT {ONE}/lease", f"DELETE {ONE}/lease"
SAVE, HIRE = "POST /photos", f"POST {ONE}/photos"
SHOP = {"shop_id": {"$from": MAKE, "pointer": "/id", "owned": True}}
PHOTO = {"photo": {"$from": SAVE, "pointer": "/id"}}
KIND = "application/json"
PLAN = (
    Entry(MAKE, MAKE, "create", "owner", (201,), creates="/id"),
    Entry(SAVE, SAVE, "create", "owner", (201,), creates="/id"),
    Entry(READ, READ, "read", "owner", (200,), path=SHOP, needs=(MAKE,)),
    Entry(RENAME, RENAME, "update", "owner", (200,), path=SHOP, needs=(MAKE,)),
    Entry(BIND, BIND, "act", "owner", (200,), path=SHOP, needs=(MAKE,)),
    Entry(UNBIND, UNBIND, "act", "owner", (200,), path=SHOP, needs=(MAKE, BIND)),
    Entry(HIRE, HIRE, "act", "owner", (200,), path=SHOP, needs=(MAKE, SAVE), body=PHOTO,
          media_type=KIND),
)  # fmt: skip


@asynccontextmanager
async def replaying() -> AsyncIterator[tuple[Replay, Caller, Loopback, set[str]]]:
    """A replay, the owner, a service, and the shops that it does not find."""
    paths: dict[str, Any] = {}
    for operation in (DELETE, *(entry.operation for entry in PLAN)):
        method, _, path = operation.partition(" ")
        responses = {str(status): {"description": ""} for status in (200, 201, 204)}
        paths.setdefault(path, {})[method.lower()] = {"responses": responses}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    contract, plan = Contract(document, "t.json"), Plan("", "", {}, PLAN)
    lost: set[str] = set()

    async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
        method, path, _ = heard.line.split(" ")
        status = 404 if path in lost else 201 if method == "POST" else 200
        last = path.rpartition("/")[2]
        number = int(last) if last.isdigit() else 7 + len(here.heard)
        await answer(status, json.dumps({"id": number}).encode())(heard, writer)

    async with listening(handle) as here:
        run = Run("t", Secrets())
        policy = Policy(creates={MAKE: "/id", SAVE: "/id"})
        client = Client(Target("t", base_url=here.url, timeout_s=5.0), contract, run, policy)
        expect = Expect(contract, run, lambda name: plan.by_name[name].expect)
        replay = Replay(client, plan, Pool(run.id), expect, lambda name: Caller(client, name))
        try:
            yield replay, Caller(client, "owner"), here, lost
        finally:
            await client.close()


async def shop_of(caller: Caller) -> str:
    return str((await caller.call(MAKE)).json["id"])


async def asked_for(name: str, replay: Replay, here: Loopback) -> tuple[Any, list[str]]:
    """The request of an entry for a known thing, and what was sent to find it."""
    before = len(here.heard)
    filled = await replay.known.filled(replay.plan.by_name[name])
    return filled, [heard.line.rpartition(" ")[0] for heard in here.heard[before:]]


async def test_thing_that_a_check_has_left_is_read_and_used() -> None:
    async with replaying() as (replay, owner, here, _):
        shop = await shop_of(owner)
        filled, sent = await asked_for(RENAME, replay, here)
        assert dict(filled.path) == {"shop_id": shop}
        assert filled.owned
        assert sent == [f"GET /shops/{shop}"]
        # It was read a moment ago, so another request to it costs nothing.
        assert (await asked_for(READ, replay, here))[1] == []


async def test_of_two_things_the_one_that_was_used_more_is_taken() -> None:
    async with replaying() as (replay, owner, here, _):
        shops = [await shop_of(owner) for _ in range(2)]
        await owner.call(READ, shop_id=shops[0])
        filled, _ = await asked_for(RENAME, replay, here)
        assert filled.path["shop_id"] == shops[0]


@pytest.mark.parametrize("way", ["removed", "not found", "of others", "shown to others", "none"])
async def test_thing_that_is_gone_or_not_of_the_run_is_not_used(way: str) -> None:
    async with replaying() as (replay, owner, here, lost):
        if way == "of others":
            await owner.call(READ, shop_id="3")
        elif way != "none":
            shop = await shop_of(owner)
        if way == "shown to others":
            await Caller(owner.client, "outsider").call(READ, shop_id=shop)
        if way == "removed":
            await owner.call(DELETE, shop_id=shop)
        if way == "not found":
            lost.add(f"/shops/{shop}")
        filled, sent = await asked_for(READ if way == "of others" else RENAME, replay, here)
        assert filled is None
        assert sent == ([f"GET /shops/{shop}"] if way == "not found" else [])


async def test_plan_makes_what_must_be_at_the_path_beside_the_thing() -> None:
    async with replaying() as (replay, owner, here, _):
        await shop_of(owner)
        assert await asked_for(UNBIND, replay, here) == (None, [])


async def test_what_the_plan_has_made_itself_comes_first() -> None:
    async with replaying() as (replay, owner, here, _):
        await shop_of(owner)
        await replay.answer(replay.plan.by_name[MAKE])
        assert await asked_for(RENAME, replay, here) == (None, [])


async def test_body_is_that_of_an_earlier_request_where_the_plan_has_no_value() -> None:
    async with replaying() as (replay, owner, here, _):
        shop = await shop_of(owner)
        assert (await asked_for(HIRE, replay, here))[0] is None
        await owner.call(HIRE, shop_id=shop, json={"photo": 5})
        filled, _ = await asked_for(HIRE, replay, here)
        assert filled.body.value == {"photo": 5}


async def test_last_request_is_repeated_only_where_the_run_made_what_it_names() -> None:
    async with replaying() as (replay, owner, _, _):
        hire = replay.plan.by_name[HIRE]
        assert replay.known.repeated(hire) is None
        await owner.call(HIRE, shop_id="3", json={"photo": 4})
        assert replay.known.repeated(hire) is None
        shop = await shop_of(owner)
        await owner.call(HIRE, shop_id=shop, json={"photo": 5})
        filled = replay.known.repeated(hire)
        assert filled is not None
        assert (dict(filled.path), filled.body.value) == ({"shop_id": shop}, {"photo": 5})
