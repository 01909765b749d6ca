"""Who gets in, who does not, and when a session is really over."""

import base64
import json
import time
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from smoke.auth import Actor, Caller, Session
from smoke.checks import exercises
from smoke.checks.lists import Lists
from smoke.expect import Expect
from smoke.pace import together
from smoke.run import Run

SIGN_IN = "POST /api/v1/auth/token"
REFRESH = "POST /api/v1/auth/refresh"
LOGOUT = "POST /api/v1/auth/logout"
ME = "GET /api/v1/auth/me"
SESSIONS = "GET /api/v1/auth/sessions"
REVOKE = "DELETE /api/v1/auth/sessions/{session_id}"
NEVER_SIGNS_IN = "smoke-locked@example.com"
"""An account of the seeding that nobody uses: five wrong passwords in an hour lock an account."""


@exercises(SIGN_IN, ME)
async def test_owner_is_who_the_token_says(owner: Actor, expect: Expect) -> None:
    """The owner signs in to its own tenant, and the token alone says who calls."""
    session = await owner.session()
    signed_in = expect(session.exchange)
    user_id = str(signed_in.value("/user_id"))
    signed_in.holds("/tenant_id", owner.account.tenant_id or signed_in.value("/tenant_id"))
    me = expect(await owner.call(ME))
    me.that("the user who signed in", str(me.value("/data/user_id")).endswith(user_id), me.json)
    me.holds("/data/token_payload/sub", session.claims["sub"])


async def test_wrong_password_is_refused(anonymous: Caller, expect: Expect) -> None:
    """A wrong password does not sign in: 401, or 423 and 429 where it was tried too often.

    400 is for an account that other runs put into other tenants, too: it must name one.
    """
    wrong = {"email": NEVER_SIGNS_IN, "password": "not-the-password-0"}
    expect(await anonymous.call(SIGN_IN, json=wrong, at_once=True), 400, 401, 423, 429)


@exercises(REFRESH)
async def test_refresh_token_rotates(member: Actor, expect: Expect) -> None:
    """A refresh token works once: the next one works, the old one is refused."""
    first = await member.sign_in()
    renewed = expect(await member.renew(first))
    second = await member.verified(renewed.exchange)
    renewed.that("a new refresh token", second.refresh != first.refresh)
    renewed.that("the same user", second.claims.get("sub") == first.claims.get("sub"))
    renewed.holds("/session_id", first.answer["session_id"])
    third = await member.verified(expect(await member.renew(second)).exchange)
    expect(await member.renew(first), 401)
    await member.sign_out(third)


@exercises(LOGOUT)
async def test_signed_out_session_cannot_be_renewed(member: Actor, expect: Expect) -> None:
    """After signing out, the session's refresh token is refused."""
    session = await member.sign_in()
    expect(await member.sign_out(session))
    expect(await member.renew(session), 401)


@exercises("POST /api/v1/auth/logout/all")
async def test_signing_out_everywhere_ends_every_session(
    disposable: Actor, anonymous: Caller, expect: Expect
) -> None:
    """After signing out everywhere, a session that was not named is over too."""
    kept, used = await disposable.sign_in(), await disposable.sign_in()
    expect(await anonymous.bearing(used.access).call("POST /api/v1/auth/logout/all"))
    expect(await disposable.renew(kept), 401)


@exercises(SESSIONS, REVOKE)
async def test_revoked_session_is_over(
    member: Actor, anonymous: Caller, expect: Expect, lists: Lists, run: Run
) -> None:
    """A session is listed, is revoked by its id, is listed no more, and cannot be renewed."""
    session = await member.sign_in()
    session_id = session.answer["session_id"]
    itself = anonymous.bearing(session.access)
    listed = await lists.rows(itself, SESSIONS, {"id": session_id}, "/sessions")
    expect.that("the session among the user's", bool(listed))
    run.own(REVOKE, {"session_id": session_id})
    expect(await itself.call(REVOKE, session_id=session_id))
    is_gone = await lists.lack(itself, SESSIONS, {"id": session_id}, "/sessions")
    expect.that("the session no longer listed", is_gone)
    expect(await member.renew(session), 401)


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
    """The same claims, over since an hour, signed with a key of our own."""
    past = int(time.time()) - 3600
    return _signed(session, {**session.claims, "iat": past - 60, "nbf": past - 60, "exp": past})


def _signed(session: Session, claims: dict[str, object]) -> str:
    kid = jwt.get_unverified_header(session.access)["kid"]
    key = Ed25519PrivateKey.generate()
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def _segment(value: object) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "forged", [_tampered, _foreign, _unsigned, _expired], ids=lambda forge: forge.__name__[1:]
)
async def test_forged_token_is_refused(
    forged: Callable[[Session], str], owner: Actor, anonymous: Caller, expect: Expect
) -> None:
    """A token that the service did not sign, or no longer stands by, is refused."""
    token = forged(await owner.session())
    expect(await anonymous.bearing(token).call(ME), 401)
