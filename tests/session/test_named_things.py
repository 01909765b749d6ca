"""Things that have an id and a name, are listed by a POST, and can be deleted by either."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from tests.planning import operation, plan_for, thing
from tests.smoking import smoke_run
from tests.unlike.projects import made
from tests.unlike.serve import serving

ROW = thing("id", "name")
NAMED = thing("name")
NAMED["properties"]["name"]["examples"] = ["my_variable"]


def at(name: str) -> dict[str, Any]:
    """A path item with one text parameter, to read and delete a thing."""
    row = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    return {"parameters": [row], "get": operation(ROW), "delete": operation()}


PATHS = {
    "/variables/": {"post": operation(ROW, NAMED)},
    "/variables/filter": {"post": operation({"type": "array", "items": ROW}, {"type": "object"})},
    "/variables/{id}": at("id"),
    "/variables/name/{name}": at("name"),
}


def service(rows: dict[str, str], *, upserts: bool = False) -> FastAPI:
    """The service: names by id; `upserts` answers a creation with what is there already."""
    app = FastAPI(openapi_url=None)

    async def handle(request: Request) -> Response:
        sent = json.loads(await request.body() or b"{}")
        key = request.url.path.rpartition("/")[2]
        found = {
            i: n for i, n in rows.items() if key in ((n,) if "/name/" in request.url.path else (i,))
        }
        if request.url.path == "/variables/filter":
            return reply([{"id": i, "name": n} for i, n in rows.items()])
        if request.method == "POST":
            if not upserts:
                rows[str(len(rows) + 100)] = sent["name"]
            last = list(rows)[-1]
            return reply({"id": last, "name": rows[last]})
        if not found:
            return Response(status_code=404)
        shown = next({"id": i, "name": n} for i, n in found.items())
        if request.method == "DELETE":
            del rows[shown["id"]]
        return reply(shown)

    app.add_api_route("/{path:path}", handle, methods=["GET", "POST", "DELETE"])
    return app


def reply(value: Any) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(value), media_type="application/json")


@pytest.mark.parametrize("upserts", [False, True])
def test_thing_is_made_read_and_deleted_by_its_id_and_by_its_name(
    upserts: bool, tmp_path: Path
) -> None:
    rows = {"1": "theirs"}
    info = {"title": "named", "version": "1"}
    contract = {"openapi": "3.1.0", "info": info, "paths": PATHS}
    (tmp_path / "toy.json").write_text(json.dumps(contract), encoding="utf-8")
    with serving(service(rows, upserts=upserts)) as url:
        row = f'base_url = "{url}"\nenvironment = "local"'
        root = made(tmp_path / "project", tmp_path / "toy.json", "[actors.owner]\n", row)
        run = smoke_run(tmp_path / "records", "--maxfail=0", root=root)
    assert rows == {"1": "theirs"}
    sent = {e["operation"] for e in run.record("exchange")}
    if upserts:  # the thing was there before, so nothing may name it
        assert not any(name.startswith("DELETE") for name in sent)
    else:
        assert run.code == 0, run.out
        assert sent == {
            f"{m.upper()} {p}" for p, item in PATHS.items() for m in item if m != "parameters"
        }


def test_name_of_a_new_thing_differs_from_run_to_run_in_the_letters_of_its_example() -> None:
    body = plan_for(PATHS).by_name["POST /variables/"].body
    assert body == {
        "name": {"$unique": "smoke_", "as": "word", "label": "POST /variables/#body/name"}
    }


def test_rules_say_who_calls_where_the_contract_declares_no_security() -> None:
    assert plan_for(PATHS).by_name["POST /variables/"].actor == "anonymous"
    rules = '[login]\nkind = "basic"\n[actors.owner]\n'
    assert plan_for(PATHS, rules).by_name["POST /variables/"].actor == "owner"
