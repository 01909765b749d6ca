"""Actors sign in once, renew in time, and believe no token that the key set cannot verify."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from smoke.config.rules import Call, Login, Token
from smoke.config.targets import Target
from smoke.errors import BrokenError, Exit, SmokeError, UnverifiedError
from smoke.http.client import Client
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.actors import Actor
from smoke.session.caller import Caller
from smoke.session.credentials import Account
from smoke.session.holders import KeyHolder, key_header
from smoke.session.tokens import Verifier
from tests.contracts import shelf
from tests.issuer import Issuer
from tests.loopback import answer, listening

LOGIN = Login(
    operation="POST /token",
    body={"email": "{email}", "password": "{password}", "tenant": "{tenant_id}"},
    access="/access",
    refresh="/refresh",
    kid="/kid",
    renew=Call("POST /refresh", body={"refresh": "{refresh}"}),
    end=Call("POST /logout", body={"refresh": "{refresh}"}),
)
TOKEN = Token("/jwks", ("EdDSA",), issuer="shelf", audience="readers", leeway_s=5)
ACCOUNT = Account("owner", "o@example.com", "pass-word-1")


@asynccontextmanager
async def actor_of(issuer: Issuer, account: Account = ACCOUNT) -> AsyncIterator[Actor]:
    async with listening(issuer) as server:
        target = Target("t", base_url=server.url, timeout_s=2)
        client = Client(target, shelf(), Run("t", Secrets()))
        yield Actor(client, account, LOGIN, Verifier(client, TOKEN))
        await client.close()


async def test_actor_signs_in_once_however_often_and_at_once_it_calls() -> None:
    issuer = Issuer()
    async with actor_of(issuer) as owner:
        calls = await asyncio.gather(*(owner.call("GET /books") for _ in range(5)))
        bearer = calls[0].json["authorization"]
        assert issuer.signed_in == 1
        assert {call.json["authorization"] for call in calls} == {bearer}
        assert owner.client.run.secrets.mask(bearer) == "Bearer $SMOKE_TOKEN_OWNER"


async def test_session_is_renewed_before_it_ends() -> None:
    issuer = Issuer(claims={"exp": int(time.time()) + 30})
    async with actor_of(issuer) as owner:
        await owner.call("GET /books")
        issuer.claims = {}
        await owner.call("GET /books")
        await owner.call("GET /books")
    assert (issuer.signed_in, issuer.refreshed) == (1, 1)


async def test_another_sign_in_leaves_the_own_session_alone() -> None:
    issuer = Issuer()
    async with actor_of(issuer) as owner:
        own, other = await owner.session(), await owner.sign_in()
        assert own is not other
        assert await owner.session() is own
    assert issuer.signed_in == 2


async def test_key_set_is_read_once_and_again_where_a_token_names_a_key_it_lacks() -> None:
    issuer = Issuer()
    async with actor_of(issuer) as owner:
        await owner.sign_in()
        await owner.sign_in()
        old, issuer.key = issuer.key, Ed25519PrivateKey.generate()
        issuer.published, issuer.header, issuer.kid = [old, issuer.key], {"kid": "k2"}, "k2"
        await owner.sign_in()
        asked = [exchange.operation for exchange in owner.client.run.exchanges]
    assert asked.count("GET /jwks") == 2


async def test_anonymous_has_no_credential() -> None:
    async with actor_of(Issuer()) as owner:
        exchange = await Caller(owner.client).call("GET /books")
        assert exchange.json == {"authorization": None}


SOON = 3600
"""Seconds that stay in the future however long the tests before this one take."""

NOW = int(time.time())
DRIFT: dict[str, tuple[Issuer, str]] = {
    "another key": (Issuer(published=[Ed25519PrivateKey.generate()]), "Signature verification"),
    "unknown kid": (Issuer(header={"kid": "k9"}, kid="k9"), "kid 'k9' is not among the keys"),
    "kid of the answer": (
        Issuer(kid="k2"),
        "the response has kid 'k2', but the token has kid 'k1'",
    ),
    "born expired": (Issuer(claims={"exp": NOW - 60}), "expired"),
    "from the future": (
        Issuer(claims={"iat": NOW + SOON, "nbf": NOW + SOON, "exp": NOW + 2 * SOON}),
        "not yet valid",
    ),
    "issuer": (Issuer(claims={"iss": "someone"}), "Invalid issuer"),
    "audience": (Issuer(claims={"aud": ["others"]}), "Audience doesn't match"),
    "no expiry": (Issuer(claims={"exp": None}), "exp"),
}


@pytest.mark.parametrize("case", list(DRIFT))
async def test_signing_drift_is_found_at_the_first_sign_in(case: str) -> None:
    issuer, reason = DRIFT[case]
    async with actor_of(issuer) as owner:
        with pytest.raises(BrokenError, match="Signing drift") as caught:
            await owner.call("GET /books")
    assert reason in str(caught.value)
    assert caught.value.exit_code is Exit.RED


@pytest.mark.parametrize(
    "ahead_s",
    [2, 0],
    ids=["clock two seconds ahead", "next key published"],
)
async def test_harmless_tokens_are_believed(ahead_s: int) -> None:
    ahead = int(time.time()) + ahead_s
    issuer = Issuer(claims={"iat": ahead, "nbf": ahead})
    issuer.published = [issuer.key, Ed25519PrivateKey.generate()]
    async with actor_of(issuer) as owner:
        assert (await owner.session()).claims["sub"] == "user:1"


@pytest.mark.parametrize(("given", "exit_code"), [(True, Exit.MISUSED), (False, Exit.RED)])
async def test_refused_sign_in_exit_code_shows_who_must_act(given: bool, exit_code: Exit) -> None:
    account = Account("owner", "o@example.com", "pass-word-1", given=given)
    async with actor_of(Issuer(status=401), account) as owner:
        with pytest.raises(
            SmokeError, match=r"owner \(o@example.com\) could not sign in: 401"
        ) as e:
            await owner.call("GET /books")
        with pytest.raises(SmokeError) as again:
            await owner.call("GET /books")
    assert e.value.exit_code is exit_code
    assert again.value is e.value
    assert "pass-word-1" not in str(e.value)


async def test_sign_in_without_answer_is_unverified() -> None:
    async with actor_of(Issuer()) as owner:
        owner.client.target = Target("t", base_url="http://127.0.0.1:9", timeout_s=2)
        with pytest.raises(UnverifiedError, match="owner could not sign in: POST"):
            await owner.call("GET /books")


async def test_key_set_that_does_not_come_is_unverified() -> None:
    class Broken(Issuer):
        def jwks(self) -> dict[str, Any]:
            raise ConnectionError

    async with actor_of(Broken()) as owner:
        with pytest.raises(UnverifiedError, match=r"Tokens cannot be verified: GET .*/jwks: "):
            await owner.session()


async def test_invalid_key_set_is_reported() -> None:
    class Keyless(Issuer):
        def jwks(self) -> dict[str, Any]:
            return {}

    async with actor_of(Keyless()) as owner:
        with pytest.raises(BrokenError, match="Tokens cannot be verified: GET /jwks answered 200"):
            await owner.session()


@pytest.mark.parametrize(
    ("scheme", "header"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, ("X-Key", "me:secret")),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, ("Cookie", "sid=me:secret")),
        ({"type": "http", "scheme": "Bearer"}, ("Authorization", "Bearer me:secret")),
        ({"type": "http", "scheme": "basic"}, ("Authorization", "Basic bWU6c2VjcmV0")),
    ],
)
def test_key_is_sent_as_the_contract_describes(
    scheme: dict[str, str], header: tuple[str, str]
) -> None:
    assert key_header(scheme, "me:secret") == header


def test_key_with_unknown_scheme_is_reported() -> None:
    with pytest.raises(SmokeError, match="A key cannot be sent as"):
        key_header({"type": "mutualTLS"}, "k")


async def test_key_is_sent_and_masked() -> None:
    async with actor_of(Issuer()) as owner:
        scheme = {"type": "http", "scheme": "bearer"}
        holder = KeyHolder(owner.client, "clerk", "key-of-the-clerk", scheme)
        exchange = await holder.call("GET /books")
        assert exchange.json == {"authorization": "Bearer key-of-the-clerk"}
        masked = owner.client.run.secrets.mask(exchange.text)
        assert masked == '{"authorization": "$SMOKE_TOKEN_CLERK"}'


async def test_only_what_the_service_hands_out_is_masked_of_a_fetched_url() -> None:
    async with listening(answer()) as server:
        run = Run("t", Secrets())
        client = Client(Target("t", base_url=server.url), shelf(), run)
        try:
            caller = Caller(client)
            await caller.fetch("GET", f"{server.url}/")
            await caller.fetch("GET", f"{server.url}/objects/7?signature=0123456789")
        finally:
            await client.close()
    assert run.secrets.mask(f"{server.url}/books") == f"{server.url}/books"
    presigned = f"{server.url}/objects/7?signature=0123456789"
    masked = f"{server.url}/objects/7?$SMOKE_TOKEN_PRESIGNED_URL"
    assert run.secrets.mask(presigned) == masked
