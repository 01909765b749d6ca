"""Whole runs against three services unlike the embedded one, without a hand-written check."""

from pathlib import Path
from shutil import copy

import pytest
from fastapi import Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from smoke.cli.main import main
from tests.smoking import ROOT, smoke_run
from tests.unlike import FOLDER, NAMES, notes
from tests.unlike.projects import KEYS, accounts, made, project_of, verdict
from tests.unlike.serve import BASES, MAKERS, serving


@pytest.mark.parametrize("name", NAMES)
def test_healthy_service_is_green_and_all_of_it_is_accounted_for(name: str, tmp_path: Path) -> None:
    app = MAKERS[name]()
    before = dict(app.state.rows)
    with serving(app, BASES[name]) as url:
        root = project_of(name, tmp_path / "project", f'base_url = "{url}"')
        assert main(["plan", "--check", "--root", str(root)]) == 0
        run = smoke_run(tmp_path, root=root, **KEYS)
    assert run.code == 0, run.out
    found = accounts(run)
    excepted = {operation for operation, account in found.items() if account != "succeeded"}
    assert excepted == ({"DELETE /notes"} if name == "notes" else set())
    assert app.state.rows == before
    assert run.record("note") == []


@pytest.mark.parametrize(
    ("name", "fault", "reported"),
    [
        ("notes", "note_is_not_made", "RED (service) POST /notes as owner: expected 201, got 500"),
        ("notes", "note_has_no_title", 'got the body: "title" is a required property'),
        ("notes", "key_is_not_asked", "GET /notes as anonymous: expected 401 or 403, got 200"),
        ("shop", "id_is_text", "POST /customers as clerk: expected the documented shape, got /id"),
        ("shop", "page_moves_no_more", "GET /old as clerk: expected 302, got 200"),
        ("shop", "customers_are_open", "GET /customers as anonymous: expected 401 or 403, got 200"),
        ("library", "recent_is_an_isbn", "GET /books/recent as anonymous: expected 200, got 404"),
        ("library", "loan_has_no_number", 'got the body: "number" is a required property'),
    ],
)
def test_planted_fault_is_red_and_named(
    name: str, fault: str, reported: str, tmp_path: Path
) -> None:
    app = MAKERS[name](fault)
    before = dict(app.state.rows)
    with serving(app, BASES[name]) as url:
        root = project_of(name, tmp_path / "project", f'base_url = "{url}"')
        run = smoke_run(tmp_path, root=root, **KEYS)
    assert run.code == 1, run.out
    assert reported in verdict(run)
    assert app.state.rows == before


def test_service_is_started_by_a_module_and_the_words_after_its_name(tmp_path: Path) -> None:
    row = 'serve = "tests.unlike.serve library --fault book_stays"'
    root = project_of("library", tmp_path / "project", row)
    run = smoke_run(tmp_path, root=root, PYTHONPATH=str(ROOT), **KEYS)
    assert run.code == 1, run.out
    assert "DELETE /books/{isbn} as librarian: expected 204, got 500" in verdict(run)
    assert "left behind: DELETE /books/978-0000000001: 500" in str(run.record("note"))


def test_missing_key_is_named_and_nothing_is_sent(tmp_path: Path) -> None:
    app = MAKERS["shop"]()
    with serving(app) as url:
        root = project_of("shop", tmp_path / "project", f'base_url = "{url}"')
        run = smoke_run(tmp_path, root=root)
    assert run.code == 4, run.out
    assert "Actor 'clerk' signs in with a key: set SHOP_KEY_CLERK." in run.out
    assert not (tmp_path / "staging/run.jsonl").exists()


ENVIRON = """
[[rule]]
operation = "POST /notes"
headers = { X-Edge = "{env:EDGE_KEY}" }
body = { title = "smoke {env:NOTE_TITLE}" }

[[rule]]
operation = "GET /notes/search"
query = { q = "{env:NOTE_TITLE}" }
"""


def test_value_of_the_environment_is_sent_and_in_no_file(tmp_path: Path) -> None:
    secrets = {"NOTE_TITLE": "title-of-the-vault-0123", "EDGE_KEY": "key-of-the-edge-456789"}
    app, seen = MAKERS["notes"](), list[str]()

    @app.middleware("http")
    async def look(request: Request, call_next: RequestResponseEndpoint) -> Response:
        seen.extend([str(request.url), request.headers.get("x-edge", "")])
        seen.append((await request.body()).decode("latin-1"))
        return await call_next(request)

    with serving(app) as url:
        root = project_of("notes", tmp_path / "project", f'base_url = "{url}"', rules=ENVIRON)
        run = smoke_run(tmp_path, root=root, **KEYS, **secrets)
    assert run.code == 0, run.out
    for secret in secrets.values():
        assert any(secret in text for text in seen)
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert [path for path in files if secret in path.read_text("utf-8", "replace")] == []
        assert secret not in run.out


def test_keys_are_in_no_output(tmp_path: Path) -> None:
    with serving(MAKERS["shop"]("secret_is_told")) as url:
        root = project_of("shop", tmp_path / "project", f'base_url = "{url}"')
        run = smoke_run(tmp_path, root=root, **KEYS)
    texts = [path.read_text("utf-8") for path in tmp_path.glob("staging/*") if path.is_file()]
    password = KEYS["SHOP_KEY_CLERK"].partition(":")[2]
    assert not [text for text in [run.out, *texts] if password in text]
    assert "s3cret-" not in run.out


CHECK = '''
"""A check of another team."""

import pytest


@pytest.mark.exercises("GET /feed")
async def test_feed_has_a_title(anonymous, expect):
    """The feed has a title."""
    answer = expect(await anonymous.call("GET /feed"))
    answer.that("a title", "<title>News</title>" in answer.exchange.text)
'''


def test_checks_of_another_team_run_with_the_plan(tmp_path: Path) -> None:
    with serving(MAKERS["shop"]()) as url:
        root = project_of(
            "shop", tmp_path / "project", f'base_url = "{url}"', 'checks = "checks"\n'
        )
        (root / "checks").mkdir()
        (root / "checks/__init__.py").touch()
        (root / "checks/test_feed.py").write_text(CHECK, encoding="utf-8")
        run = smoke_run(tmp_path, root=root, **KEYS)
    assert run.code == 0, run.out
    (row,) = (r for r in run.record("verdict")[0]["ledger"] if r["operation"] == "GET /feed")
    assert row["why"] == "feed.feed_has_a_title"


def test_key_in_the_query_opens_and_is_masked(tmp_path: Path) -> None:
    text = (FOLDER / "notes.json").read_text(encoding="utf-8")
    scheme = ('"in": "header",\n    "name": "X-API-Key"', '"in": "query",\n    "name": "x-api-key"')
    assert scheme[0] in text
    contract = tmp_path / "notes.json"
    contract.write_text(text.replace(*scheme), encoding="utf-8")
    rules = (FOLDER / "notes.toml").read_text(encoding="utf-8")
    with serving(notes.make(key_in_query=True)) as url:
        root = made(tmp_path / "project", contract, rules, f'base_url = "{url}"')
        run = smoke_run(tmp_path, root=root, **KEYS)
    assert run.code == 0, run.out
    assert "GET notes?x-api-key=$SMOKE_TOKEN_OWNER" in run.sent()
    assert notes.KEY not in (tmp_path / "staging/run.jsonl").read_text(encoding="utf-8")


def test_target_may_be_another_service_with_data_of_its_own(tmp_path: Path) -> None:
    with serving(MAKERS["library"](), BASES["library"]) as url:
        root = project_of("shop", tmp_path / "project", 'base_url = "http://127.0.0.1:9"')
        files = {"contract": "library.json", "rules": "library.toml", "plan": "library-plan.json"}
        row = "".join(f'{key} = "openapi/{name}"\n' for key, name in files.items())
        with (root / "pyproject.toml").open("a", encoding="utf-8") as table:
            table.write(f'\n[tool.smoke.targets.library]\nbase_url = "{url}"\nchecks = ""\n{row}')
        for name in ("library.json", "library.toml"):
            copy(FOLDER / name, root / "openapi")
        assert main(["plan", "--root", str(root), "--target", "library"]) == 0
        run = smoke_run(tmp_path, "--target=library", root=root, **KEYS)
    assert run.code == 0, run.out
    assert len(run.record("verdict", "library")[0]["ledger"]) == 9
