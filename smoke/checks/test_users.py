"""Does the service know its users, and keep what they say of themselves?"""

from smoke import Actor, Caller, Expect, Run, exercises
from smoke.checks.accounts import DISABLE, MemberAccount

ME = "GET /api/v1/users/me"
PROFILE = "PATCH /api/v1/users/me/profile"
CONSENTS = "/api/v1/users/consents"
PREFERENCES = "/api/v1/users/notification-preferences"


@exercises(ME)
async def test_each_actor_is_itself(member: Actor, viewer: Actor, expect: Expect) -> None:
    """Each user reads its own e-mail, tenant and role, and nobody else's."""
    for actor, role in ((member, "member"), (viewer, "viewer")):
        me = expect(await actor.call(ME))
        me.holds("/data/role", role)
        email = str(me.value("/data/email")).lower()
        me.that("its own address", email == actor.account.email.lower(), email)
        me.holds("/data/user_id", (await actor.session()).answer["user_id"])


@exercises(PROFILE)
async def test_profile_is_kept(account: MemberAccount, expect: Expect, run: Run) -> None:
    """A new name is read back, and changes again."""
    for name in (f"Smoke {run.id}", "Smoke"):
        expect(await account.call(PROFILE, json={"given_name": name}))
        expect(await account.call(ME)).holds("/data/given_name", name)


async def test_nobody_is_nobody(anonymous: Caller, expect: Expect) -> None:
    """Without a token there is no user to read."""
    expect(await anonymous.call(ME), 401)


@exercises(f"POST {CONSENTS}", f"GET {CONSENTS}")
async def test_consent_is_kept(
    account: MemberAccount, viewer: Actor, expect: Expect, run: Run
) -> None:
    """A consent is read back by who gave it, and by nobody else."""
    wanted = {"policy_key": "smoke", "version": run.id}
    expect(await account.call(f"POST {CONSENTS}", json=wanted))
    expect(await account.call(f"GET {CONSENTS}")).lists("/*/version", run.id)
    expect(await viewer.call(f"GET {CONSENTS}")).lacks("/*/version", run.id)


@exercises(f"PUT {PREFERENCES}", f"GET {PREFERENCES}")
async def test_notification_preference_is_kept(
    account: MemberAccount, expect: Expect, run: Run
) -> None:
    """A preference is read back, and its change does not make a second one."""
    mine = {"channel": "email", "category": f"smoke-{run.id}"}
    for enabled in (False, True):
        expect(await account.call(f"PUT {PREFERENCES}", json={**mine, "enabled": enabled}))
        read = expect(await account.call(f"GET {PREFERENCES}"))
        rows = [row for row in read.json if row["category"] == mine["category"]]
        read.that("the preference, once", len(rows) == 1, len(rows))
        read.that(f"enabled is {enabled}", rows[0]["enabled"] is enabled, rows)


@exercises(DISABLE)
async def test_disabled_account_is_shut(account: MemberAccount, expect: Expect) -> None:
    """Who disables its account cannot renew its session or sign in. The account ends here."""
    await account.ensure_session(expect)
    wrong = {"current_password": f"not-{account.password}"}
    expect(await account.call(DISABLE, json=wrong), 400, 401, 403)
    expect(await account.call(DISABLE, json={"current_password": account.password}))
    account.is_disabled = True
    expect(await account.renew(), 401)
    expect(await account.sign_in(), 403)
