"""A list has each of its rows once, as far as the contract says what identifies a row."""

import json
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.results.exchange import Exchange
from smoke.results.passive.rows import rows_are_listed_once

ROW = {"type": "object", "properties": {"id": {"type": "string"}}}
OK: dict[str, Any] = {"200": {"description": "fine"}}


def contract(below: str = "/books/{book_key}") -> Contract:
    """A list of books, and an operation below it."""
    rows = {"schema": {"type": "array", "items": ROW}}
    listed = {"200": {"description": "rows", "content": {"application/json": rows}}}
    paths: dict[str, Any] = {"/books": {"get": {"responses": listed}}}
    paths[below] = {"get": {"responses": OK}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    return Contract.parse(json.dumps(document), "books.json")


def findings(rows: Any, below: str = "/books/{book_key}", status: int = 200) -> list[str]:
    """What the rule finds in an answer with these rows."""
    exchange = Exchange(1, "c", "owner", "GET /books", "GET", "http://127.0.0.1/books", 0.0, {})
    exchange.status, exchange.body = status, json.dumps(rows).encode()
    return [found.message for found in rows_are_listed_once(exchange, contract(below))]


@pytest.mark.parametrize("member", ["id", "book_key", "key"])
def test_row_that_is_listed_twice_is_found(member: str) -> None:
    rows = [{member: "a", "n": 1}, {member: "b", "n": 2}, {member: "a", "n": 3}]
    assert findings(rows) == [f"2 rows have the {member} 'a'."]
    assert findings(rows[:2]) == []


@pytest.mark.parametrize(
    "rows",
    [
        [{"author": "a"}, {"author": "a"}],
        [{"id": None}, {"id": None}],
        [{"id": "a"}, {"name": "a"}],
        [{"id": True}, {"id": True}],
        ["a", "a"],
        {"items": 1},
    ],
)
def test_rows_without_an_identity_may_be_alike(rows: Any) -> None:
    assert findings(rows) == []


def test_list_whose_rows_the_contract_reads_nowhere_is_left_alone() -> None:
    assert findings([{"id": "a"}, {"id": "a"}], below="/shelves/{shelf_id}") == []


def test_only_an_answer_with_rows_is_looked_at() -> None:
    assert findings([{"id": "a"}, {"id": "a"}], status=404) == []
