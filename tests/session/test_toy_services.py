"""Five stateful services with traps: whatever a run does, no row of others is touched."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from tests.planning import operation, thing
from tests.smoking import smoke_run
from tests.unlike.projects import made
from tests.unlike.serve import serving

Rows = dict[str, dict[str, Any]]
Toy = Callable[[str, str, Rows, dict[str, Any]], tuple[int, Any]]


def made_with(status: str, answer: Any, body: Any = None, **more: Any) -> dict[str, Any]:
    """An operation with one documented success."""
    found = operation(answer, body, **more)
    found["responses"] = {status: found["responses"]["200"]}
    return found


def item(*names: str, **methods: Any) -> dict[str, Any]:
    """A path with text parameters."""
    rows = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    return {"parameters": rows, **methods}


TAG = thing("id", "kind")
LIST = {"type": "array", "items": TAG}
KIND = thing("kind") | {"properties": {"kind": {"enum": ["urgent"]}}}


def upsert(method: str, path: str, rows: Rows, sent: dict[str, Any]) -> tuple[int, Any]:
    """POST /tags answers the row of that kind that there is, with 200."""
    if (method, path) == ("POST", "/tags"):
        return 200, rows["/tags/1"]
    return usual(method, path, rows, sent)


def hand_over(method: str, path: str, rows: Rows, sent: dict[str, Any]) -> tuple[int, Any]:
    """POST /projects/{p}/users adds a user who exists, and answers with that user."""
    if method == "POST" and path.endswith("/users"):
        return 201, {"user_id": "ann"}
    return usual(method, path, rows, sent)


def usual(method: str, path: str, rows: Rows, sent: dict[str, Any]) -> tuple[int, Any]:
    """Rows in collections: made with the next number, listed, read, changed and deleted."""
    if method == "POST":
        number = len([key for key in rows if key.rpartition("/")[0] == path]) + 1
        rows[f"{path}/{number}"] = {"name": "x", **sent, "id": str(number)}
        return 201, rows[f"{path}/{number}"]
    if method == "GET" and path not in rows:
        below = [row for key, row in rows.items() if key.rpartition("/")[0] == path]
        return (200, below) if path in COLLECTIONS else (404, {})
    if path not in rows:
        return 404, {}
    if method == "DELETE":
        return 200, rows.pop(path)
    if method in ("PUT", "PATCH"):
        rows[path].update(sent)
    return 200, rows[path]


def soft(method: str, path: str, rows: Rows, sent: dict[str, Any]) -> tuple[int, Any]:
    """A deleted row stays, with a mark."""
    if method == "DELETE" and path in rows:
        rows[path]["deleted"] = "yes"
        return 200, rows[path]
    return usual(method, path, rows, sent)


COLLECTIONS = ("/tags", "/users", "/projects", "/threads", "/chat/threads", "/notes")
NOTE = thing("id", "name", "deleted") | {"required": ["id", "name"]}
TOYS: dict[str, tuple[Toy, Rows, dict[str, Any]]] = {
    "upsert": (
        upsert,
        {"/tags/1": {"id": "1", "kind": "urgent"}},
        {
            "/tags": {"post": operation(TAG, KIND), "get": operation(LIST)},
            "/tags/{id}": item("id", get=operation(TAG), delete=operation(TAG),
                               patch=operation(TAG, KIND)),
        },
    ),
    "hand-over": (
        hand_over,
        {"/users/ann": {"user_id": "ann"}, "/users/bob": {"user_id": "bob"}},
        {
            "/users": {"get": operation({"type": "array", "items": thing("user_id")})},
            "/users/{user_id}": item("user_id", get=operation(thing("user_id")),
                                     delete=operation()),
            "/projects": {"post": made_with("201", thing("id"))},
            "/projects/{project_id}": item("project_id", delete=operation()),
            "/projects/{project_id}/users": item("project_id", post=made_with(
                "201", thing("user_id"), thing("user_id"))),
            "/projects/{project_id}/users/{user_id}": item("project_id", "user_id",
                                                           delete=operation()),
        },
    ),
    "same-named collections": (
        usual,
        {"/chat/threads/1": {"id": "1"}, "/chat/threads/2": {"id": "2"}},
        {
            "/threads": {"post": made_with("201", thing("id"))},
            "/threads/{thread_id}": item("thread_id", delete=operation()),
            "/chat/threads": {"get": operation({"type": "array", "items": thing("id")})},
            "/chat/threads/{thread_id}": item("thread_id", get=operation(thing("id")),
                                              delete=operation()),
        },
    ),
    "singletons": (
        usual,
        {"/settings": {"mode": "live"}, "/me": {"name": "Jo"}, "/allow-list": {"on": "no"}},
        {
            "/settings": {"get": operation(thing("mode")),
                          "put": operation(thing("mode"), thing("mode"))},
            "/me": {"get": operation(thing("name")), "patch": operation(None, thing("name")),
                    "delete": operation()},
            "/allow-list": {"put": operation(None, thing("on"))},
        },
    ),
    "soft deletes": (
        soft,
        {"/notes/1": {"id": "1", "name": "theirs"}},
        {
            "/notes": {"post": made_with("201", NOTE, thing("name")),
                       "get": operation({"type": "array", "items": NOTE})},
            "/notes/{id}": item("id", get=operation(NOTE), delete=operation(NOTE)),
        },
    ),
}  # fmt: skip


def service(toy: Toy, rows: Rows) -> FastAPI:
    """A toy behind HTTP."""
    app = FastAPI(openapi_url=None)

    async def handle(request: Request) -> Response:
        text = await request.body()
        sent = json.loads(text) if text else {}
        status, value = toy(request.method, request.url.path, rows, sent)
        return Response(json.dumps(value), status, media_type="application/json")

    app.add_api_route("/{path:path}", handle, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return app


@pytest.mark.parametrize("name", TOYS)
def test_no_row_of_others_is_touched(name: str, tmp_path: Path) -> None:
    toy, theirs, paths = TOYS[name]
    rows = copy.deepcopy(theirs)
    info = {"title": name, "version": "1"}
    contract = {"openapi": "3.1.0", "info": info, "paths": paths}
    (tmp_path / "toy.json").write_text(json.dumps(contract), encoding="utf-8")
    with serving(service(toy, rows)) as url:
        row = f'base_url = "{url}"\nenvironment = "local"'
        root = made(tmp_path / "project", tmp_path / "toy.json", "[actors.owner]\n", row)
        run = smoke_run(tmp_path / "records", root=root)
    assert run.code == 0, run.out
    assert {key: rows.get(key) for key in theirs} == theirs
    assert run.record("exchange"), run.out
