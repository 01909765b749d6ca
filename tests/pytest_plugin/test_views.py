"""Whole runs against a list and its details: they agree, disagree, or only seem to."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.smoking import Finished, smoke_run
from tests.unlike.projects import ended, made, verdict
from tests.unlike.serve import serving

ROWS = [{"id": f"book-{number}", "title": f"Title {number}", "read": 0} for number in range(3)]
CHECK = "views.views_agree"
Row = dict[str, Any]


def contract() -> str:
    fields = {"id": {"type": "string"}, "title": {"type": "string"}, "read": {"type": "integer"}}
    schemas = {"Book": {"type": "object", "properties": fields}}
    book = {"$ref": "#/components/schemas/Book"}

    def read(schema: Any, *parameters: Any) -> dict[str, Any]:
        answer = {"description": "", "content": {"application/json": {"schema": schema}}}
        return {"get": {"parameters": list(parameters), "responses": {"200": answer}}}

    named = {"in": "path", "name": "book_id", "required": True, "schema": {"type": "string"}}
    paths = {
        "/books": read({"type": "array", "items": book}),
        "/books/{book_id}": read(book, named),
    }
    info = {"title": "books", "version": "1"}
    return json.dumps(
        {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
    )


def run(tmp_path: Path, row: Callable[[Row], Row], detail: Callable[[Row], Row]) -> Finished:
    app, folder = FastAPI(), tmp_path / "data"
    folder.mkdir()
    (folder / "books.json").write_text(contract(), encoding="utf-8")
    app.get("/books")(lambda: [row(dict(one)) for one in ROWS])

    @app.get("/books/{book_id}")
    def read(book_id: str) -> Row:
        return detail(dict(next(one for one in ROWS if one["id"] == book_id)))

    with serving(app) as url:
        rules = '[login]\nkind = "none"\n'
        root = made(tmp_path / "project", folder / "books.json", rules, f'base_url = "{url}"')
        return smoke_run(tmp_path, "--maxfail=0", root=root)


def same(row: Row) -> Row:
    return row


def test_views_that_agree_cost_no_request(tmp_path: Path) -> None:
    found = run(tmp_path, same, same)
    assert found.code == 0, found.out
    assert ended(found)[CHECK] == "passed"
    assert len(found.sent()) == 2


def test_row_and_detail_that_disagree_are_red_and_named(tmp_path: Path) -> None:
    found = run(tmp_path, same, lambda row: {**row, "title": row["title"].upper()[:3]})
    assert found.code == 1, found.out
    assert ended(found)[CHECK] == "failed"
    assert "title as GET /books has it: 'Title 0', got 'TIT'" in verdict(found)


def test_value_that_moves_by_itself_is_no_disagreement(tmp_path: Path) -> None:
    numbers = count(1)
    found = run(tmp_path, lambda row: {**row, "read": next(numbers)}, same)
    assert found.code == 0, found.out


@pytest.mark.parametrize("shown_old", [1, 2])
def test_list_that_follows_late_is_noted(tmp_path: Path, shown_old: int) -> None:
    visits = count(1)

    def late(row: Row) -> Row:
        first = row["id"] == "book-0"
        return {**row, "title": "old"} if first and next(visits) <= shown_old else row

    found = run(tmp_path, late, same)
    assert found.code == 0, found.out
    assert ended(found)[CHECK] == "passed"
