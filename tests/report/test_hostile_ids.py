"""Ids that a service gives to what was made: the run takes away what it can, and only that."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import unquote

import pytest
import pytest_asyncio

from tests.loopback import Heard, Loopback, listening
from tests.report import hostile
from tests.report.outputs import OBEYED, all_read
from tests.smoking import Finished, smoke_run
from tests.unlike.projects import made

IDS: dict[str, Any] = {
    "plain": "7", "number": 7, "halves": "a\ud800b", "escapes": hostile.ESCAPES,
    "lines": hostile.LINES, "page": hostile.PAGE, "commands": hostile.COMMANDS,
    "up": "../plain/8", "dots": "..", "dot": ".", "empty": "", "none": None, "true": True,
    "slash": "a/b", "encoded": "%2e%2e%2fplain", "query": "8?all=1#x", "long": "x" * 100_000,
    "huge": 10**1000, "float": 1.5e300, "object": {"a": 1}, "list": ["8"], "template": "{id}",
    "backslash": "..\\plain\\8", "all": "*", "space": " 8 ", "percent": "%",
}  # fmt: skip
UNMAKABLE = {"up", "dots", "dot", "empty", "none", "backslash"}
"""What names another path, or nothing: it cannot be taken away, and must not be tried."""

RULES = """
[ready]
operation = "GET /ready"

[samples]
title = "smoke"

[[rule]]
operation = "POST *"
creates = "/id"
"""


def contract() -> dict[str, Any]:
    """A collection for each id, with things that are made, read and deleted."""
    ok = answered({"id": {"type": ["string", "integer"]}})
    one = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    body = {"required": True, "content": shape({"title": {"type": "string"}})}
    paths: dict[str, Any] = {"/ready": {"get": {"responses": {"200": {"description": ""}}}}}
    for name in IDS:
        read = {"parameters": one, "responses": ok}
        paths[f"/{name}"] = {"post": {"requestBody": body, "responses": ok}}
        paths[f"/{name}/{{id}}"] = {"get": read, "delete": read}
    info = {"title": "ids", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def shape(members: dict[str, Any]) -> dict[str, Any]:
    """JSON that has these members."""
    schema = {"type": "object", "required": list(members), "properties": members}
    return {"application/json": {"schema": schema}}


def answered(members: dict[str, Any]) -> dict[str, Any]:
    """An answer that has these members."""
    return {"200": {"description": "it is so", "content": shape(members)}}


async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
    """Make things with those ids, and say that everything else is there."""
    name = heard.line.split(" ")[1].split("/")[1]
    found = IDS.get(name)
    writer.write(hostile.reply(json.dumps({"id": found}).encode()))
    await writer.drain()
    writer.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ran(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Finished, Loopback]]:
    """A run against that service, and what the service heard."""
    folder = tmp_path_factory.mktemp("ids")
    (folder / "contract.json").write_text(json.dumps(contract()))
    async with listening(handle) as server:
        row = f'base_url = "{server.url}"'
        root = made(folder / "project", folder / "contract.json", RULES, row)
        run = await asyncio.to_thread(smoke_run, folder / "records", "--maxfail=0", root=root)
        yield run, server


def test_run_ends_and_its_files_can_be_read(ran: tuple[Finished, Loopback]) -> None:
    run, _ = ran
    assert run.code == 1, run.out[-2000:]
    all_read(run.records / "staging")
    assert OBEYED.findall(run.out) == []
    crashed = [r["text"][-300:] for r in run.record("check") if r["cause"] == "harness"]
    assert crashed == []


def test_what_was_made_is_deleted_and_nothing_else(ran: tuple[Finished, Loopback]) -> None:
    _, server = ran
    deleted = [h.line.split(" ")[1] for h in server.heard if h.line.startswith("DELETE ")]
    for path in deleted:
        name, thing = path.split("/")[1:]
        made = IDS[name]
        text = made if isinstance(made, str) else json.dumps(made, separators=(",", ":"))
        assert unquote(thing, errors="surrogatepass") == text
    certain = {"plain", "number", "halves", "escapes", "true", "float", "object", "list"}
    assert {path.split("/")[1] for path in deleted} >= certain
    assert {path.split("/")[1] for path in deleted} & UNMAKABLE == set()


def test_ids_are_written_down_as_they_are(ran: tuple[Finished, Loopback]) -> None:
    run, _ = ran
    undone = {row["operation"].split("/")[1]: row["path"]["id"] for row in run.record("undo")}
    for name in ("halves", "escapes", "lines", "commands", "long", "query"):
        assert undone[name] == IDS[name], name
