"""What a killed run left in the service's lists is found by the run's id, and only that."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from smoke.config.rules import Excepted
from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.http.client import Client
from smoke.http.policy import Policy
from smoke.plan import Entry, Plan
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.caller import Caller
from smoke.session.cleanup.remains import Remover, Trace, remains, removers
from tests.loopback import Heard, answer, listening

RUN = "1a2b3c4d"
UUID = "1a2b3c4d-0000-4000-8000-000000000000"
BOOKS: list[dict[str, Any]] = [
    {"id": "1", "title": "smoke-1a2b3c4d"},
    {"id": "2", "title": "somebody's"},
    {"id": "3", "title": "x", "notes": [{"by": {"agent": "smoke run=1a2b3c4d"}}]},
    {"id": UUID, "title": "an id that begins like the run's", "owner": UUID},
    {"id": "5", "title": "smoke-1a2b3c4d5", "tags": [1, None]},
    {"id": "6", "title": "for order-1a2b3c4d, please"},
]
BODY = {"reason": "over"}
BEGAN = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
TRACE = Trace(RUN, BEGAN)


def contract(*paging: str) -> Contract:
    """A shelf with these paging parameters of its list, and the usual removers."""
    names = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in paging]
    most = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 4}}
    answers = {"responses": {"200": {"description": "ok"}}}
    one = {"name": "book_id", "in": "path", "required": True, "schema": {"type": "string"}}
    named = {**answers, "parameters": [one]}
    paths = {
        "/books": {"get": {**answers, "parameters": [most, *names]}, "post": answers},
        "/books/{book_id}": {"delete": named, "get": named},
        "/books/{book_id}/burn": {"post": named},
        "/films/{book_id}": {"delete": named},
        "/maps": {"get": answers},
        "/maps/{book_id}/fold": {"post": named},
    }
    info = {"title": "shelf", "version": "1"}
    return Contract({"openapi": "3.1.0", "info": info, "paths": paths})


def plan(*entries: Entry) -> Plan:
    return Plan("", "", {}, entries)


def entry(operation: str, **more: Any) -> Entry:
    given = {"phase": "", "actor": "reader", "expect": (200,), "destructive": True, **more}
    return Entry(name=operation, operation=operation, **given)


FOLD, BURN = "POST /maps/{book_id}/fold", "POST /books/{book_id}/burn"
DELETE = "DELETE /books/{book_id}"


def test_removers_come_from_plan_and_contract() -> None:
    path = {"book_id": {"$from": "POST /books", "pointer": "/made/isbn"}}
    made = plan(entry(DELETE, path=path), entry(BURN), entry(FOLD, body=BODY, actor="operator"))
    found = removers(contract(), made, Policy(destroys=made.destroys), "local")
    assert found == [
        Remover(DELETE, "GET /books", "book_id", "reader", ("book_id", "isbn", "id")),
        Remover(FOLD, "GET /maps", "book_id", "operator", ("book_id", "id"), BODY),
    ]


@pytest.mark.parametrize(
    "unsent", [{"excepted": Excepted("no")}, {"problem": "who?"}, {"body": {"a": {"$from": "x"}}}]
)
def test_unsendable_entry_is_not_a_remover(unsent: dict[str, Any]) -> None:
    made = plan(entry(FOLD, **unsent))
    assert removers(contract(), made, Policy(destroys=frozenset({FOLD})), "local") == []


def paged(books: list[dict[str, Any]], query: dict[str, str], dialect: str) -> Any:
    """A page of two books, in one of the dialects that name the next page."""
    place = int(query.get("cursor", query.get("offset", "0")))
    page, after = books[place : place + 2], place + 2
    more = after < len(books)
    pages: dict[str, dict[str, Any]] = {
        "cursor": {"next_cursor": str(after) if more else None},
        "offset": {"next_offset": after if more else None},
        "total": {"total": len(books)},
    }
    return {"books": page, **pages[dialect]}


@pytest.mark.parametrize(
    ("dialect", "parameter"), [("cursor", "cursor"), ("offset", "offset"), ("total", "offset")]
)
async def test_things_of_the_run_are_found_on_every_page(dialect: str, parameter: str) -> None:
    asked: list[str] = []

    async def shelf(heard: Heard, writer: asyncio.StreamWriter) -> None:
        url = urlsplit(heard.line.split()[1])
        asked.append(url.query)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        await answer(200, json.dumps(paged(BOOKS, query, dialect)).encode())(heard, writer)

    async with listening(shelf) as server:
        client = Client(Target("t", base_url=server.url), contract(parameter), Run("t", Secrets()))
        remover = Remover(DELETE, "GET /books", "book_id", "reader", ("book_id", "id"))
        found = [thing async for thing in remains(Caller(client), remover, TRACE)]
        await client.close()
    assert found == ["1", "3", "6"]
    assert asked == ["limit=4", f"limit=4&{parameter}=2", f"limit=4&{parameter}=4"]


async def test_an_id_has_the_name_of_its_parameter_where_it_is_there() -> None:
    rows = [{"book_id": "7", "id": "row 1", "title": RUN}, {"title": RUN}]
    async with listening(answer(200, json.dumps(rows).encode())) as server:
        client = Client(Target("t", base_url=server.url), contract(), Run("t", Secrets()))
        remover = Remover(DELETE, "GET /books", "book_id", "reader", ("book_id", "id"))
        assert [thing async for thing in remains(Caller(client), remover, TRACE)] == ["7"]
        await client.close()


@pytest.mark.parametrize(("status", "body"), [(403, b"{}"), (200, b"{}"), (200, b"<p>")])
async def test_who_is_shown_no_list_finds_nothing(status: int, body: bytes) -> None:
    async with listening(answer(status, body)) as server:
        client = Client(Target("t", base_url=server.url), contract(), Run("t", Secrets()))
        remover = Remover(DELETE, "GET /books", "book_id", "reader", ("book_id", "id"))
        assert [thing async for thing in remains(Caller(client), remover, TRACE)] == []
        await client.close()


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({}, True),
        ({"created_at": "2026-01-02T11:59:00Z"}, True),
        ({"asset_created_at": "2026-01-02T12:00:01"}, True),
        ({"created_at": "2026-01-02T11:54:00Z"}, False),
        ({"created_at": "2026-01-02T13:00:00+02:00"}, False),
        ({"created_at": "long ago"}, False),
        ({"created_at": None}, False),
        ({"updated_at": "2025-01-01T00:00:00Z"}, True),
    ],
)
def test_thing_older_than_the_run_is_not_its_own(more: dict[str, Any], left: bool) -> None:
    assert TRACE.is_left_by("1", {"title": RUN, **more}) is left


def test_account_of_a_sign_in_is_kept_even_if_renamed() -> None:
    trace = Trace(RUN, BEGAN)
    trace.kept.add("1")
    assert not trace.is_left_by("1", {"title": RUN})


def test_thing_that_names_a_thing_of_the_run_is_its_own() -> None:
    trace = Trace(RUN, BEGAN, [UUID])
    assert trace.is_left_by("1", {"shelf_id": UUID})
    assert not trace.is_left_by("1", {"shelf_id": UUID.replace("8000", "8001")})
    trace.kept.add(UUID)
    assert not trace.is_left_by("1", {"shelf_id": UUID})
