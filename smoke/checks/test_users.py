"""Users: the service knows who they are, and keeps their profile."""

from typing import Any

import pytest

from smoke import Actor, Expect, Lists, Run, exercises
from smoke.checks.accounts import ALL_SESSIONS, DISABLE, NAME, MemberAccount

ME = "GET /api/v1/users/me"
PROFILE = "PATCH /api/v1/users/me/profile"
CONSENTS = "/api/v1/users/consents"
PREFERENCES = "/api/v1/users/notification-preferences"
# Rights by the last word of a scope, that a role does not have.
TOO_MUCH = {"member": ("delete", "manage"), "viewer": ("write", "delete", "manage")}
# Names in several scripts, with quotes and an emoji, and from right to left.
TEXTS = ("Zoë “Ōtautahi” 東京 🚲", "عبد الله")


@exercises(ME)
async def test_each_actor_is_itself(member: Actor, viewer: Actor, expect: Expect) -> None:
    """Each user reads its own e-mail address, user id and role, and has no right of another."""
    for actor, role in ((member, "member"), (viewer, "viewer")):
        session = await actor.session()
        scopes = str(session.claims.get("scope", "")).split()
        above = [scope for scope in scopes if scope.rpartition(":")[2] in TOO_MUCH[role]]
        expect(session.signed_in).that(f"no right beyond those of a {role}", not above, above)
        me = expect(await actor.call(ME))
        me.holds("/data/role", role)
        email = str(me.value("/data/email")).lower()
        me.that("its own address", email == actor.account.email.lower(), email)
        me.holds("/data/user_id", session.answer["user_id"])


@exercises(PROFILE)
async def test_profile_is_kept(account: MemberAccount, expect: Expect, run: Run) -> None:
    """A new name is read back letter for letter, in any script, and changes alone."""
    long = f"A name of an account of smoke run {run.id}"
    # The account keeps the name by which others know it, and the family name of the first change.
    changes = ({"display_name": long, "family_name": long}, {"display_name": NAME})
    wanted = dict[str, str]()
    for text, others in zip(TEXTS, changes, strict=True):
        change = {**others, "given_name": f"{text} {run.id}"}
        expect(await account.call(PROFILE, json=change))
        read = expect(await account.call(ME))
        wanted |= change
        for name, value in wanted.items():
            read.holds(f"/data/{name}", value)


@exercises(f"POST {CONSENTS}", f"GET {CONSENTS}")
async def test_consent_is_kept(
    account: MemberAccount, viewer: Actor, expect: Expect, run: Run, lists: Lists
) -> None:
    """A consent is read back once by its user, and not by another user."""
    wanted = {"policy_key": "smoke", "version": run.id}
    expect(await account.call(f"POST {CONSENTS}", json=wanted))
    await lists.row(account.caller, f"GET {CONSENTS}", {"version": run.id})
    expect(await viewer.call(f"GET {CONSENTS}")).lacks("/*/version", run.id)


@exercises(f"PUT {PREFERENCES}", f"GET {PREFERENCES}")
async def test_notification_preference_is_kept(
    account: MemberAccount, viewer: Actor, expect: Expect, lists: Lists
) -> None:
    """A preference is read back by its user only, and a change does not make a second one."""
    mine = {"channel": "email", "category": "smoke"}
    for enabled in (False, True):
        expect(await account.call(f"PUT {PREFERENCES}", json={**mine, "enabled": enabled}))

        def shows(rows: list[dict[str, Any]], wanted: bool = enabled) -> bool:
            mine_now = [row["enabled"] for row in rows if row["category"] == mine["category"]]
            return mine_now == [wanted]

        rows = await lists.until(account.caller, f"GET {PREFERENCES}", shows)
        expect.that(f"the preference, once, and enabled is {enabled}", shows(rows), rows)
    own = next(row["id"] for row in rows if row["category"] == mine["category"])
    expect(await viewer.call(f"GET {PREFERENCES}")).lacks("/*/id", own)


@pytest.mark.alone(ALL_SESSIONS)
@exercises(DISABLE)
async def test_disabled_account_is_closed(account: MemberAccount, expect: Expect) -> None:
    """A disabled account can neither renew its session nor sign in. It is not used after that."""
    if not account.access:
        await account.start_session(expect)
    wrong = {"current_password": f"not-{account.password}"}
    expect(await account.call(DISABLE, json=wrong), 400, 401, 403)
    expect(await account.call(DISABLE, json={"current_password": account.password}))
    account.is_disabled = True
    if account.refresh or account.refresh_elsewhere:  # else an earlier check has ended them all
        expect(await account.renew(), 401)
    expect(await account.sign_in(), 403)
