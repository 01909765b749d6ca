"""Signing in: good credentials and sound tokens get in, nothing else does."""

import base64
import hmac
import json
import time
from collections.abc import Callable

import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smoke import Actor, Caller, Exchange, Expect, Session, exercises, together
from smoke.checks.accounts import REFRESH, MemberAccount

SIGN_IN = "POST /api/v1/auth/token"
ME = "GET /api/v1/auth/me"


@exercises(SIGN_IN, ME)
async def test_owner_is_who_the_token_says(owner: Actor, expect: Expect) -> None:
    """The owner signs in to its own tenant, and the token alone says who calls."""
    session = await owner.session()
    signed_in = expect(session.signed_in)
    user_id = str(signed_in.value("/user_id"))
    signed_in.holds("/tenant_id", owner.account.tenant_id or signed_in.value("/tenant_id"))
    me = expect(await owner.call(ME))
    me.that("the user who signed in", str(me.value("/data/user_id")).endswith(user_id), me.json)
    me.holds("/data/token_payload/sub", session.claims["sub"])


async def test_wrong_password_is_refused(account: MemberAccount, expect: Expect) -> None:
    """A wrong password does not sign in."""
    expect(await account.sign_in(password=f"not-{account.password}"), 401)


async def test_tokens_are_for_one_use(owner: Actor, anonymous: Caller, expect: Expect) -> None:
    """A refresh token does not call operations, and an access token does not renew."""
    session = await owner.session()
    calls = [
        anonymous.bearing(session.refresh).call(ME),
        anonymous.call(REFRESH, json={"refresh_token": session.access}),
    ]
    for exchange in await together(calls):
        expect(exchange, 401)


def _tampered(session: Session) -> str:
    """The owner's own token with more scopes, its signature left as it was."""
    header, _, signature = session.access.split(".")
    claims = {**session.claims, "scope": "platform:operator", "roles": ["owner"]}
    return f"{header}.{_segment(claims)}.{signature}"


def _foreign(session: Session) -> str:
    """The same claims under the same kid, signed with a key of our own."""
    return _signed(session, dict(session.claims))


def _unsigned(session: Session) -> str:
    """The same claims with no signature (RFC 7519 §6)."""
    return f"{_segment({'alg': 'none', 'typ': 'JWT'})}.{_segment(dict(session.claims))}."


def _expired(session: Session) -> str:
    """The same claims, expired an hour ago, signed with a key of our own."""
    past = int(time.time()) - 3600
    return _signed(session, {**session.claims, "iat": past - 60, "nbf": past - 60, "exp": past})


def _signed(session: Session, claims: dict[str, object]) -> str:
    kid = jwt.get_unverified_header(session.access)["kid"]
    key = Ed25519PrivateKey.generate()
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def _shared(session: Session, secret: bytes) -> str:
    """The same claims under the same kid, signed with a shared secret (HS256)."""
    header = {"alg": "HS256", "typ": "JWT", "kid": session.answer["kid"]}
    signed = f"{_segment(header)}.{_segment(dict(session.claims))}"
    signature = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{_encoded(signature)}"


def _segment(value: object) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sound(owner: Actor) -> Exchange:
    """
    The answer to the owner's own token, before anything forged is sent.

    A service that remembers what it verified, by signature or by claims, has seen it by then.
    """
    return await owner.call(ME)


@pytest.mark.parametrize(
    "forged", [_tampered, _foreign, _unsigned, _expired], ids=lambda forge: forge.__name__[1:]
)
async def test_forged_token_is_refused(
    forged: Callable[[Session], str],
    owner: Actor,
    sound: Exchange,
    anonymous: Caller,
    expect: Expect,
) -> None:
    """A token that the service did not sign, or no longer stands by, is refused."""
    expect(sound)
    token = forged(await owner.session())
    expect(await anonymous.bearing(token).call(ME), 401)


@exercises(ME)
async def test_published_key_is_not_a_password(
    owner: Actor, sound: Exchange, key_sets: tuple[Exchange, ...], anonymous: Caller, expect: Expect
) -> None:
    """A token that is signed with the public key, as if it were a shared secret, is refused."""
    expect(sound)
    session = await owner.session()
    keys, kid = expect(key_sets[-1]), session.answer["kid"]
    keys.lists("/keys/*/kid", kid)
    key = next(one for one in keys.json["keys"] if one["kid"] == kid)
    # A library may hand any of these forms to its check of a signature (RFC 8725 §2.1).
    public = jwt.PyJWK(key).key
    secrets = (
        str(key["x"]).encode(),
        public.public_bytes(Encoding.Raw, PublicFormat.Raw),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )
    calls = [anonymous.bearing(_shared(session, secret)).call(ME) for secret in secrets]
    for exchange in await together(calls):
        expect(exchange, 401)
