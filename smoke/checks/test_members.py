"""Do roles and memberships hold from the next token on?"""

from smoke import Actor, Expect, LeftOutError, Lists, exercises
from smoke.checks.accounts import ADD, MEMBERS, REMOVE, MemberAccount

ROLE = f"PATCH {MEMBERS}/{{user_id}}/role"
ME = "GET /api/v1/users/me"


@exercises(ROLE, f"GET {MEMBERS}")
async def test_role_changes_take_effect(
    account: MemberAccount, owner: Actor, expect: Expect
) -> None:
    """A member who is made an admin may list the members with its next token, and not after."""
    await account.ensure_session(expect)
    expect(await account.call(f"GET {MEMBERS}"), 403)
    for role, status in (("admin", 200), ("member", 403)):
        changed = expect(await owner.call(ROLE, json={"role": role}, user_id=account.user_id))
        changed.holds("/role", role)
        account.use_session(expect(await account.renew()))
        expect(await account.call(ME)).holds("/data/role", role)
        expect(await account.call(f"GET {MEMBERS}"), status)


@exercises(REMOVE, ADD)
async def test_removed_member_is_out(account: MemberAccount, owner: Actor, expect: Expect) -> None:
    """A removed member can neither renew its session nor sign in, until it is added again."""
    await account.ensure_session(expect)
    expect(await owner.call(REMOVE, user_id=account.user_id))
    try:
        expect(await account.renew(), 401)
        expect(await account.sign_in(), 401)
    finally:
        body = {"email": account.email, "role": "member"}
        added = await owner.call(ADD, json=body)
    expect(added).holds("/user_id", account.user_id)
    await account.start_session(expect)


async def test_last_owner_stays(outsider: Actor, expect: Expect) -> None:
    """The only owner of a tenant cannot step down, and is still the owner."""
    owners = expect(await outsider.call(f"GET {MEMBERS}")).value("/owner_count")
    if owners != 1:
        raise LeftOutError(f"the tenant has {owners} owners, so one of them may step down")
    me = expect(await outsider.call(ME))
    user_id = str(me.value("/data/user_id"))
    stepped = await outsider.call(ROLE, json={"role": "viewer"}, user_id=user_id)
    expect(stepped, 400, 403, 409, 422)
    expect(await outsider.call(ME)).holds("/data/role", "owner")


async def test_members_are_changed_by_admins(
    account: MemberAccount, member: Actor, expect: Expect
) -> None:
    """A member changes nobody's role."""
    expect(await member.call(ROLE, json={"role": "viewer"}, user_id=account.user_id), 403)


async def test_admin_makes_no_owner(
    account: MemberAccount, disposable: Actor, owner: Actor, expect: Expect, lists: Lists
) -> None:
    """Only an owner can make somebody an owner: an admin is refused, and the role is as before."""
    role = expect(await disposable.call(ME)).json["data"]["role"]
    if role != "admin":
        raise LeftOutError(f"nobody here is an admin and no owner: {disposable.name} is {role}")
    wanted = {"role": "owner"}
    expect(await disposable.call(ROLE, json=wanted, user_id=account.user_id), 403)
    rows = await lists.rows(owner, f"GET {MEMBERS}", {"user_id": account.user_id})
    roles = [row["role"] for row in rows]
    expect.that("the account no owner", "owner" not in roles, roles)
