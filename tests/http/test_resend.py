"""A request is sent again only where that is harmless, and never without a word."""

import asyncio

import pytest

from smoke.contract import Contract
from smoke.errors import ConfigError
from smoke.http import client as http
from smoke.http.client import Request
from smoke.results.ledger import Account, Ledger, Row
from smoke.results.outcome import CheckResult, Outcome
from smoke.results.verdict import verdict_of
from tests.contracts import shelf
from tests.http.test_client import client_of
from tests.loopback import Heard, answer, listening

CREATED = answer(201, b'{"id": "1"}')


async def sent_over_a_connection_that_breaks(
    request: Request, monkeypatch: pytest.MonkeyPatch, *, idle: bool, fresh: bool
) -> tuple[list[str], int | None, list[str]]:
    """Send a request; the service reads it and closes the connection the first time."""
    monkeypatch.setattr(http, "IDLE_S", 0.0 if idle else 60.0)
    broken = False

    async def breaks_once(heard: Heard, writer: asyncio.StreamWriter) -> None:
        nonlocal broken
        if heard.line.startswith(request.operation) and not broken:
            broken = True
            writer.close()
        else:
            await CREATED(heard, writer)

    async with listening(breaks_once) as server:
        client = client_of(server.url)
        if not fresh:
            await client.send(Request("GET /ready"))
        exchange = await client.send(request)
        await client.close()
    lines = [heard.line for heard in server.heard if heard.line.startswith(request.operation)]
    return lines, exchange.status, client.run.notes


async def test_post_that_was_read_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, status, notes = await sent_over_a_connection_that_breaks(
        Request("POST /books"), monkeypatch, idle=True, fresh=True
    )
    assert (len(lines), status, notes) == (1, None, [])


async def test_post_on_a_busy_connection_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines, status, _ = await sent_over_a_connection_that_breaks(
        Request("POST /books"), monkeypatch, idle=False, fresh=False
    )
    assert (len(lines), status) == (1, None)


@pytest.mark.parametrize(
    ("operation", "fresh"), [("POST /books", False), ("GET /books", True), ("GET /books", False)]
)
async def test_read_and_request_on_idle_connection_are_resent_and_noted(
    operation: str, fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, status, notes = await sent_over_a_connection_that_breaks(
        Request(operation), monkeypatch, idle=True, fresh=fresh
    )
    assert (len(lines), status) == (2, 201)
    assert notes == [f"{operation}: sent again, as its connection broke before an answer"]


async def test_green_run_reports_many_broken_connections() -> None:
    async def breaks_every_second(heard: Heard, writer: asyncio.StreamWriter) -> None:
        if len(server.heard) % 2:
            writer.close()
        else:
            await answer()(heard, writer)

    async with listening(breaks_every_second) as server:
        client = client_of(server.url)
        for _ in range(3):
            await client.send(Request("GET /books"))
        await client.close()
    run = client.run
    run.ended(CheckResult("a", "", Outcome.PASSED, 0.0))
    run.expectations = 1
    ledger = Ledger((Row("GET /books", "", Account.SUCCEEDED, "a"),))
    verdict = verdict_of(run, ledger, None)
    assert verdict.word == "green"
    assert "3 requests were sent again" in verdict.reason


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("NO_PROXY", "[::1]", "NO_PROXY='[::1]'"),
        ("NO_PROXY", "fe80::/10", "write an IPv6 address without brackets"),
        ("ALL_PROXY", "socks5://127.0.0.1:1", "socksio"),
        ("HTTPS_PROXY", "nonsense://x", "HTTPS_PROXY='nonsense://x'"),
    ],
)
async def test_proxy_settings_that_cannot_be_used_are_misuse(
    name: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(other, raising=False)
        monkeypatch.delenv(other.lower(), raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match="proxy settings") as raised:
        client_of("http://api.example.com")
    assert reason in str(raised.value)
    assert isinstance(shelf(), Contract)
