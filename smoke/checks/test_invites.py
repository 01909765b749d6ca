"""Invites: they let an account into a tenant, once, and only while they are open."""

from smoke import Actor, Caller, Expect, Lists, Run, exercises
from smoke.checks.accounts import (
    ACCEPT,
    CLOSED,
    INVITE,
    NAME,
    REVOKE_INVITE,
    MemberAccount,
    new_password,
    secret,
)
from smoke.checks.accounts import LIST_MEMBERS as MEMBERS
from smoke.checks.answered import shown

INVITES = "GET /api/v1/tenants/invites"
POLICY = "GET /api/v1/tenants/invites/policy"


@exercises(ACCEPT, INVITES, MEMBERS)
async def test_accepted_invite_makes_a_member(
    account: MemberAccount, owner: Actor, expect: Expect, lists: Lists
) -> None:
    """An account that accepted an invite is one member, with the role of the invite."""
    if account.joined is not None:
        expect(account.joined)
    row = {"user_id": account.user_id, "role": "member"}
    member = await shown(lists, owner, MEMBERS, row)
    if account.joined is not None:
        expect.that("the name that it gave", member["display_name"] == NAME, member)
    wanted = {"invited_email": account.home, "status": "accepted"}
    await lists.row(owner, INVITES, wanted, email=account.home)


@exercises(INVITE, REVOKE_INVITE, INVITES)
async def test_revoked_invite_is_refused(
    owner: Actor, anonymous: Caller, expect: Expect, run: Run, lists: Lists
) -> None:
    """A revoked invite is listed as revoked only, cannot be accepted, and makes no member."""
    email = f"smoke-uninvited-{run.id}@example.com"
    invite = expect(await owner.call(INVITE, json={"invited_email": email, "role": "viewer"}))
    token, invite_id = secret(run, invite.value("/invite_token")), str(invite.value("/id"))
    await lists.row(owner, INVITES, {"id": invite_id}, status="active", email=email)
    run.own(REVOKE_INVITE, {"invite_id": invite_id})
    expect(await owner.call(REVOKE_INVITE, invite_id=invite_id)).holds("/status", "revoked")
    body = {"token": token, "password": new_password(run)}
    expect(await anonymous.call(ACCEPT, json=body), *CLOSED)
    await lists.row(owner, INVITES, {"id": invite_id, "status": "revoked"}, status="revoked")
    await lists.lack(owner, INVITES, {"id": invite_id}, status="active")
    members = [row["email"] for row in await lists.all(owner, MEMBERS)]
    expect.that("the owner among the members", owner.account.email in members, members)
    expect.that("no member of that address", email not in members, members)


@exercises(POLICY)
async def test_invite_policy_is_consistent(viewer: Actor, expect: Expect) -> None:
    """The default lifetime of an invite is within the policy's limit."""
    policy = expect(await viewer.call(POLICY))
    usual, most = policy.value("/default_expires_hours"), policy.value("/max_expires_hours")
    policy.that("0 < default <= limit", 0 < usual <= most, policy.json)


async def test_invites_are_for_admins(member: Actor, expect: Expect, run: Run) -> None:
    """A member cannot invite."""
    invited = {"invited_email": f"smoke-uninvited-{run.id}@example.com", "role": "viewer"}
    expect(await member.call(INVITE, json=invited), 403)
