"""Does a new password replace the old one, by whichever way it comes?"""

from smoke.checks import exercises
from smoke.checks.conftest import Mailed
from smoke.checks.guests import Guest, new_password, own_address, within_limits
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.session.actors import Actor, Caller

CHANGE = "POST /api/v1/auth/password/change"
FORGOT = "POST /api/v1/auth/password/forgot"
CONFIRM = "POST /api/v1/auth/password/confirm"
RESET = "POST /api/v1/auth/password/reset"
DOOR = "POST /api/v1/test-fixtures/password-reset-token"


@exercises(CHANGE)
async def test_changed_password_replaces_the_old(guest: Guest, expect: Expect, run: Run) -> None:
    """A change ends the sessions; the old password is refused, also as the next one."""
    await guest.be_in(expect)
    old, new = guest.password, new_password(run)
    change = {"current_password": old, "new_password": new}
    expect(await guest.call(CHANGE, json={**change, "current_password": new}), 401)
    expect(await guest.call(CHANGE, json=change))
    guest.password = new
    expect(await guest.renew(), 401)
    expect(await guest.sign_in(password=old), 401)
    back = {"current_password": new, "new_password": old}
    expect(await guest.call(CHANGE, json=back), 400, 409, 422)
    await guest.enter(expect)


async def test_short_password_is_refused(guest: Guest, expect: Expect) -> None:
    """A password that is too short is refused, and the old one goes on working."""
    body = {"current_password": guest.password, "new_password": "Sh0rt!"}
    expect(await guest.call(CHANGE, json=body), 422)
    await guest.enter(expect)


@exercises(FORGOT, CONFIRM, DOOR)
async def test_forgotten_password_is_reset_once(
    guest: Guest, anonymous: Caller, expect: Expect, mailed: Mailed, run: Run
) -> None:
    """The token of the mail sets a new password, once; the old password is refused."""
    address = own_address(run)
    for email in (guest.email, f"smoke-nobody-{run.id}@example.com"):
        sent = await anonymous.call(FORGOT, json={"email": email}, headers=address)
        expect(within_limits(sent))
    token, old, new = await mailed(DOOR, guest.email), guest.password, new_password(run)
    confirm = {"token": token, "new_password": new}
    expect(await anonymous.call(CONFIRM, json=confirm))
    guest.password = new
    expect(await anonymous.call(CONFIRM, json={**confirm, "new_password": new_password(run)}), 400)
    expect(await guest.sign_in(password=old), 401)
    await guest.enter(expect)


@exercises(RESET)
async def test_admin_resets_a_password(
    guest: Guest, owner: Actor, member: Actor, expect: Expect, run: Run
) -> None:
    """An admin sets a member's password, which ends its sessions; a member may not."""
    await guest.be_in(expect)
    new = new_password(run)
    body = {"user_id": guest.user_id, "new_password": new}
    expect(await member.call(RESET, json=body), 403)
    expect(await owner.call(RESET, json=body))
    guest.password = new
    expect(await guest.renew(), 401)
    await guest.enter(expect)
