"""Is an e-mail address believed only when it was proved?"""

from smoke.checks import exercises
from smoke.checks.conftest import Mailed
from smoke.checks.guests import Guest, own_address, within_limits
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.session.actors import Actor, Caller

CHANGE = "PATCH /api/v1/users/me/email"
SEND = "POST /api/v1/auth/email/send"
VERIFY = "POST /api/v1/auth/email/verify"
DOOR = "POST /api/v1/test-fixtures/email-verification-token"
TENANT_READ = "GET /api/v1/conversations"


@exercises(CHANGE, SEND, DOOR, VERIFY, TENANT_READ)
async def test_new_address_is_verified(
    guest: Guest, anonymous: Caller, expect: Expect, mailed: Mailed, run: Run
) -> None:
    """A new address shuts the tenant until its token is shown; it opens with the next sign-in."""
    email = f"smoke-guest-{run.id}-moved@example.com"
    body = {"current_password": guest.password, "new_email": email}
    moved = expect(await guest.call(CHANGE, json=body))
    guest.email = str(moved.value("/data/email"))
    (await guest.enter(expect)).holds("/email_verified", False)
    expect(await guest.call(TENANT_READ), 403)
    sent = await guest.call(SEND, headers=own_address(run))
    token = {"token": await mailed(DOOR, guest.email)}
    expect(await anonymous.call(VERIFY, json=token))
    expect(await guest.renew(), 401)
    (await guest.enter(expect)).holds("/email_verified", True)
    expect(await guest.call(TENANT_READ))
    expect(await anonymous.call(VERIFY, json=token), 400)
    expect(within_limits(sent))


async def test_address_of_somebody_else_is_refused(
    guest: Guest, owner: Actor, expect: Expect
) -> None:
    """An address that belongs to another account is refused, and the own one stays."""
    body = {"current_password": guest.password, "new_email": owner.account.email}
    expect(await guest.call(CHANGE, json=body), 400, 403, 409, 422)
    me = expect(await guest.call("GET /api/v1/users/me"))
    me.holds("/data/email", guest.email)
