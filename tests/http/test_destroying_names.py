"""Four hundred names of deeds that destroy, on a plain and a protected target: nothing is lost."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from tests.planning import operation, thing
from tests.smoking import smoke_run
from tests.unlike.projects import made
from tests.unlike.serve import serving

VERBS = (
    *("delete", "remove", "purge", "wipe", "erase", "drop", "truncate", "flush", "clear", "empty"),
    *("reset", "revoke", "rotate", "disable", "shutdown", "restart", "terminate", "cancel", "void"),
    *("refund", "merge", "redact", "overwrite", "restore", "rollback", "archive", "unlink", "ban"),
    *("frobnicate", "obliviate", "defenestrate", "yeet"),  # words that stand in no list
)
OBJECTS = ("all", "boxes", "user", "token")
STYLES = ("/{v}-{o}", "/{v}{O}", "/{o}/{v}", "/{o}:batch{V}", "/admin/{o}_{v}")
METHODS = ("post", "put", "patch", "delete")


def names() -> Iterator[tuple[str, str]]:
    """Methods and paths, each once; by GET come only names that are nothing but a deed."""
    for number, (verb, thing_, style) in enumerate(product(VERBS, OBJECTS, STYLES)):
        path = style.format(v=verb, V=verb.title(), o=thing_, O=thing_.title())
        yield METHODS[number % len(METHODS)], path
    for path in ("/logout-all", "/cache/clear", "/purge", "/deleteAll", "/factory-reset"):
        yield "get", path


NAMES = list(names())


def contract() -> dict[str, Any]:
    """All of them, beside things that may be read, made, and taken away again."""
    item = thing("id", "name")
    create = operation(item, thing("name"))
    create["responses"] = {"201": create["responses"]["200"]}
    one = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    paths: dict[str, Any] = {
        "/things": {"get": operation({"type": "array", "items": item}), "post": create},
        "/things/{id}": {"parameters": one, "get": operation(item), "delete": operation()},
        "/things/search": {"post": operation(None, thing("q"))},
    }
    for method, path in NAMES:
        paths.setdefault(path, {})[method] = operation()
    info = {"title": "deeds", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


def service(lost: Counter[str]) -> FastAPI:
    """Counts every deed that is asked of it; things are made, read and deleted as they should."""
    app, rows = FastAPI(openapi_url=None), {"theirs": {"id": "theirs", "name": "kept"}}

    async def handle(request: Request) -> Response:
        path, method = request.url.path, request.method
        if not path.startswith("/things"):
            lost[f"{method} {path}"] += 1
            return Response("{}", 200, media_type="application/json")
        name = path.removeprefix("/things").strip("/")
        if method == "POST" and not name:
            name = f"t{len(rows)}"
            rows[name] = {**await request.json(), "id": name}
            return Response(json.dumps(rows[name]), 201, media_type="application/json")
        if method == "DELETE":
            if name == "theirs":
                lost["theirs"] += 1
            return Response(status_code=200 if rows.pop(name, None) else 404)
        if name and name != "search" and name not in rows:
            return Response(status_code=404)
        shown: Any = rows.get(name, {}) if name else list(rows.values())
        return Response(json.dumps(shown), media_type="application/json")

    app.add_api_route("/{path:path}", handle, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return app


@pytest.mark.parametrize(
    ("row", "sent"),
    [("", {"GET", "POST", "DELETE"}), ("protected = true\nseeded = true", {"GET", "POST"})],
)
def test_nothing_is_lost(row: str, sent: set[str], tmp_path: Path) -> None:
    assert len(set(NAMES)) >= 400
    lost: Counter[str] = Counter()
    (tmp_path / "deeds.json").write_text(json.dumps(contract()), encoding="utf-8")
    with serving(service(lost)) as url:
        whole = f'base_url = "{url}"\nenvironment = "local"\n{row}'
        rules = "[actors.owner]\n"
        root = made(tmp_path / "project", tmp_path / "deeds.json", rules, whole)
        run = smoke_run(tmp_path / "records", root=root)
    assert lost == {}
    assert run.code == 0, run.out
    assert "operations are undecided and not sent" in " ".join(run.out.split())
    methods = {line["method"] for line in run.record("exchange")}
    assert methods == sent  # not because nothing was sent at all
