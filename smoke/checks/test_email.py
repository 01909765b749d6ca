"""E-mail addresses: they count as verified after their proof, and only then."""

from smoke import Actor, Caller, Expect, Run, exercises
from smoke.checks.accounts import MemberAccount, caller_address, new_password, not_limited
from smoke.checks.conftest import MailToken

CHANGE = "PATCH /api/v1/users/me/email"
SEND = "POST /api/v1/auth/email/send"
VERIFY = "POST /api/v1/auth/email/verify"
CONFIRM = "POST /api/v1/auth/password/confirm"
# What may be answered to a new password with a token that only proves an address.
NOT_FOR_PASSWORDS = (400, 401, 403, 404, 422)
BY_MAIL = "POST /api/v1/test-fixtures/email-verification-token"
TENANT_READ = "GET /api/v1/conversations"
ME = "GET /api/v1/users/me"


@exercises(CHANGE, SEND, BY_MAIL, VERIFY, TENANT_READ)
async def test_new_address_is_verified(
    account: MemberAccount, anonymous: Caller, expect: Expect, mail_token: MailToken, run: Run
) -> None:
    """A new address is not verified, which ends the sessions, until its token is sent back."""
    email = f"smoke-moved@smoke-{run.id}.example.com"
    body, before = {"current_password": account.password, "new_email": email}, account.email
    moved = expect(await account.call(CHANGE, json=body))
    account.email = str(moved.value("/data/email"))
    expect(await account.call(ME)).holds("/data/email_verified", False)
    sent = await account.call(SEND, headers=caller_address(run))
    token = {"token": await mail_token(BY_MAIL, account.email)}
    stolen = {**token, "new_password": new_password(run)}
    expect(await anonymous.call(CONFIRM, json=stolen), *NOT_FOR_PASSWORDS)
    expect(await anonymous.call(VERIFY, json=token))
    if account.refresh or account.refresh_elsewhere:
        expect(await account.renew(), 401)
    account.refresh_elsewhere = ""  # it has ended as well
    (await account.start_session(expect)).holds("/email_verified", True)
    expect(await account.sign_in(email=before, at_once=True), 401)
    expect(await account.call(TENANT_READ))
    expect(await anonymous.call(VERIFY, json=token), 400)
    expect(not_limited(sent))


async def test_address_of_another_account_is_refused(
    account: MemberAccount, owner: Actor, expect: Expect
) -> None:
    """An address of another account is refused, as is any without the password; the own stays."""
    free = f"smoke-elsewhere@smoke-{expect.run.id}.example.com"
    stolen = {"current_password": f"{account.password}?", "new_email": free}
    expect(await account.call(CHANGE, json=stolen), 400, 401, 403)
    body = {"current_password": account.password, "new_email": owner.account.email}
    expect(await account.call(CHANGE, json=body), 400, 403, 409, 422)
    expect(await account.call(ME)).holds("/data/email", account.email)
