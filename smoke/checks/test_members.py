"""Members: roles and memberships hold from the next token on."""

from typing import Any

from smoke import Actor, Cleanup, Exchange, Expect, LeftOutError, Lists, Run, exercises
from smoke.checks.accounts import (
    ACCEPT,
    ADD,
    CLOSED,
    INVITE,
    MEMBERS,
    REFRESH,
    REMOVE,
    TAKEN,
    MemberAccount,
    secret,
)
from smoke.checks.accounts import LIST_MEMBERS as LIST
from smoke.checks.founding import Founder

ROLE = f"PATCH {MEMBERS}/{{user_id}}/role"
ACCEPT_CURRENT = "POST /api/v1/tenants/invites/accept/current"
LOGOUT_ALL = "POST /api/v1/auth/logout/all"
ME = "GET /api/v1/users/me"
# The statuses for somebody who accepts the invite of another address.
NOT_INVITED = (400, 403, 404, 409)
TENANT_READ = "GET /api/v1/conversations"


@exercises(ROLE, LIST)
async def test_role_changes_take_effect(
    account: MemberAccount, owner: Actor, expect: Expect
) -> None:
    """A member who becomes an admin lists members with its next token, but makes no owner."""
    await account.ensure_session(expect)
    for role, status in (("admin", 200), ("member", 403)):
        changed = expect(await owner.call(ROLE, json={"role": role}, user_id=account.user_id))
        changed.holds("/role", role)
        account.use_session(expect(await account.renew()))
        expect(await account.call(ME)).holds("/data/role", role)
        expect(await account.call(LIST), status)
        promoted = await account.call(ROLE, json={"role": "owner"}, user_id=account.user_id)
        expect(promoted, 403)


@exercises(REMOVE, ADD)
async def test_removed_member_is_out(
    founder: Founder, owner: Actor, expect: Expect, lists: Lists, run: Run, cleanup: Cleanup
) -> None:
    """An account that is added is a member; removed, it neither renews its session nor signs in."""
    account = founder.account
    row: dict[str, Any] = {"user_id": account.user_id}
    tenant_id = str((await owner.session()).answer["tenant_id"])
    wanted = {"email": account.email, "role": "member"}
    sent = await owner.call(ADD, json=wanted)
    cleanup(owner, REMOVE, **row)
    if sent.status == TAKEN:  # a run that was killed has left it there
        await owner.call(REMOVE, **row)
        sent = await owner.call(ADD, json=wanted)
    added = expect(sent)
    added.holds("/user_id", account.user_id)
    session = expect(await account.sign_in(tenant_id=tenant_id), 200)
    caller = account.anonymous.bearing(secret(run, session.value("/access_token")))
    # The address of an account that registered is not verified yet, which closes the tenant.
    expect(await caller.call(TENANT_READ), 200 if session.value("/email_verified") else 403)
    refresh = {"refresh_token": secret(run, session.value("/refresh_token"))}
    await lists.row(owner, LIST, {**row, "role": "member"})
    expect(await owner.call(REMOVE, **row))
    await lists.lack(owner, LIST, row)
    expect(await account.anonymous.call(REFRESH, json=refresh), 401)
    expect(await account.sign_in(tenant_id=tenant_id), 401)
    account.access_elsewhere = str(session.value("/access_token"))


@exercises(LOGOUT_ALL)
async def test_signing_out_everywhere_ends_every_session(founder: Founder, expect: Expect) -> None:
    """
    After signing out everywhere, another session of the same user is over too.

    The founder is this run's alone: a shared account would lose the sessions of other runs.
    """
    account = founder.account
    await account.ensure_session(expect)
    # The access token of a session that has ended may live on, and saves a sign-in.
    caller = account.anonymous.bearing(account.access_elsewhere)
    sent = await caller.call(LOGOUT_ALL) if account.access_elsewhere else None
    if sent is None or sent.status == 401:
        used = expect(await account.sign_in(), 200)
        caller = account.anonymous.bearing(secret(account.run, used.value("/access_token")))
        sent = await caller.call(LOGOUT_ALL)
    expect(sent)
    expect(await account.renew(), 401)


async def test_last_owner_stays(
    outsider: Actor, outsider_members: Exchange, expect: Expect
) -> None:
    """The only owner of a tenant cannot step down, and is still the owner."""
    members = expect(outsider_members)
    owners, roles = members.value("/owner_count"), members.values("/members/*/role")
    is_whole = len(roles) == members.value("/total")
    counted = roles.count("owner") == owners or not is_whole
    members.that("as many owners as are counted", counted, roles)
    if owners != 1:
        raise LeftOutError(f"the tenant has {owners} owners, so one of them may step down")
    user_id = str((await outsider.session()).answer["user_id"])
    stepped = await outsider.call(ROLE, json={"role": "viewer"}, user_id=user_id)
    expect(stepped, 400, 403, 409, 422)
    expect(await outsider.call(ME)).holds("/data/role", "owner")


async def test_members_are_changed_by_admins(
    account: MemberAccount, member: Actor, expect: Expect
) -> None:
    """A member changes no role."""
    expect(await member.call(ROLE, json={"role": "viewer"}, user_id=account.user_id), 403)


@exercises(INVITE, ACCEPT_CURRENT, REMOVE)
async def test_account_joins_a_second_tenant(
    account: MemberAccount, outsider: Actor, viewer: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """The account that another tenant invites joins it, once, and is removed again."""
    invited = {"invited_email": account.email, "role": "viewer"}
    invite = expect(await outsider.call(INVITE, json=invited))
    body = {"token": secret(run, invite.value("/invite_token"))}
    expect(await viewer.call(ACCEPT_CURRENT, json=body), *NOT_INVITED)
    expect(await account.call(ACCEPT_CURRENT, json=body)).holds("/status", "accepted")
    row = {"user_id": account.user_id}
    run.own(REMOVE, row)
    again = {**body, "password": account.password}
    expect(await account.anonymous.call(ACCEPT, json=again), *CLOSED)
    member = await lists.row(outsider, LIST, row)
    expect.that("the role of the invite", member["role"] == "viewer", member)
    expect(await outsider.call(REMOVE, user_id=account.user_id))
    account.refresh = ""  # a removal may end the account's sessions everywhere
    await lists.lack(outsider, LIST, row)
