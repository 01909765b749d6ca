"""`smoke plan --learn`: a red run, the rules that it suggests, and a green run with them."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import Body, FastAPI, HTTPException

from smoke.cli.main import main
from tests.planning import operation
from tests.smoking import smoke_run
from tests.unlike.projects import made
from tests.unlike.serve import serving

RULES = '# Rules of a person.\n[login]\nkind = "none"\n'
NUMBER = {"type": "integer"}
MADE = {"type": "object", "properties": {"id": NUMBER}}
VIEW = {"type": "object", "properties": {"project": NUMBER}}
ROWS = {"type": "array", "items": MADE}
ONE = operation(MADE)
PATHS: dict[str, Any] = {
    "/projects": {"post": operation(MADE), "get": operation(ROWS)},
    "/projects/{id}": {"get": ONE, "delete": operation()},
    "/views": {"post": operation(MADE, VIEW), "get": operation(ROWS)},
    "/views/{id}": {"get": ONE, "delete": operation()},
}
for _path in ("/projects/{id}", "/views/{id}"):
    PATHS[_path]["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": NUMBER}]


def service() -> FastAPI:
    """Projects, and views that need a project: the contract says nothing about that."""
    app, kept, ids = FastAPI(), {"projects": set[int](), "views": set[int]()}, count(7)

    @app.post("/{kind}")
    def make(kind: str, body: dict[str, Any] | None = Body(None)) -> dict[str, int]:  # noqa: B008
        if kind == "views" and (body or {}).get("project") not in list(kept["projects"]):
            raise HTTPException(400, {"project": ["This field is required."]})
        kept[kind].add(made := next(ids))
        return {"id": made}

    @app.get("/{kind}")
    def rows(kind: str) -> list[dict[str, int]]:
        return [{"id": one} for one in sorted(kept[kind])]

    @app.get("/{kind}/{one}")
    def read(kind: str, one: int) -> dict[str, int]:
        if one not in kept[kind]:
            raise HTTPException(404)
        return {"id": one}

    @app.delete("/{kind}/{one}")
    def remove(kind: str, one: int) -> None:
        kept[kind].discard(one)

    return app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with the contract."""
    (tmp_path / "data").mkdir()
    info = {"title": "views", "version": "1"}
    text = json.dumps({"openapi": "3.1.0", "info": info, "paths": PATHS})
    (tmp_path / "data/views.json").write_text(text, encoding="utf-8")
    return tmp_path


def test_red_run_suggests_the_rules_of_a_green_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(service()) as url:
        row = f'base_url = "{url}"'
        root = made(folder / "project", folder / "data/views.json", RULES, row)
        records = root / ".smoke"
        assert smoke_run(records, "--maxfail=0", root=root).code == 1
        capsys.readouterr()
        assert main(["plan", "--learn", "--root", str(root)]) == 0
        diff = capsys.readouterr().out
        assert (root / "openapi/rules.toml").read_text(encoding="utf-8") == RULES
        lines = [line[1:] for line in diff.splitlines() if line[:1] in ("+", " ")][1:]
        (root / "openapi/rules.toml").write_text("\n".join(lines), encoding="utf-8")
        assert lines[:3] == RULES.splitlines()
        assert main(["plan", "--root", str(root)]) == 0
        found = smoke_run(records, root=root)
    assert found.code == 0, found.out


def test_run_is_needed_before_anything_is_learned(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = 'base_url = "http://127.0.0.1:9"'
    root = made(folder / "project", folder / "data/views.json", RULES, row)
    assert main(["plan", "--learn", "--root", str(root)]) == 4
    record = root / ".smoke/staging/run.jsonl"
    assert capsys.readouterr().err.strip() == (
        f"{record}: there is no record to learn from. Run first: smoke run staging."
    )
