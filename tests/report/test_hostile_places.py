"""Whatever is answered to readiness, sign-in, keys, seeding and contract: a verdict, no crash."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from smoke.config.rules import Call, Login, Rules, Seed, Token
from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.errors import BrokenError, SmokeError
from smoke.http.client import Client, Request
from smoke.pytest_plugin.derived.live import compared
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.actors import Actor
from smoke.session.credentials import Account
from smoke.session.readiness import wait_until_ready
from smoke.session.seeding import Seeding
from smoke.session.tokens import Verifier
from tests.issuer import Issuer
from tests.loopback import Loopback, listening
from tests.report import hostile

CONTRACT = Contract(hostile.contract())
SLOW = ("early-hints", "events-line")
NAMES = [name for name in hostile.ANSWERS if name not in SLOW]
TOKEN = Token("/good", ("EdDSA",), issuer="shelf", audience="readers")

CLAIMS: list[dict[str, Any]] = [
    {"exp": "9" * 5000},
    {"exp": float("inf")},
    {"exp": [1]},
    {"exp": {}},
    {"iat": [[]]},
    {"iat": "soon"},
    {"nbf": {"a": 1}},
    {"exp": 1e300},
    {"aud": {"readers": 1}},
    {"aud": [["readers"]]},
    {"sub": ["user:1"]},
    {"jti": 7},
]


@asynccontextmanager
async def client_of(server: Loopback) -> AsyncIterator[Client]:
    """A client that waits for nothing long."""
    target = Target("t", base_url=server.url, timeout_s=2, ready_s=0.1)
    client = Client(target, CONTRACT, Run("t", Secrets()))
    try:
        yield client
    finally:
        await client.close()


@pytest.mark.parametrize("name", NAMES)
async def test_readiness_seeding_and_sign_in_end_in_words(name: str) -> None:
    async with listening(hostile.handle) as server, client_of(server) as client:
        await ready(client, name)
        await seeded(client, name)
        await signed_in(client, Login(operation=f"POST /{name}", access="/name"), None)
        await signed_in(client, Login(operation=f"POST /{name}", access="/id"), TOKEN)
        keys = Token(f"/{name}", ("EdDSA",))
        await signed_in(client, Login(operation="POST /good", access="/name", kid="/id"), keys)
        await shown(client, name)


async def ready(client: Client, name: str) -> None:
    """Wait for readiness; it may be believed, or the run ends in words."""
    with suppress(SmokeError):
        await wait_until_ready(client, Rules(ready=f"GET /{name}"), lambda _: None)


async def seeded(client: Client, name: str) -> None:
    """Seed, with ids that the rules expect."""
    cleanup = (Call("DELETE /things/{id}", path={"id": "{world:made}"}),)
    seed = Seed(f"POST /{name}", body={"run": "{run}"}, cleanup=cleanup)
    rules = Rules(seed=seed, world={"known": "/id"}, world_made={"made": "/name"})
    seeding = Seeding(client, rules, client.target, frozenset())
    with suppress(SmokeError):
        for request in seeding.cleanup(await seeding.seed()):
            client.run.undoes(request.operation, request.actor, request.path)
            await client.send(request)


async def signed_in(client: Client, login: Login, token: Token | None) -> None:
    """Sign in, and call with what was handed out."""
    actor = Actor(client, Account("owner", "o@example.com"), login, Verifier(client, token))
    with suppress(SmokeError):
        await actor.call("GET /ready")


async def shown(client: Client, name: str) -> None:
    """Compare the answer with the contract, as if it were one."""
    breaking, others = compared(CONTRACT, await client.send(Request(f"GET /{name}")))
    assert all(isinstance(line, str) for line in [*breaking, *others])


@pytest.mark.parametrize("claims", CLAIMS, ids=str)
async def test_token_with_odd_claims_is_signing_drift_or_believed(claims: dict[str, Any]) -> None:
    issuer = Issuer(claims=claims)
    login = Login(operation="POST /token", access="/access", kid="/kid")
    async with listening(issuer) as server, client_of(server) as client:
        keys = Token("/jwks", ("EdDSA",), issuer="shelf", audience="readers")
        actor = Actor(client, Account("owner"), login, Verifier(client, keys))
        with suppress(BrokenError):
            await actor.call("GET /ready")


def spelled(header: str, claims: str = "{}") -> str:
    """A token of such parts, without a signature."""
    parts = (header.encode("utf-8", "surrogatepass"), claims.encode(), b"none")
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize(
    "token",
    [
        spelled("[" * 100_000),
        spelled('{"alg": ' + "[" * 100_000),
        spelled('{"alg": "EdDSA", "kid": "k1"}', "[" * 100_000),
        spelled('{"alg": ["EdDSA"], "kid": ["k1"]}'),
        spelled('{"alg": "EdDSA", "kid": {"k": 1}}'),
        spelled('{"alg": "none", "kid": "k1"}'),
        spelled('{"alg": "EdDSA", "kid": "\ud800"}'),
        spelled('{"alg": "EdDSA", "kid": "k1", "crit": ["x"], "b64": false}'),
        spelled('{"alg": "EdDSA", "kid": ' + "9" * 5000 + "}"),
        "....",
        "\ud800.\udfff.x",
        "a\r\nX-Owned: 1",
        "é" * 100,
    ],
    ids=range(13),
)
async def test_token_that_is_none_is_signing_drift(token: str) -> None:
    class Odd(Issuer):
        def token(self) -> str:
            return token

    login = Login(operation="POST /token", access="/access")
    async with listening(Odd()) as server, client_of(server) as client:
        keys = Token("/jwks", ("EdDSA",))
        actor = Actor(client, Account("owner"), login, Verifier(client, keys))
        with pytest.raises(SmokeError, match="Signing drift"):
            await actor.session()
        unverified = Actor(client, Account("owner"), login, Verifier(client, None))
        assert (await unverified.call("GET /ready")).status in (None, 200)


@pytest.mark.parametrize(
    "keys",
    [
        {"keys": "x"},
        {"keys": [1, None, "a"]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "k1"}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": 7, "kid": "k1"}]},
        {"keys": [{"kty": "RSA", "n": "", "e": "", "kid": "k1"}]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "!", "y": "!", "kid": "k1"}]},
        {"keys": [{"kty": ["OKP"], "kid": {"a": 1}}]},
        {"keys": {}},
        [],
        "keys",
        7,
    ],
    ids=str,
)
async def test_key_set_that_is_none_ends_in_words(keys: Any) -> None:
    class Odd(Issuer):
        def jwks(self) -> Any:
            return keys

    login = Login(operation="POST /token", access="/access")
    async with listening(Odd()) as server, client_of(server) as client:
        token = Token("/jwks", ("EdDSA",))
        actor = Actor(client, Account("owner"), login, Verifier(client, token))
        with pytest.raises(SmokeError, match=r"Signing drift|Tokens cannot be verified"):
            await actor.session()


DOCUMENTS = [
    '{"openapi": "3.1.0"' + ', "x": ' + "[" * 50_000,
    "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*{p}, *{p}]\n" for n, p in
                               enumerate(["a", *(f"b{n}" for n in range(40))])),
    "!!python/object/apply:os.system ['true']",
    "\x00", "{", "- " * 30_000, "? " * 5000, "<html>", "9" * 5000, "a: !!binary =",
    json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
        "/a": {"get": {"$ref": "#/paths/~1a/get"}}, "/\ud800": {"get": {"responses": 7}},
        "b": {"get": 7}, "/c/{": {"get": {"parameters": "x", "responses": {"2XX": None}}}}}),
    json.dumps({"openapi": ["3"], "paths": {"/a": []}, "components": {"schemas": {
        "A": {"$ref": "#/components/schemas/A"}}}}),
]  # fmt: skip


@pytest.mark.parametrize("text", DOCUMENTS, ids=range(len(DOCUMENTS)))
async def test_live_document_of_any_kind_is_told(text: str) -> None:
    async def handle(_heard: Any, writer: Any) -> None:
        writer.write(hostile.reply(text.encode("utf-8", "surrogatepass")))
        await writer.drain()
        writer.close()

    async with listening(handle) as server, client_of(server) as client:
        breaking, others = compared(CONTRACT, await client.send(Request("GET /contract")))
    assert breaking
    assert all(isinstance(line, str) for line in [*breaking, *others])
