"""Removed rows: a row that is as before its DELETE is red in every later answer of its list."""

import json
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.results.expectations import Expect, Mismatch
from smoke.results.run import Run
from tests.results.records import begun, sent

ALL, GONE = "GET /books", "DELETE /books/{book_id}"
SEVEN, EIGHT = {"id": 7, "title": "Ulysses", "pages": 8}, {"id": 8, "title": "Emma", "pages": 7}
LATER = 5.0


def contract() -> Contract:
    row = {"type": "object", "properties": {"id": {"type": "integer"}}}
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": row}}}
    listed = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    gone = {"204": {"description": ""}}
    books = {"get": {"responses": listed}, "post": {"responses": listed}}
    paths = {"/books": books, "/books/{book_id}": {"delete": {"responses": gone}}}
    info = {"title": "t", "version": "1"}
    return Contract({"openapi": "3.1.0", "info": info, "paths": paths})


def listed(run: Run, *rows: dict[str, Any], **more: Any) -> None:
    expect = Expect(contract(), run, lambda _: (200,))
    expect(sent(run, ALL, body=json.dumps({"items": rows}).encode(), **more))


def test_row_that_is_back_is_red_and_named() -> None:
    run = begun(None)
    listed(run, SEVEN, EIGHT)
    sent(run, GONE, 204)
    with pytest.raises(Mismatch, match="The row of '7' is as before, 5 s after DELETE /books"):
        listed(run, SEVEN, EIGHT, started_s=LATER)


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ([EIGHT], {}),
        ([{**SEVEN, "status": "deleted"}, EIGHT], {}),
        ([SEVEN, EIGHT], {"actor": "viewer"}),
        ([SEVEN, EIGHT], {"started_s": 0.5}),
        ([SEVEN, EIGHT], {"url": "http://127.0.0.1:8000/shelves/1/books"}),
    ],
    ids=["gone", "marked", "another actor", "at once", "another list"],
)
def test_list_without_the_row_as_it_was_is_right(rows: Any, more: dict[str, Any]) -> None:
    run = begun(None)
    listed(run, SEVEN, EIGHT)
    sent(run, GONE, 204)
    listed(run, *rows, **{"started_s": LATER, **more})


@pytest.mark.parametrize("status", [202, 404])
def test_row_whose_removal_is_not_done_may_stay(status: int) -> None:
    run = begun(None)
    listed(run, SEVEN)
    sent(run, GONE, status)
    listed(run, SEVEN, started_s=LATER)


def test_row_that_was_made_again_may_be_there() -> None:
    run = begun(None)
    listed(run, SEVEN)
    sent(run, GONE, 204)
    sent(run, "POST /books", 200, body=json.dumps(SEVEN).encode())
    listed(run, SEVEN, started_s=LATER)


def test_row_of_a_thing_that_a_delete_only_empties_may_stay() -> None:
    run = begun(None)
    listed(run, SEVEN)
    sent(run, GONE, 204)
    sent(run, "GET /books/{book_id}", body=b'{"pages": []}')
    listed(run, SEVEN, started_s=LATER)


def test_row_that_was_never_listed_proves_nothing() -> None:
    run = begun(None)
    listed(run, EIGHT)
    sent(run, GONE, 204)
    listed(run, SEVEN, EIGHT, started_s=LATER)
