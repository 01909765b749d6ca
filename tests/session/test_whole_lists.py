"""Whole lists: an earlier read of a list counts until a request may have changed the list."""

import json
from typing import Any

import pytest

from smoke.contract.paging import Dialect, Paging
from smoke.plan import FilledRequest
from smoke.plan.wire import Body
from smoke.session.lists import whole_list
from tests.results.records import begun, sent

LIST = "GET /books"
ASKED = FilledRequest(LIST, LIST, "owner", {}, {"shelf": 3}, {}, Body())
PAGING = Paging(Dialect.CURSOR, "limit", 1, 100, "cursor", 1, "/items", "/next_cursor")
URL = "http://127.0.0.1:8000/books?shelf=3"


def page(more: Any = None) -> bytes:
    return json.dumps({"items": [{"id": 1}], "next_cursor": more}).encode()


@pytest.mark.parametrize("url", [URL, f"{URL}&limit=100"])
def test_list_that_was_just_read_is_known(url: str) -> None:
    run = begun(None)
    read = sent(run, LIST, url=url, body=page())
    sent(run, "GET /books/{book_id}")
    assert whole_list(ASKED, PAGING, run) is read


@pytest.mark.parametrize(
    "more",
    [
        {"url": "http://127.0.0.1:8000/books"},
        {"url": f"{URL}&limit=5"},
        {"url": f"{URL}&cursor=x"},
        {"actor": "viewer"},
        {"status": 500},
        {"body": page("x")},
        {"forgotten": True},
    ],
    ids=["other filter", "small page", "later page", "other actor", "failed", "cut", "shortened"],
)
def test_other_read_is_not_the_whole_list(more: dict[str, Any]) -> None:
    run = begun(None)
    status = more.pop("status", 200)
    sent(run, LIST, status, **{"url": URL, "body": page(), **more})
    assert whole_list(ASKED, PAGING, run) is None


@pytest.mark.parametrize(
    ("operation", "status", "known"),
    [
        ("POST /books", 201, False),
        ("DELETE /books/{book_id}", 204, False),
        ("DELETE /books/{book_id}", 404, True),
        ("POST /books/{book_id}/loans", 201, True),
        ("POST /films", 201, True),
    ],
)
def test_list_that_may_have_changed_is_read_again(operation: str, status: int, known: bool) -> None:
    run = begun(None)
    read = sent(run, LIST, url=URL, body=page())
    sent(run, operation, status)
    assert whole_list(ASKED, PAGING, run) is (read if known else None)


def test_list_that_lost_a_row_is_read_again_so_that_the_row_is_looked_for() -> None:
    run = begun(None)
    sent(run, "DELETE /books/{book_id}", 204)
    sent(run, LIST, url=URL, body=page())
    assert whole_list(ASKED, PAGING, run) is None
