"""Whole runs against a service with three paged lists: each dialect, sound and broken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request

from tests.smoking import Finished, smoke_run
from tests.unlike.projects import ended, made, verdict
from tests.unlike.serve import serving

ROWS = [{"id": number, "name": f"row {number}"} for number in range(7)]
COUNT = {"type": "integer", "minimum": 1, "maximum": 100}
TEXT = {"type": ["string", "null"]}
LISTS = {"/by-cursor": "cursor", "/by-offset": "offset", "/by-page": "page"}
Page = Callable[[list[dict[str, Any]], int, int], list[dict[str, Any]]]


def contract() -> str:
    row = {"type": "object", "properties": {"id": {"type": "integer"}}}
    members = {"items": {"type": "array", "items": row}, "next_cursor": TEXT, "total": COUNT}
    paths = {}
    for path, word in LISTS.items():
        schemas = {"limit": COUNT, word: TEXT if word == "cursor" else {"type": "integer"}}
        parameters = [{"in": "query", "name": n, "schema": s} for n, s in schemas.items()]
        known = {n: s for n, s in members.items() if word == "cursor" or n != "next_cursor"}
        content = {"application/json": {"schema": {"type": "object", "properties": known}}}
        answers = {"200": {"description": "rows", "content": content}}
        paths[path] = {"get": {"parameters": parameters, "responses": answers}}
    info = {"title": "rows", "version": "1"}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": paths})


def sound(rows: list[dict[str, Any]], begin: int, size: int) -> list[dict[str, Any]]:
    return rows[begin : begin + size]


def loses_the_first(rows: list[dict[str, Any]], begin: int, size: int) -> list[dict[str, Any]]:
    return rows[begin + bool(begin) : begin + size]


def repeats_the_last(rows: list[dict[str, Any]], begin: int, size: int) -> list[dict[str, Any]]:
    return rows[max(begin - 1, 0) : begin + size - bool(begin)]


def ignores_the_position(rows: list[dict[str, Any]], _begin: int, size: int) -> Any:
    return rows[:size]


def ignores_the_size(rows: list[dict[str, Any]], begin: int, _size: int) -> Any:
    return rows[begin:]


def has_a_foreign_row_more(rows: list[dict[str, Any]], begin: int, size: int) -> Any:
    foreign = [{"id": 999, "name": "of another tenant"}] * (begin + size >= len(rows) > size)
    return [*rows[begin : begin + size], *foreign][:size]


def service(
    page: Page,
    rows: list[dict[str, Any]],
    *,
    empty_end: bool = False,
    grows: int = 0,
    always_more: bool = False,
) -> FastAPI:
    app = FastAPI()
    visits = iter(range(grows))

    def read(request: Request) -> dict[str, Any]:
        size = int(request.query_params.get("limit", 50))
        number = int(request.query_params.get("page", 1)) - 1
        asked = request.query_params
        begin = int(asked.get("cursor") or asked.get("offset") or number * size)
        if next(visits, None) is not None:
            rows.insert(0, {"id": 100 + len(rows), "name": "from another client"})
        here = page(rows, begin, size)
        more = always_more or begin + size < len(rows) or (empty_end and bool(here))
        return {"items": here, "next_cursor": str(begin + size) if more else None,
                "total": len(rows)}  # fmt: skip

    for path in LISTS:
        app.get(path)(read)
    return app


def run(tmp_path: Path, app: FastAPI, text: str = "") -> Finished:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "rows.json").write_text(text or contract(), encoding="utf-8")
    with serving(app) as url:
        rules = '[login]\nkind = "none"\n'
        root = made(tmp_path / "project", folder / "rows.json", rules, f'base_url = "{url}"')
        return smoke_run(tmp_path, "--maxfail=0", root=root)


def walks(found: Finished) -> dict[str, str]:
    """How the walk of each list ended, by its path."""
    words = ((name.partition("[GET ")[2].rstrip("]"), end) for name, end in ended(found).items())
    return {path: end for path, end in words if path}


@pytest.mark.parametrize("empty_end", [False, True], ids=["full last page", "empty last page"])
def test_sound_lists_are_green_in_every_dialect(tmp_path: Path, empty_end: bool) -> None:
    found = run(tmp_path, service(sound, list(ROWS), empty_end=empty_end))
    assert found.code == 0, found.out
    assert walks(found) == dict.fromkeys(LISTS, "passed")
    sizes = [word for word in found.sent() if "limit=3" in word]
    # Three pages by cursor; where the contract names the second page, the first is not asked for.
    assert len(sizes) == (8 if empty_end else 7)


def test_list_that_was_just_read_is_not_read_in_a_large_page_again(tmp_path: Path) -> None:
    found = run(tmp_path, service(sound, list(ROWS)))
    assert [word for word in found.sent() if "limit=100" in word] == []


def test_list_of_two_pages_is_walked_from_the_first(tmp_path: Path) -> None:
    # A second page without the limit has no row too many here: only the first one shows it.
    found = run(tmp_path, service(ignores_the_size, ROWS[:4]))
    assert found.code == 1, found.out
    assert walks(found) == dict.fromkeys(LISTS, "failed")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (loses_the_first, "2 of 7 rows are on none"),
        (repeats_the_last, "on one page of 3 only"),
        (ignores_the_size, "at most 3 rows on a page of 3"),
        (has_a_foreign_row_more, "only rows of the list"),
    ],
)
def test_broken_pages_are_red_in_every_dialect(tmp_path: Path, page: Page, reason: str) -> None:
    found = run(tmp_path, service(page, list(ROWS)))
    assert found.code == 1, found.out
    assert walks(found) == dict.fromkeys(LISTS, "failed")
    assert reason in verdict(found) or reason in " ".join(found.out.split())


def test_position_that_is_ignored_is_red(tmp_path: Path) -> None:
    found = run(tmp_path, service(ignores_the_position, list(ROWS)))
    assert found.code == 1, found.out
    assert set(walks(found).values()) == {"failed"}


def test_cursor_that_never_ends_is_red(tmp_path: Path) -> None:
    app = service(sound, list(ROWS), always_more=True)
    found = run(tmp_path, app)
    assert found.code == 1, found.out
    assert walks(found)["/by-cursor"] == "failed"
    assert "an end of the list" in found.out


@pytest.mark.parametrize(("grows", "end"), [(8, "passed"), (1000, "skipped")])
def test_rows_that_others_add_meanwhile_are_no_fault(tmp_path: Path, grows: int, end: str) -> None:
    found = run(tmp_path, service(sound, list(ROWS), grows=grows))
    assert walks(found)["/by-offset"] == end, found.out
    assert "failed" not in walks(found).values()


@pytest.mark.parametrize(("lost", "end"), [(0, "passed"), (1, "failed")])
def test_page_after_the_last_may_be_not_found(tmp_path: Path, lost: int, end: str) -> None:
    app, rows = FastAPI(), ROWS[:6]
    names = {"page": {"type": "integer"}, "limit": COUNT}

    @app.get("/plain")
    def read(page: int = 1, limit: int = 50) -> list[dict[str, Any]]:
        here = rows[: len(rows) - lost * (limit < 50)][(page - 1) * limit : page * limit]
        if not here:
            raise HTTPException(404)
        return here

    parameters = [{"in": "query", "name": n, "schema": s} for n, s in names.items()]
    schema = {"type": "array", "items": {"type": "object"}}
    answers = {"200": {"description": "rows", "content": {"application/json": {"schema": schema}}}}
    paths = {"/plain": {"get": {"parameters": parameters, "responses": answers}}}
    info = {"title": "rows", "version": "1"}
    found = run(tmp_path, app, json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
    assert walks(found) == {"/plain": end}, found.out


def test_short_list_is_not_walked(tmp_path: Path) -> None:
    found = run(tmp_path, service(sound, ROWS[:1]))
    assert found.code == 0, found.out
    assert [word for word in found.sent() if "limit=1&" in word or "limit=1 " in word] == []
