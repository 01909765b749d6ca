"""`smoke init` finds the contract and the sign-in, and writes only missing files."""

import asyncio
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from threading import Thread

import pytest

from smoke.cli.init.discovery import find_contract
from smoke.cli.init.sign_in import sign_in_of
from smoke.cli.main import main
from smoke.config.rules import parse
from smoke.contract import Contract
from smoke.demo.service import CONTRACT, Server, Store
from smoke.errors import ConfigError
from tests.loopback import Heard, answer, listening


@pytest.fixture
def demo() -> Iterator[str]:
    """The URL of a demo service."""
    with Server(0, Store("a-password-of-the-demo")) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


def test_new_project_is_complete_and_existing_files_stay(
    demo: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    words = ["init", demo, "--root", str(tmp_path), "--ci", "gitlab"]
    assert main(words) == 0
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {
        ".gitignore", ".gitlab-ci.yml", "noxfile.py", "openapi/openapi.json", "openapi/plan.json",
        "openapi/rules.toml", "smoke.toml", "smoke_checks/__init__.py",
        "smoke_checks/test_example.py",
    }  # fmt: skip
    assert "to decide" not in capsys.readouterr().out
    rules = (tmp_path / "openapi/rules.toml").read_text(encoding="utf-8")
    assert rules.endswith('# [actors.outsider]\n# email = "…"\n')
    assert "\nconcurrency = 1 " in (tmp_path / "smoke.toml").read_text(encoding="utf-8")
    assert '[ready]\noperation = "GET /health"\n' in rules
    (tmp_path / "openapi/rules.toml").write_text("# mine\n", encoding="utf-8")
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "kept     openapi/rules.toml" in said
    assert "to decide  POST /login: it is not sent, as " in said
    assert max(map(len, said.splitlines())) <= 80
    assert (tmp_path / "openapi/rules.toml").read_text(encoding="utf-8") == "# mine\n"


def test_kept_contract_that_differs_is_reported(
    demo: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["init", demo, "--root", str(tmp_path)]
    assert main(words) == 0
    contract = tmp_path / "openapi/openapi.json"
    text = contract.read_text(encoding="utf-8")
    # Another form of the same contract is no difference.
    contract.write_text(json.dumps(json.loads(text), indent=2), encoding="utf-8")
    assert main(words) == 0
    assert "differs" not in capsys.readouterr().out
    contract.write_text(text.replace('"/me"', '"/myself"'), encoding="utf-8")
    assert main(words) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "differs openapi/openapi.json is not the contract that the service shows" in said
    assert "remove the file, then run smoke init again and smoke plan." in said


def test_existing_pyproject_gets_a_table(demo: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mine"\n', encoding="utf-8")
    assert main(["init", demo, "--root", str(tmp_path)]) == 0
    text = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    assert text.startswith('[project]\nname = "mine"\n\n[tool.smoke]\n')
    assert "[tool.smoke.targets.local]" in text
    assert not (tmp_path / "smoke.toml").exists()


def test_url_is_required_without_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(["init", "--root", str(tmp_path)]) == 4
    assert "smoke init https://api.example.com" in capsys.readouterr().err


async def test_contract_below_a_path_is_found() -> None:
    text = CONTRACT.read_text(encoding="utf-8")

    async def served(heard: Heard, writer: asyncio.StreamWriter) -> None:
        there = heard.line.startswith("GET /v3/api-docs ")
        await answer(200 if there else 404, text.encode() if there else b"{}")(heard, writer)

    async with listening(served) as server:
        found = await asyncio.to_thread(find_contract, f"{server.url}/shop")
    assert found.url.endswith("/v3/api-docs")
    assert found.base_url.endswith("/shop")


@pytest.mark.parametrize("says", ["header", "page"])
async def test_contract_is_found_by_the_link_of_the_start_page(says: str) -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    link = "Link: </odd/place>; rel=service-desc\r\n" if says == "header" else ""
    page = '<html><head><link rel="service-desc" href="/odd/place"></head></html>'

    async def served(heard: Heard, writer: asyncio.StreamWriter) -> None:
        there = heard.line.startswith("GET /odd/place ")
        body = text if there else page if says == "page" else "{}"
        status = "200 OK" if there or heard.line.startswith("GET / ") else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\n{link}Content-Length: {len(body.encode())}\r\n\r\n"
        writer.write(head.encode() + body.encode())
        await writer.drain()
        writer.close()

    async with listening(served) as server:
        found = await asyncio.to_thread(find_contract, server.url)
    assert found.url == f"{server.url}/odd/place"


async def test_missing_contract_lists_the_tried_urls() -> None:
    async with listening(answer(404)) as server:
        with pytest.raises(ConfigError, match="No OpenAPI document found") as raised:
            await asyncio.to_thread(find_contract, server.url)
    assert f"{server.url}/openapi.json" in str(raised.value)


async def test_missing_contract_shows_each_reason_once() -> None:
    async with listening(answer(404)) as server:
        with pytest.raises(ConfigError) as raised:
            await asyncio.to_thread(find_contract, server.url)
    assert str(raised.value).count("404") == 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:{closed}/api", "Connection refused"),
        ("http://no-such-host.invalid", "Name or service not known"),
    ],
)
def test_unreachable_host_is_reported_once(url: str, reason: str) -> None:
    with socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = url.format(closed=closed.getsockname()[1])
        with pytest.raises(ConfigError) as raised:
            find_contract(address)
    assert str(raised.value) == (
        f"{address}: cannot be reached: {reason}. Check the address, and that the service runs."
    )


def contract_with(schemes: dict[str, object], paths: dict[str, object] | None = None) -> Contract:
    """A contract with security schemes and one secured operation."""
    secured = {"get": {"security": [{name: []} for name in schemes], "responses": {"200": {}}}}
    info = {"title": "T", "version": "1"}
    parts = {"securitySchemes": schemes}
    return Contract(
        {"openapi": "3.1.0", "info": info, "paths": {"/x": secured, **(paths or {})},
         "components": parts}
    )  # fmt: skip


def test_open_service_needs_no_sign_in() -> None:
    contract = Contract({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}})
    assert sign_in_of(contract).variables == ()


def test_key_comes_from_the_environment() -> None:
    scheme = {"type": "apiKey", "in": "header", "name": "X-Key"}
    found = sign_in_of(contract_with({"key": scheme}))
    assert 'scheme = "key"' in found.toml
    assert found.variables == ("SMOKE_KEY",)


def test_session_sign_in_is_found_by_password_and_token() -> None:
    found = sign_in_of(Contract.load(CONTRACT))
    assert 'operation = "POST /login"' in found.toml
    assert 'access = "/access_token"' in found.toml


FORM = {"type": "object", "properties": {name: {"type": "string"} for name in (
    "grant_type", "username", "password", "scope")}}  # fmt: skip


@pytest.mark.parametrize("url", ["token", "/token", "https://api.example.com/v1/token"])
def test_token_endpoint_of_the_contract_is_asked_with_the_account(url: str) -> None:
    body = {"content": {"application/x-www-form-urlencoded": {"schema": FORM}}}
    paths: dict[str, object] = {
        "/token": {"post": {"requestBody": body, "responses": {"200": {"description": ""}}}}
    }
    scheme = {"type": "oauth2", "flows": {"password": {"tokenUrl": url, "scopes": {}}}}
    rules = parse(sign_in_of(contract_with({"oauth2": scheme}, paths)).toml, "rules.toml")
    (rule,) = rules.rules
    assert (rule.operations, rule.send) == (("POST /token",), True)
    assert rule.body == {
        "grant_type": "password",
        "username": "{email:owner}",
        "password": "{password:owner}",
    }


def test_token_endpoint_outside_the_contract_has_no_rule() -> None:
    flow = {"tokenUrl": "https://auth.example.com/token", "scopes": {}}
    scheme = {"type": "oauth2", "flows": {"password": flow}}
    assert "[[rule]]" not in sign_in_of(contract_with({"oauth2": scheme})).toml
