"""Passwords: a new one replaces the old one, however it was changed."""

from smoke import Actor, Caller, Expect, Run, exercises
from smoke.checks.accounts import MemberAccount, caller_address, new_password, not_limited
from smoke.checks.conftest import MailToken

CHANGE = "POST /api/v1/auth/password/change"
FORGOT = "POST /api/v1/auth/password/forgot"
CONFIRM = "POST /api/v1/auth/password/confirm"
RESET = "POST /api/v1/auth/password/reset"
BY_MAIL = "POST /api/v1/test-fixtures/password-reset-token"
# The statuses for a new password that was the old one a moment ago.
REUSED = (400, 409, 422)


@exercises(CHANGE)
async def test_changed_password_replaces_the_old(
    account: MemberAccount, expect: Expect, run: Run
) -> None:
    """A change needs the old password and ends the sessions; then only the new one signs in."""
    await account.ensure_session(expect)
    old, new = account.password, new_password(run)
    change = {"current_password": old, "new_password": new}
    expect(await account.call(CHANGE, json={**change, "current_password": new}), 401)
    expect(await account.call(CHANGE, json=change))
    account.password = new
    expect(await account.renew(), 401)
    expect(await account.sign_in(password=old), 401)
    await _must_be_in_force(account, old, expect)


async def test_short_password_is_refused(account: MemberAccount, expect: Expect) -> None:
    """A password that is too short is refused as a new one."""
    body = {"current_password": account.password, "new_password": "Sh0rt!"}
    expect(await account.call(CHANGE, json=body), 422)


@exercises(FORGOT, CONFIRM, BY_MAIL)
async def test_forgotten_password_is_reset_once(
    account: MemberAccount, anonymous: Caller, expect: Expect, mail_token: MailToken, run: Run
) -> None:
    """The token of the mail sets a new password, once; the old password is refused."""
    address = caller_address(run)
    for email in (account.email, f"smoke-unknown-{run.id}@example.com"):
        sent = await anonymous.call(FORGOT, json={"email": email}, headers=address)
        expect(not_limited(sent))
    token, old = await mail_token(BY_MAIL, account.email), account.password
    confirm = {"token": token, "new_password": new_password(run)}
    expect(await anonymous.call(CONFIRM, json=confirm))
    account.password = confirm["new_password"]
    expect(await anonymous.call(CONFIRM, json={**confirm, "new_password": new_password(run)}), 400)
    expect(await account.sign_in(password=old), 401)
    await _must_be_in_force(account, old, expect)


@exercises(RESET)
async def test_admin_resets_a_password(
    account: MemberAccount, owner: Actor, member: Actor, outsider: Actor, expect: Expect, run: Run
) -> None:
    """An admin sets a member's password, which ends the member's sessions; others may not."""
    await account.ensure_session(expect)
    old, new = account.password, new_password(run)
    body = {"user_id": account.user_id, "new_password": new}
    expect(await member.call(RESET, json=body), 403)
    expect(await outsider.call(RESET, json=body), 400, 403, 404)
    expect(await owner.call(RESET, json=body))
    account.password = new
    expect(await account.renew(), 401)
    await _must_be_in_force(account, old, expect)


async def _must_be_in_force(account: MemberAccount, old: str, expect: Expect) -> None:
    """
    Expect the account's password to be the one that counts, without a sign-in.

    A change back to the old password is refused for that password; were the current one wrong, it
    would be refused with 401.
    """
    account.refresh = account.refresh_elsewhere = ""  # a new password ends every session
    back = {"current_password": account.password, "new_password": old}
    expect(await account.call(CHANGE, json=back), *REUSED)
