"""Whole runs: what a DELETE empties stays there, and is empty."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException

from tests.planning import operation
from tests.smoking import smoke_run
from tests.unlike.projects import ended, made
from tests.unlike.serve import serving

NUMBER = {"type": "integer"}
MADE = {"type": "object", "properties": {"id": NUMBER}}
ROWS = {"type": "array", "items": {"type": "object"}}
ID = [{"name": "id", "in": "path", "required": True, "schema": NUMBER}]
PATHS: dict[str, Any] = {
    "/boxes": {"post": operation(MADE), "get": operation({"type": "array", "items": MADE})},
    "/boxes/{id}": {"get": operation(MADE), "delete": operation(), "parameters": ID},
    "/boxes/{id}/marks": {"get": operation(ROWS), "delete": operation(), "parameters": ID},
}
CHECK = "readback.change_is_read_back[DELETE /boxes/{id}/marks removed]"


def service(*, full: bool, empties: bool) -> FastAPI:
    """Boxes with marks; a new box has some or none, and their removal may do nothing."""
    app, boxes, ids = FastAPI(), dict[int, list[dict[str, int]]](), count(5)

    @app.post("/boxes")
    def make() -> dict[str, int]:
        boxes[made := next(ids)] = [{"mark": 1}] if full else []
        return {"id": made}

    app.get("/boxes")(lambda: [{"id": one} for one in boxes])

    @app.get("/boxes/{one}")
    def read(one: int) -> dict[str, int]:
        if one not in boxes:
            raise HTTPException(404)
        return {"id": one}

    @app.get("/boxes/{one}/marks")
    def marks(one: int) -> list[dict[str, int]]:
        return boxes.get(one, [])

    @app.delete("/boxes/{one}/marks")
    def empty(one: int) -> None:
        boxes[one] = [] if empties else boxes[one]

    @app.delete("/boxes/{one}")
    def remove(one: int) -> None:
        boxes.pop(one, None)

    return app


@pytest.mark.parametrize(
    ("full", "empties", "end"),
    [(True, True, "passed"), (True, False, "failed"), (False, True, "skipped")],
)
def test_emptied_list_is_gone(tmp_path: Path, full: bool, empties: bool, end: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    info = {"title": "boxes", "version": "1"}
    text = json.dumps({"openapi": "3.1.0", "info": info, "paths": PATHS})
    (folder / "boxes.json").write_text(text, encoding="utf-8")
    with serving(service(full=full, empties=empties)) as url:
        row = f'base_url = "{url}"'
        root = made(tmp_path / "project", folder / "boxes.json", '[login]\nkind = "none"\n', row)
        found = smoke_run(tmp_path, "--maxfail=0", root=root)
    assert ended(found).get(CHECK) == end, found.out
