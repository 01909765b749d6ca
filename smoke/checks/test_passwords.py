"""Does a new password replace the old one, by whichever way it comes?"""

from smoke import Actor, Caller, Expect, Run, exercises
from smoke.checks.accounts import MemberAccount, caller_address, new_password, not_limited
from smoke.checks.conftest import MailToken

CHANGE = "POST /api/v1/auth/password/change"
FORGOT = "POST /api/v1/auth/password/forgot"
CONFIRM = "POST /api/v1/auth/password/confirm"
RESET = "POST /api/v1/auth/password/reset"
DOOR = "POST /api/v1/test-fixtures/password-reset-token"


@exercises(CHANGE)
async def test_changed_password_replaces_the_old(
    account: MemberAccount, expect: Expect, run: Run
) -> None:
    """A change ends the sessions; the old password is refused, also as the next one."""
    await account.ensure_session(expect)
    old, new = account.password, new_password(run)
    change = {"current_password": old, "new_password": new}
    expect(await account.call(CHANGE, json={**change, "current_password": new}), 401)
    expect(await account.call(CHANGE, json=change))
    account.password = new
    expect(await account.renew(), 401)
    expect(await account.sign_in(password=old), 401)
    back = {"current_password": new, "new_password": old}
    expect(await account.call(CHANGE, json=back), 400, 409, 422)
    await account.start_session(expect)


async def test_short_password_is_refused(account: MemberAccount, expect: Expect) -> None:
    """A password that is too short is refused, and the old one goes on working."""
    body = {"current_password": account.password, "new_password": "Sh0rt!"}
    expect(await account.call(CHANGE, json=body), 422)
    await account.start_session(expect)


@exercises(FORGOT, CONFIRM, DOOR)
async def test_forgotten_password_is_reset_once(
    account: MemberAccount, anonymous: Caller, expect: Expect, mail_token: MailToken, run: Run
) -> None:
    """The token of the mail sets a new password, once; the old password is refused."""
    address = caller_address(run)
    for email in (account.email, f"smoke-nobody-{run.id}@example.com"):
        sent = await anonymous.call(FORGOT, json={"email": email}, headers=address)
        expect(not_limited(sent))
    token, old, new = await mail_token(DOOR, account.email), account.password, new_password(run)
    confirm = {"token": token, "new_password": new}
    expect(await anonymous.call(CONFIRM, json=confirm))
    account.password = new
    expect(await anonymous.call(CONFIRM, json={**confirm, "new_password": new_password(run)}), 400)
    expect(await account.sign_in(password=old), 401)
    await account.start_session(expect)


@exercises(RESET)
async def test_admin_resets_a_password(
    account: MemberAccount, owner: Actor, member: Actor, expect: Expect, run: Run
) -> None:
    """An admin sets a member's password, which ends its sessions; a member may not."""
    await account.ensure_session(expect)
    new = new_password(run)
    body = {"user_id": account.user_id, "new_password": new}
    expect(await member.call(RESET, json=body), 403)
    expect(await owner.call(RESET, json=body))
    account.password = new
    expect(await account.renew(), 401)
    await account.start_session(expect)
