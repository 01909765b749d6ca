"""TLS is verified, proxies are used, and credentials do not follow a redirect to another host."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from smoke.config.rules import Rules
from smoke.config.targets import Target
from smoke.errors import ConfigError, UnverifiedError
from smoke.http.client import Client, Request
from smoke.results.exchange import Exchange
from smoke.results.expectations import Expect, Mismatch
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.caller import Caller
from smoke.session.readiness import wait_until_ready
from tests.contracts import shelf
from tests.http.certificates import DAY, Authority, authority
from tests.http.proxy import proxying
from tests.loopback import Heard, answer, listening
from tests.smoking import project, smoke_run

HOST = "api.smoke-test.invalid"
"""A name that only a proxy knows (RFC 6761 §6.4)."""

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment that says nothing of proxies and certificates."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    yield monkeypatch
    with warnings.catch_warnings(action="ignore"):
        gc.collect()  # a failed TLS handshake leaves anyio's transport to the collector


@pytest.fixture
def signer(tmp_path: Path) -> Authority:
    """An authority without trust so far."""
    return authority(tmp_path)


@asynccontextmanager
async def client_of(url: str, **more: Any) -> AsyncIterator[Client]:
    """A client of a target with that address."""
    target = Target("t", base_url=url, timeout_s=5.0, **more)
    client = Client(target, shelf(), Run("t", Secrets()))
    try:
        yield client
    finally:
        await client.close()


async def asked(url: str, **more: Any) -> Exchange:
    """The exchange of one request to a target with that address."""
    async with client_of(url, **more) as client:
        return await client.send(Request("GET /books"))


async def test_certificate_of_an_unknown_authority_is_not_believed(signer: Authority) -> None:
    async with listening(answer(), signer.server("127.0.0.1")) as server:
        exchange = await asked(server.url)
    assert (exchange.status, exchange.environment, server.heard) == (None, True, [])
    assert "CERTIFICATE_VERIFY_FAILED" in exchange.error


async def test_certificate_of_another_host_is_not_believed(signer: Authority) -> None:
    async with listening(answer(), signer.server("example.com")) as server:
        exchange = await asked(server.url, verify=str(signer.file))
    assert exchange.status is None
    assert "CERTIFICATE_VERIFY_FAILED" in exchange.error


@pytest.mark.parametrize(
    ("host", "starts", "fact", "advice"),
    [
        ("127.0.0.1", -40 * DAY, "The certificate expired on {end}", "Renew the certificate"),
        ("127.0.0.1", 5 * DAY, "The certificate is only valid from {begin} on", "the clock"),
        ("example.com", -DAY, "The certificate is for example.com", "Is the URL right?"),
    ],
)
async def test_refused_certificate_is_explained_by_its_own_facts(
    host: str, starts: timedelta, fact: str, advice: str, signer: Authority
) -> None:
    begin = datetime.now(UTC) + starts
    tls = signer.server(host, starts=starts)
    trusted = {"verify": str(signer.file), "ready_s": 30}
    async with listening(answer(), tls) as server, client_of(server.url, **trusted) as client:
        with pytest.raises(UnverifiedError) as caught:
            await wait_until_ready(client, Rules(ready="GET /ready"), lambda _: None)
    shown = str(caught.value)
    dates = {"begin": begin.date(), "end": (begin + 2 * DAY).date()}
    assert fact.format(**dates) in shown
    assert advice in shown
    assert "authority of your own" not in shown


async def test_authority_that_the_target_names_is_trusted(signer: Authority) -> None:
    async with listening(answer(), signer.server("127.0.0.1")) as server:
        assert (await asked(server.url, verify=str(signer.file))).status == 200


async def test_authority_of_the_environment_is_trusted(
    signer: Authority, environ: pytest.MonkeyPatch
) -> None:
    environ.setenv("SSL_CERT_FILE", str(signer.file))
    async with listening(answer(), signer.server("127.0.0.1")) as server:
        assert (await asked(server.url)).status == 200


async def test_target_may_say_in_the_file_that_nothing_is_verified(signer: Authority) -> None:
    async with listening(answer(), signer.server("example.com")) as server:
        assert (await asked(server.url, verify=False)).status == 200


async def test_certificate_that_is_not_believed_is_not_waited_for(signer: Authority) -> None:
    tls, shown = signer.server("127.0.0.1"), r"CERTIFICATE_VERIFY_FAILED.* verify = "
    async with listening(answer(), tls) as server, client_of(server.url, ready_s=30) as client:
        with pytest.raises(UnverifiedError, match=shown):
            await wait_until_ready(client, Rules(ready="GET /ready"), lambda _: None)
        assert len(client.run.exchanges) == 1


async def test_missing_authority_file_of_the_environment_is_reported(
    environ: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environ.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(ConfigError, match=r"^SSL_CERT_FILE cannot be trusted: .*No such file"):
        await asked("https://127.0.0.1:9")


@pytest.mark.parametrize(("text", "why"), [(None, "No such file"), ("x", "no certificate")])
def test_invalid_certificate_file_is_reported_before_any_request(
    text: str | None, why: str, tmp_path: Path
) -> None:
    root = project(tmp_path, 'base_url = "http://127.0.0.1:9"\nverify = "own/ca.pem"')
    if text is not None:
        (root / "own").mkdir()
        (root / "own/ca.pem").write_text(text)
    run = smoke_run(tmp_path / "records", root=root)
    assert run.code == 4, run.out
    shown = " ".join(run.out.split())
    assert "[tool.smoke.targets.staging] verify = 'own/ca.pem': " in shown
    assert why.lower() in shown.lower()


def test_verification_is_not_a_matter_of_the_environment(tmp_path: Path) -> None:
    root = project(tmp_path, 'base_url = "http://127.0.0.1:9"')
    run = smoke_run(tmp_path / "records", root=root, SMOKE_VERIFY="false")
    assert run.code == 4, run.out
    assert "SMOKE_VERIFY is not a variable of this suite" in run.out


async def test_proxy_of_the_environment_is_used(environ: pytest.MonkeyPatch) -> None:
    async with listening(answer()) as server, proxying(server.url) as proxy:
        environ.setenv("HTTP_PROXY", proxy.url)
        exchange = await asked(f"http://{HOST}/base")
    assert exchange.status == 200
    assert proxy.asked == [f"GET http://{HOST}/base/books HTTP/1.1"]
    assert server.heard[0].headers["host"] == HOST


async def test_tunnel_of_a_proxy_is_verified_to_its_end(
    signer: Authority, environ: pytest.MonkeyPatch
) -> None:
    tls = signer.server(HOST)
    async with listening(answer(), tls) as server, proxying(server.url) as proxy:
        environ.setenv("HTTPS_PROXY", proxy.url)
        assert (await asked(f"https://{HOST}", verify=str(signer.file))).status == 200
        distrusted = await asked(f"https://{HOST}")
    assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"] * 2
    assert "CERTIFICATE_VERIFY_FAILED" in distrusted.error
    assert len(server.heard) == 1


async def test_host_that_needs_no_proxy_is_asked_itself(environ: pytest.MonkeyPatch) -> None:
    async with listening(answer()) as server, proxying(server.url) as proxy:
        environ.setenv("HTTP_PROXY", proxy.url)
        environ.setenv("NO_PROXY", f".{HOST.partition('.')[2]}")
        exchange = await asked(f"http://{HOST}")
    assert (exchange.status, exchange.environment, proxy.asked) == (None, True, [])


async def test_service_on_this_machine_is_asked_itself(environ: pytest.MonkeyPatch) -> None:
    async with listening(answer()) as server, proxying(server.url) as proxy:
        environ.setenv("ALL_PROXY", proxy.url)
        environ.setenv("HTTP_PROXY", proxy.url)
        assert (await asked(server.url)).status == 200
    assert proxy.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_credentials_do_not_follow_a_redirect(status: int) -> None:
    async with listening(answer()) as elsewhere:
        away = answer(status, Location=f"{elsewhere.url}/books")
        async with listening(away) as server, client_of(server.url) as client:
            caller = Caller(client, "owner", "a-token-of-the-owner")
            expect = Expect(shelf(), client.run, lambda _: (200,))
            exchange = await caller.call("GET /books")
            shown = f"owner\n  expected  200\n  got       {status} to {elsewhere.url}/books "
            with pytest.raises(Mismatch, match=shown):
                expect(exchange)
    assert server.heard[0].headers["authorization"] == "Bearer a-token-of-the-owner"
    assert elsewhere.heard == []


async def test_failure_shows_the_location_of_a_redirect() -> None:
    place = "https://login.example.com/?next=%2Fbooks"
    async with listening(answer(302, Location=place)) as server, client_of(server.url) as client:
        expect = Expect(shelf(), client.run, lambda _: (200,))
        with pytest.raises(Mismatch) as caught:
            expect(await Caller(client).call("GET /books"))
    assert caught.value.got == f"302 to {place} (not followed)"


async def test_redirect_of_a_handed_out_url_is_not_followed() -> None:
    async def away(heard: Heard, writer: asyncio.StreamWriter) -> None:
        assert heard.line.startswith("PUT /x")
        await answer(307, Location=f"{elsewhere.url}/there")(heard, writer)

    async with (
        listening(answer()) as elsewhere,
        listening(away) as server,
        client_of(server.url) as client,
    ):
        exchange = await Caller(client).fetch("PUT", f"{server.url}/x", content=b"bytes")
    assert (exchange.status, elsewhere.heard) == (307, [])


async def test_service_that_moved_is_not_taken_for_ready() -> None:
    place = "https://api.example.com/ready"
    async with listening(answer(301, Location=place)) as server, client_of(server.url) as client:
        with pytest.raises(UnverifiedError, match=f"answers 301 to {place}, which is not followed"):
            await wait_until_ready(client, Rules(ready="GET /ready"), lambda _: None)


async def test_cookie_of_one_actor_is_not_shown_by_another() -> None:
    keeps = answer(200, Set_Cookie="session=of-the-owner; Path=/")
    async with listening(keeps) as server, client_of(server.url) as client:
        await Caller(client, "owner", "a-token-of-the-owner").call("GET /books")
        await Caller(client).call("GET /books")
        await Caller(client).call("GET /books", headers={"Cookie": "key=shown"})
    assert [heard.headers.get("cookie") for heard in server.heard] == [None, None, "key=shown"]


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/x",
        "http://localhost:9/x",
        "http://127.0.0.1:9/x",
        "http://[::1]:9/x",
        "http://0.0.0.0:9/x",
        "http://[::ffff:127.0.0.1]:9/x",
        "http://2130706433/x",
        "file:///etc/passwd",
    ],
)
async def test_service_elsewhere_hands_out_no_url_of_this_machine(url: str) -> None:
    async with client_of("https://api.example.com") as client:
        exchange = await Caller(client).fetch("GET", url)
    assert (exchange.status, exchange.environment) == (None, False)
    assert (
        "the request cannot be sent: " in exchange.error or "UnsupportedProtocol" in exchange.error
    )
