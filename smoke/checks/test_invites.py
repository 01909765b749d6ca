"""Does an invite let somebody into a tenant, once, and only while it stands?"""

from smoke import Actor, Caller, Expect, Lists, Run, exercises
from smoke.checks.accounts import (
    ACCEPT,
    INVITE,
    REMOVE,
    SIGN_IN,
    MemberAccount,
    new_password,
    secret,
)

INVITES = "GET /api/v1/tenants/invites"
MEMBERS = "GET /api/v1/tenants/members"
REVOKE = "POST /api/v1/tenants/invites/{invite_id}/revoke"
ACCEPT_CURRENT = "POST /api/v1/tenants/invites/accept/current"


@exercises(ACCEPT, INVITES, MEMBERS, SIGN_IN)
async def test_accepted_invite_makes_a_member(
    account: MemberAccount, owner: Actor, expect: Expect, lists: Lists
) -> None:
    """Who accepted an invite is listed as a member with its role, and can sign in."""
    expect(account.accepted)
    rows = await lists.rows(owner, MEMBERS, {"user_id": account.user_id})
    roles = [row["role"] for row in rows]
    expect.that("the account among the members, with the role of the invite", roles == ["member"])
    listed = await lists.rows(owner, INVITES, {"id": account.invite_id})
    states = [row["status"] for row in listed]
    expect.that("the invite listed as accepted", states == ["accepted"], states)
    expect(await account.sign_in(), 200).holds("/user_id", account.user_id)


async def test_invite_is_accepted_once(
    account: MemberAccount, anonymous: Caller, expect: Expect
) -> None:
    """An invite that was accepted lets nobody in a second time."""
    body = {"token": account.invite_token, "password": account.password}
    expect(await anonymous.call(ACCEPT, json=body), 400, 404, 409, 410)


@exercises(INVITE, REVOKE, INVITES)
async def test_revoked_invite_lets_nobody_in(
    owner: Actor,
    anonymous: Caller,
    expect: Expect,
    run: Run,
    lists: Lists,
) -> None:
    """A revoked invite is listed as revoked, cannot be accepted, and makes no member."""
    email = f"smoke-nobody-{run.id}@example.com"
    invite = expect(await owner.call(INVITE, json={"invited_email": email, "role": "viewer"}))
    token, invite_id = secret(run, invite.value("/invite_token")), str(invite.value("/id"))
    run.own(REVOKE, {"invite_id": invite_id})
    expect(await owner.call(REVOKE, invite_id=invite_id)).holds("/status", "revoked")
    body = {"token": token, "password": new_password(run)}
    expect(await anonymous.call(ACCEPT, json=body), 400, 404, 409, 410)
    wanted = {"id": invite_id, "status": "revoked"}
    listed = await lists.rows(owner, INVITES, wanted, status="revoked")
    expect.that("the invite listed as revoked", bool(listed))
    members = [row["email"] for row in await lists.all(owner, MEMBERS)]
    expect.that("the owner among the members", owner.account.email in members, members)
    expect.that("no member of that address", email not in members, members)


@exercises(INVITE, ACCEPT_CURRENT, REMOVE)
async def test_account_joins_a_second_tenant(
    account: MemberAccount, outsider: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """Somebody who has an account accepts an invite of another tenant, and is removed again."""
    wanted = {"invited_email": account.email, "role": "viewer"}
    invite = expect(await outsider.call(INVITE, json=wanted))
    body = {"token": secret(run, invite.value("/invite_token"))}
    expect(await account.call(ACCEPT_CURRENT, json=body)).holds("/status", "accepted")
    wanted = {"user_id": account.user_id}
    there = await lists.rows(outsider, MEMBERS, wanted)
    expect.that("the account among the members, once", len(there) == 1, len(there))
    expect(await outsider.call(REMOVE, user_id=account.user_id))
    account.refresh = ""  # being removed may end its sessions everywhere
    await lists.lack(outsider, MEMBERS, wanted)


@exercises("GET /api/v1/tenants/invites/policy")
async def test_invite_policy_is_known(viewer: Actor, expect: Expect) -> None:
    """Invites last as long as the policy says, which is no longer than it allows."""
    policy = expect(await viewer.call("GET /api/v1/tenants/invites/policy"))
    usual, most = policy.value("/default_expires_hours"), policy.value("/max_expires_hours")
    policy.that("0 < default <= most", 0 < usual <= most, policy.json)


async def test_invites_are_for_admins(member: Actor, expect: Expect, run: Run) -> None:
    """A member invites nobody."""
    wanted = {"invited_email": f"smoke-nobody-{run.id}@example.com", "role": "viewer"}
    expect(await member.call(INVITE, json=wanted), 403)
