"""Users: the service knows who they are, and keeps what they say of themselves."""

from smoke import Actor, Expect, Run, exercises
from smoke.checks.accounts import DISABLE, MemberAccount

ME = "GET /api/v1/users/me"
PROFILE = "PATCH /api/v1/users/me/profile"
CONSENTS = "/api/v1/users/consents"
PREFERENCES = "/api/v1/users/notification-preferences"
TEXTS = ("Zoë “Ōtautahi” 東京 🚲", "عبد الله")
"""Names in several scripts, with quotes and an emoji, and from right to left."""


@exercises(ME)
async def test_each_actor_is_itself(member: Actor, viewer: Actor, expect: Expect) -> None:
    """Each user reads its own e-mail address, user id and role."""
    for actor, role in ((member, "member"), (viewer, "viewer")):
        me = expect(await actor.call(ME))
        me.holds("/data/role", role)
        email = str(me.value("/data/email")).lower()
        me.that("its own address", email == actor.account.email.lower(), email)
        me.holds("/data/user_id", (await actor.session()).answer["user_id"])


@exercises(PROFILE)
async def test_profile_is_kept(account: MemberAccount, expect: Expect, run: Run) -> None:
    """A new name is read back letter for letter, in any script, and changes again."""
    for text in TEXTS:
        name = f"{text} {run.id}"
        expect(await account.call(PROFILE, json={"given_name": name}))
        expect(await account.call(ME)).holds("/data/given_name", name)


@exercises(f"POST {CONSENTS}", f"GET {CONSENTS}")
async def test_consent_is_kept(
    account: MemberAccount, viewer: Actor, expect: Expect, run: Run
) -> None:
    """A consent is read back once by its user, and not by another user."""
    wanted = {"policy_key": "smoke", "version": run.id}
    expect(await account.call(f"POST {CONSENTS}", json=wanted))
    own = expect(await account.call(f"GET {CONSENTS}"))
    versions = own.values("/*/version")
    own.that("the consent, once", versions.count(run.id) == 1, versions)
    expect(await viewer.call(f"GET {CONSENTS}")).lacks("/*/version", run.id)


@exercises(f"PUT {PREFERENCES}", f"GET {PREFERENCES}")
async def test_notification_preference_is_kept(
    account: MemberAccount, expect: Expect, run: Run
) -> None:
    """A preference is read back, and changing it does not make a second one."""
    mine = {"channel": "email", "category": f"smoke-{run.id}"}
    for enabled in (False, True):
        expect(await account.call(f"PUT {PREFERENCES}", json={**mine, "enabled": enabled}))
        read = expect(await account.call(f"GET {PREFERENCES}"))
        rows = [row for row in read.json if row["category"] == mine["category"]]
        read.that("the preference, once", len(rows) == 1, len(rows))
        read.that(f"enabled is {enabled}", rows[0]["enabled"] is enabled, rows)


@exercises(DISABLE)
async def test_disabled_account_is_closed(account: MemberAccount, expect: Expect) -> None:
    """A disabled account can neither renew its session nor sign in. It is not used after that."""
    await account.ensure_session(expect, anywhere=True)
    wrong = {"current_password": f"not-{account.password}"}
    expect(await account.call(DISABLE, json=wrong), 400, 401, 403)
    expect(await account.call(DISABLE, json={"current_password": account.password}))
    account.is_disabled = True
    expect(await account.renew(), 401)
    expect(await account.sign_in(), 403)
