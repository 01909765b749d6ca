"""Replay: what one wrong answer means for the requests that depend on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from smoke.config.rules import parse
from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.errors import BlockedError
from smoke.http.client import Client
from smoke.plan import Pool
from smoke.plan.build.builder import build
from smoke.results.expectations import Expect, Mismatch
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.caller import Caller
from smoke.session.replay import Replay
from tests.loopback import Heard, answer, listening
from tests.planning import SEND, operation

THING = {
    "type": "object",
    "required": ["id", "note"],
    "properties": {"id": {"type": "integer"}, "note": {"type": "string"}},
}
MAKE, READ = "POST /things", "GET /things/{id}"


@asynccontextmanager
async def replaying(status: int, body: bytes, rules: str = "") -> AsyncIterator[tuple[Replay, Any]]:
    """A replay against a service with one answer to POST; any other request succeeds."""
    paths = {"/things": {"post": operation(THING)}, "/things/{id}": {"get": operation({})}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    contract = Contract(document, "t.json")
    plan = build(contract, parse(f"{SEND}{rules}", "r.toml"))

    async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
        usual = not heard.line.startswith("POST")
        await answer(*((200, b"{}") if usual else (status, body)))(heard, writer)

    async with listening(handle) as here:
        run = Run("t", Secrets())
        client = Client(Target("t", base_url=here.url, timeout_s=5.0), contract, run)
        expect = Expect(contract, run, lambda name: plan.by_name[name].expect)
        try:
            yield Replay(client, plan, Pool(run.id), expect, lambda _: Caller(client)), here
        finally:
            await client.close()


@pytest.mark.parametrize(
    ("status", "body"), [(200, b'{"id": 7, "note": null}'), (201, b'{"id": 7, "note": "x"}')]
)
async def test_wrong_answer_is_reported_once_and_still_feeds_dependents(
    status: int, body: bytes
) -> None:
    async with replaying(status, body) as (replay, here):
        with pytest.raises(Mismatch):
            await replay.answer(replay.plan.by_name[MAKE])
        await replay.answer(replay.plan.by_name[READ])
        assert [heard.line.rpartition(" ")[0] for heard in here.heard] == [
            "POST /things",
            "GET /things/7",
        ]


async def test_refused_request_blocks_its_dependents() -> None:
    async with replaying(400, b'{"id": 7}') as (replay, _):
        with pytest.raises(Mismatch):
            await replay.answer(replay.plan.by_name[MAKE])
        with pytest.raises(BlockedError):
            await replay.answer(replay.plan.by_name[READ])


async def test_rule_that_expects_an_undocumented_status_means_it() -> None:
    rules = f'[[rule]]\noperation = "{MAKE}"\nexpect = [200, 201]\n'
    async with replaying(201, b'{"id": 7}', rules) as (replay, _):
        await replay.answer(replay.plan.by_name[MAKE])
        assert MAKE in replay.client.run.succeeded
