"""Sessions: how they are renewed, and when they are really over."""

from smoke import Actor, Caller, Expect, Lists, Run, exercises
from smoke.checks.accounts import REFRESH

LOGOUT = "POST /api/v1/auth/logout"
LOGOUT_ALL = "POST /api/v1/auth/logout/all"
SESSIONS = "GET /api/v1/auth/sessions"
REVOKE = "DELETE /api/v1/auth/sessions/{session_id}"


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


@exercises(LOGOUT_ALL)
async def test_signing_out_everywhere_ends_every_session(
    disposable: Actor, anonymous: Caller, expect: Expect
) -> None:
    """After signing out everywhere, a session that was not named is over too."""
    kept, used = await disposable.sign_in(), await disposable.sign_in()
    expect(await anonymous.bearing(used.access).call(LOGOUT_ALL))
    expect(await disposable.renew(kept), 401)


@exercises(SESSIONS, REVOKE)
async def test_revoked_session_is_over(
    member: Actor, anonymous: Caller, expect: Expect, lists: Lists, run: Run
) -> None:
    """A session is listed, is revoked by its id, is listed no more, and cannot be renewed."""
    session = await member.sign_in()
    session_id = session.answer["session_id"]
    itself = anonymous.bearing(session.access)
    listed = await lists.rows(itself, SESSIONS, {"id": session_id})
    expect.that("the session among the user's", bool(listed))
    run.own(REVOKE, {"session_id": session_id})
    expect(await itself.call(REVOKE, session_id=session_id))
    await lists.lack(itself, SESSIONS, {"id": session_id})
    expect(await member.renew(session), 401)
