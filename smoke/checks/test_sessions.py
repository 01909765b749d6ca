"""Sessions: a renewal keeps their identity, and after their end they are invalid."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from smoke import Actor, Answer, Caller, Expect, Lists, Run, Session, exercises
from smoke.checks.accounts import REFRESH, MemberAccount

LOGOUT = "POST /api/v1/auth/logout"
SESSIONS = "GET /api/v1/auth/sessions"
REVOKE = "DELETE /api/v1/auth/sessions/{session_id}"
ME = "GET /api/v1/auth/me"

# Fields of a session's answer with the user, the tenant and the session.
IDENTITY = ("user_id", "tenant_id", "session_id", "email_verified")
# Claims of an access token that a renewal must not change.
CLAIMS = ("sub", "tenant_id", "roles", "scope", "iss", "aud", "email_verified")
# Seconds that an access token must live: a person could do nothing with a shorter one.
ACCESS_LEAST_S = 60
# Seconds that an access token may live: it cannot be revoked, whatever happens to the account.
ACCESS_MOST_S = 24 * 3600
# Seconds that a session may live: browsers keep a cookie for 400 days at most (RFC 6265bis).
REFRESH_MOST_S = 400 * 24 * 3600
# Seconds by which an answer's time and the token's own may differ: both are rounded.
AGREE_S = 2


class Renewed(NamedTuple):
    """
    A session as it was at its sign-in, and as its last renewal answered.

    Both, because a service that loses something at each renewal has lost it in `newest` already.
    """

    signed_in: Session
    newest: Session


class LeftSessions:
    """Sessions that one check has left alive for another: a sign-in costs two slow hashes."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._left: list[Renewed] = []

    def leave(self, session: Renewed) -> None:
        """Leave a session for the next check that ends one."""
        self._left.append(session)

    async def take(self) -> Renewed:
        """Return a session that was left, or a new one."""
        if self._left:
            return self._left.pop()
        session = await self._actor.sign_in()
        return Renewed(session, session)


@pytest.fixture(scope="session")
def sessions(disposable: Actor) -> LeftSessions:
    """Sessions of an account that may lose them."""
    return LeftSessions(disposable)


@exercises(LOGOUT)
async def test_signed_out_session_cannot_be_renewed(account: MemberAccount, expect: Expect) -> None:
    """After signing out, the session's refresh token is refused."""
    await account.ensure_session(expect, anywhere=True)
    refresh = account.refresh or account.refresh_elsewhere
    expect(await account.call(LOGOUT, json={"refresh_token": refresh}))
    expect(await account.renew(), 401)


@exercises(REFRESH)
async def test_refresh_token_rotates(
    disposable: Actor, expect: Expect, sessions: LeftSessions
) -> None:
    """A refresh token works once: the new one differs, the old one is refused."""
    signed_in, first = await sessions.take()
    renewed = expect(await disposable.renew(first))
    second = await disposable.verified(renewed.exchange)
    renewed.that("a new refresh token", second.refresh != first.refresh)
    expect(await disposable.renew(first), 401)
    sessions.leave(Renewed(signed_in, second))


@exercises(REFRESH, ME)
async def test_renewed_session_keeps_its_identity(
    disposable: Actor, anonymous: Caller, expect: Expect, sessions: LeftSessions
) -> None:
    """A renewed session has the user, tenant, roles and scopes of the sign-in."""
    first, newest = await sessions.take()
    renewed = expect(await disposable.renew(newest))
    second = await disposable.verified(renewed.exchange)
    for name in IDENTITY:
        renewed.holds(f"/{name}", first.answer[name])
    changed = [name for name in CLAIMS if second.claims.get(name) != first.claims.get(name)]
    renewed.that("the same claims", not changed, changed)
    scopes = set(renewed.value("/scopes"))
    renewed.that("the same scopes", scopes == set(first.answer["scopes"]), scopes)
    me = expect(await anonymous.bearing(second.access).call(ME))
    user = str(me.value("/data/user_id"))
    me.that("the user who signed in", user.endswith(str(first.answer["user_id"])), user)
    sessions.leave(Renewed(first, second))


async def test_session_ends_when_it_says(owner: Actor, expect: Expect) -> None:
    """A session's times agree with its token, lie ahead, and are not unreasonably far away."""
    session = await owner.session()
    answer = expect(session.exchange)
    issued, expires = session.claims["iat"], session.claims["exp"]
    stated = _seconds(answer, "/expires_at")
    answer.that("expires_at as in the token", abs(stated - expires) <= AGREE_S, stated - expires)
    lives_s = expires - issued
    lives = ACCESS_LEAST_S <= lives_s <= ACCESS_MOST_S
    answer.that(f"a token of {ACCESS_LEAST_S} to {ACCESS_MOST_S} s", lives, lives_s)
    refresh_s = _seconds(answer, "/refresh_expires_at") - issued
    lasting = lives_s <= refresh_s <= REFRESH_MOST_S
    answer.that(f"a session of at most {REFRESH_MOST_S} s", lasting, refresh_s)


@exercises(SESSIONS, REVOKE)
async def test_revoked_session_is_over(
    disposable: Actor,
    viewer: Actor,
    anonymous: Caller,
    expect: Expect,
    lists: Lists,
    run: Run,
    sessions: LeftSessions,
) -> None:
    """A session is listed, revoked by its user alone, not listed any more, and not renewed."""
    session = (await sessions.take()).newest
    row: dict[str, Any] = {"id": session.answer["session_id"]}
    caller = anonymous.bearing(session.access)
    run.own(REVOKE, {"session_id": row["id"]})
    by_another = await viewer.call(REVOKE, session_id=row["id"])
    expect(by_another, 403, 404, unknown=True)  # the list read next shows it
    await lists.row(caller, SESSIONS, row)
    expect(await caller.call(REVOKE, session_id=row["id"]))
    left = lists.rows_of(await lists.lack(caller, SESSIONS, row))
    other = (await viewer.session()).answer["session_id"]
    expect.that("no session of another user", other not in [one["id"] for one in left], other)
    expect(await disposable.renew(session), 401)


def _seconds(answer: Answer, pointer: str) -> float:
    """A date-time of an answer in seconds since 1970; without an offset it is in UTC."""
    moment = datetime.fromisoformat(str(answer.value(pointer)))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
