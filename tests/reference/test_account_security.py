"""
Passwords, e-mail verification, the second factor and the end of an account.
"""

from itertools import pairwise

import httpx
import pyotp
import pytest

from .invited import STRONG, Invited, welcome
from .world import World

AUTH = "/api/v1/auth"
FIXTURES = "/api/v1/test-fixtures"


@pytest.fixture
def invited(world: World, admin: httpx.Client) -> Invited:
    """
    A new member.
    """
    return welcome(world, admin)


def test_a_changed_password_replaces_the_old_one(invited: Invited) -> None:
    new = "Another strong one 2?"
    with invited.signed_in() as me:
        change = {"current_password": STRONG, "new_password": new}
        wrong = me.post(f"{AUTH}/password/change", json=change | {"current_password": new})
        assert wrong.status_code == 401
        assert "www-authenticate" not in wrong.headers
        assert me.post(f"{AUTH}/password/change", json=change).status_code == 200
    assert invited.refresh() == 401
    assert [invited.login().status_code, invited.login(new).status_code] == [401, 200]


def test_the_last_five_passwords_are_not_chosen_again(invited: Invited) -> None:
    passwords = [STRONG, *(f"Password number {n}!" for n in range(5))]
    with invited.signed_in() as me:

        def change(current: str, new: str) -> int:
            body = {"current_password": current, "new_password": new}
            return me.post(f"{AUTH}/password/change", json=body).status_code

        assert change(STRONG, STRONG) == 400
        assert [change(old, new) for old, new in pairwise(passwords)] == [200] * 5
        assert change(passwords[5], passwords[1]) == 400
        assert change(passwords[5], passwords[0]) == 200


@pytest.mark.parametrize("weak", ["aaaaaaaaaaaaaaaa", "onlylowercaseletters", "Aa1Aa1Aa1Aa1Aa1"])
def test_a_weak_password_is_invalid(invited: Invited, weak: str) -> None:
    with invited.signed_in() as me:
        body = {"current_password": STRONG, "new_password": weak}
        refused = me.post(f"{AUTH}/password/change", json=body)
    assert (refused.status_code, refused.json()["error"]) == (422, "ValidationError")


def test_a_forgotten_password_is_reset_once(invited: Invited, anonymous: httpx.Client) -> None:
    for email in (invited.email, "nobody@example.com"):
        asked = anonymous.post(f"{AUTH}/password/forgot", json={"email": email})
        assert asked.status_code == 202
    token = anonymous.post(f"{FIXTURES}/password-reset-token", json={"email": invited.email}).json()
    used = {"token": token["token"], "new_password": STRONG}
    assert anonymous.post(f"{AUTH}/password/confirm", json=used).status_code == 400
    fresh = used | {"new_password": "Quite a new one 3#"}
    statuses = [
        anonymous.post(f"{AUTH}/password/confirm", json=fresh).status_code for _ in range(2)
    ]
    assert statuses == [200, 400]
    assert invited.login("Quite a new one 3#").status_code == 200


def test_an_admin_resets_members_and_not_owners(
    world: World, invited: Invited, admin: httpx.Client, member: httpx.Client
) -> None:
    body = {"user_id": invited.user_id, "new_password": "Set by an admin 4$"}
    assert member.post(f"{AUTH}/password/reset", json=body).status_code == 403
    assert admin.post(f"{AUTH}/password/reset", json=body).status_code == 200
    assert admin.post(f"{AUTH}/password/reset", json=body).status_code == 400
    assert invited.login("Set by an admin 4$").status_code == 200
    above = body | {"user_id": world.user_id("owner")}
    assert admin.post(f"{AUTH}/password/reset", json=above).status_code == 404


def test_a_new_address_is_verified_by_its_token(invited: Invited, anonymous: httpx.Client) -> None:
    email = f"new-{invited.email}"
    with invited.signed_in() as me:
        body = {"current_password": STRONG, "new_email": email}
        assert me.patch("/api/v1/users/me/email", json=body).json()["data"]["email"] == email
        sent = me.post(f"{AUTH}/email/send")
        assert (sent.status_code, sent.json()["data"]["email_verified"]) == (202, False)
    moved = Invited(invited.url, email, invited.login().json())
    moved = Invited(invited.url, email, moved.login().json())
    assert moved.session["email_verified"] is False
    with moved.signed_in() as me:
        assert me.get("/api/v1/conversations").status_code == 403
    token = anonymous.post(f"{FIXTURES}/email-verification-token", json={"email": email}).json()
    body = {"token": token["token"]}
    assert anonymous.post(f"{AUTH}/email/verify", json=body).status_code == 200
    assert anonymous.post(f"{AUTH}/email/verify", json=body).status_code == 400
    assert moved.refresh() == 401
    assert moved.login().json()["email_verified"] is True


def test_somebody_else_s_address_is_not_taken(world: World, invited: Invited) -> None:
    with invited.signed_in() as me:
        body = {"current_password": STRONG, "new_email": world.email("owner")}
        assert me.patch("/api/v1/users/me/email", json=body).status_code == 409


def test_a_disabled_account_is_shut(invited: Invited, owner: httpx.Client) -> None:
    path = "/api/v1/users/me/disable"
    with invited.signed_in() as me:
        assert me.post(path, json={"current_password": "not the password"}).status_code == 401
        answers = [me.post(path, json={"current_password": STRONG}) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json()["data"]["revoked_sessions"] == 1
    assert (invited.refresh(), invited.login().status_code) == (401, 403)
    last = owner.post(path, json={"current_password": "a password for tests 1!"})
    assert last.status_code == 409


def test_a_second_factor_is_asked_for_until_it_is_revoked(
    invited: Invited, anonymous: httpx.Client
) -> None:
    with invited.signed_in() as me:
        enrolled = me.post(f"{AUTH}/mfa/totp/enroll", params={"label": "phone"}).json()
        assert invited.login().status_code == 200
        method = {"method_id": enrolled["method_id"]}
        wrong = me.post(f"{AUTH}/mfa/totp/verify", json=method | {"code": "abcdef"})
        assert wrong.status_code == 400
        code = {"code": pyotp.TOTP(enrolled["secret"]).now()}
        assert me.post(f"{AUTH}/mfa/totp/verify", json=method | code).status_code == 200
        recovery = me.post(f"{AUTH}/mfa/recovery/regenerate").json()["codes"]
        challenge = invited.login()
        assert challenge.status_code == 202
        assert [one["label"] for one in challenge.json()["methods"]] == ["phone"]
        answer = {"challenge_token": challenge.json()["challenge_token"], **method}
        complete = f"{AUTH}/mfa/complete"
        assert anonymous.post(complete, json=answer | {"code": "abcdef"}).status_code == 401
        session = anonymous.post(complete, json=answer | code)
        assert (session.status_code, session.json()["user_id"]) == (200, invited.user_id)
        by_recovery = [
            anonymous.post(complete, json=answer | {"code": recovery[0]}).status_code
            for _ in range(2)
        ]
        assert by_recovery == [200, 401]
        assert me.delete(f"{AUTH}/mfa/{enrolled['method_id']}").status_code == 200
        assert me.get(f"{AUTH}/mfa").json() == []
    assert invited.login().status_code == 200


def test_ten_wrong_codes_are_enough(invited: Invited) -> None:
    with invited.signed_in() as me:
        method_id = me.post(f"{AUTH}/mfa/totp/enroll").json()["method_id"]
        body = {"method_id": method_id, "code": "abcdef"}
        statuses = [me.post(f"{AUTH}/mfa/totp/verify", json=body).status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]


def test_nobody_takes_away_another_s_second_factor(invited: Invited, member: httpx.Client) -> None:
    with invited.signed_in() as me:
        method_id = me.post(f"{AUTH}/mfa/totp/enroll").json()["method_id"]
        assert member.delete(f"{AUTH}/mfa/{method_id}").status_code == 200
        assert [one["id"] for one in me.get(f"{AUTH}/mfa").json()] == [method_id]
