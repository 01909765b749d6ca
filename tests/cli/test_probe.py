"""`smoke init` asks a service some reads: it finds the base URL and the way to sign in."""

import asyncio
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from smoke.cli.main import main
from tests.loopback import Handler, Heard, answer, listening

OK: dict[str, Any] = {"responses": {"200": {"description": "fine"}}}
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Shelf", "version": "1"},
    "paths": {
        "/books": {"get": OK},
        "/me": {"get": OK},
        "/logout": {"get": OK},
        "/books/{id}": {"get": OK},
        "/feed": {
            "get": {"responses": {"200": {"description": "", "content": {"text/event-stream": {}}}}}
        },
    },
}


def service(below: str, header: str, challenge: str, asked: list[str]) -> Handler:
    """A service with its contract at the root and its API below a path, behind a header."""

    async def served(heard: Heard, writer: asyncio.StreamWriter) -> None:
        path = heard.line.split()[1]
        asked.append(path)
        shown = header in (heard.line.rpartition(" ")[2], *heard.headers.values())
        if path == "/openapi.json":
            reply = answer(200, json.dumps(CONTRACT).encode())
        elif not path.startswith(f"{below}/"):
            reply = answer(404)
        elif shown:
            reply = answer(200, b"{}")
        else:
            reply = answer(401, WWW_Authenticate=challenge or "X")
        await reply(heard, writer)

    return served


async def made(root: Path, served: Handler, *words: str) -> int:
    """`smoke init` for that service, in an empty directory."""
    async with listening(served) as server:
        return await asyncio.to_thread(main, ["init", server.url, "--root", str(root), *words])


def rules(root: Path) -> str:
    """The rules of the new project."""
    return (root / "openapi/rules.toml").read_text(encoding="utf-8")


def texts(root: Path) -> list[str]:
    """What the files of the new project say."""
    return [path.read_text(encoding="utf-8") for path in root.rglob("*") if path.is_file()]


async def test_api_below_another_path_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    assert await made(tmp_path, service("/api", "HTTP/1.1", "", asked)) == 0
    assert "/api: there the API answers" in capsys.readouterr().out
    assert '/api"' in (tmp_path / "smoke.toml").read_text(encoding="utf-8")
    assert 'kind = "none"' in rules(tmp_path)


async def test_only_reads_that_end_and_end_nothing_are_sent(tmp_path: Path) -> None:
    asked: list[str] = []
    assert await made(tmp_path, service("", "HTTP/1.1", "", asked)) == 0
    assert "/books" in asked
    assert not {"/logout", "/feed", "/books/{id}"} & set(asked)


@pytest.mark.parametrize(
    ("challenge", "kind"), [('Basic realm="x"', "basic"), ("Bearer", "key"), ("", "key")]
)
async def test_refusal_names_the_sign_in_that_the_contract_hides(
    challenge: str, kind: str, tmp_path: Path
) -> None:
    assert await made(tmp_path, service("", "no caller", challenge, [])) == 0
    assert f'kind = "{kind}"' in rules(tmp_path)


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Authorization: token a-secret-of-mine", 'prefix = "token"'),
        ("Authorization: Bearer a-secret-of-mine", 'scheme = { type = "http", scheme = "bearer" }'),
        ("X-Key: a-secret-of-mine", 'name = "X-Key"'),
        (f"Authorization: Basic {b64encode(b'a-secret-of-mine:x').decode()}", 'kind = "basic"'),
    ],
)
async def test_header_of_a_caller_becomes_a_sign_in_without_its_value(
    header: str, line: str, tmp_path: Path
) -> None:
    value = header.partition(": ")[2]
    assert await made(tmp_path, service("", value, "Bearer", []), "-H", header) == 0
    assert line in rules(tmp_path)
    assert not any("a-secret-of-mine" in text or value in text for text in texts(tmp_path))
    check = (tmp_path / "smoke_checks/test_example.py").read_text(encoding="utf-8")
    assert "owner" in check


async def test_variable_that_the_rules_name_is_no_misspelling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMOKE_KEY", "a-key-of-the-service")
    assert await made(tmp_path, service("", "no caller", "", [])) == 0
    assert main(["rules", "--root", str(tmp_path)]) == 0


async def test_redirect_is_no_documented_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def served(heard: Heard, writer: asyncio.StreamWriter) -> None:
        path = heard.line.split()[1]
        if path == "/openapi.json":
            reply = answer(200, json.dumps(CONTRACT).encode())
        elif path in ("/books", "/elsewhere"):
            reply = answer(200, b"{}")
        else:
            reply = answer(302, Location="/elsewhere")
        await reply(heard, writer)

    assert await made(tmp_path, served) == 0
    assert "1 of 2 answered as documented; 1 answered 302" in capsys.readouterr().out
    example = (tmp_path / "smoke_checks/test_example.py").read_text(encoding="utf-8")
    assert '"GET /books"' in example
