"""
Members of a tenant, and invitations into it.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from .invited import STRONG, invite, welcome
from .process import served
from .world import World, seed

INVITES = "/api/v1/tenants/invites"
MEMBERS = "/api/v1/tenants/members"


def test_an_accepted_invite_makes_a_member(world: World, admin: httpx.Client) -> None:
    invited = welcome(world, admin)
    members = {one["user_id"]: one for one in admin.get(f"{MEMBERS}?limit=200").json()["members"]}
    assert members[invited.user_id]["role"] == "member"
    assert members[invited.user_id]["email_verified"] is True
    assert invited.login().status_code == 200
    listed = admin.get(INVITES, params={"email": invited.email}).json()
    assert (listed["total"], listed["invites"][0]["status"]) == (1, "accepted")
    assert listed["invites"][0]["accepted_by_user_id"] == invited.user_id
    assert "invite_token" not in listed["invites"][0]


def test_an_invite_is_accepted_once(admin: httpx.Client) -> None:
    invitation = invite(admin, f"once-{uuid4().hex}@example.com")
    body = {"token": invitation["invite_token"], "password": STRONG}
    statuses = [admin.post(f"{INVITES}/accept", json=body).status_code for _ in range(2)]
    assert statuses == [201, 409]
    assert admin.post(f"{INVITES}/{invitation['id']}/revoke").status_code == 409


def test_a_revoked_or_unknown_invite_makes_nobody(admin: httpx.Client) -> None:
    email = f"never-{uuid4().hex}@example.com"
    invitation = invite(admin, email)
    revoked = admin.post(f"{INVITES}/{invitation['id']}/revoke")
    assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    body = {"token": invitation["invite_token"], "password": STRONG}
    assert admin.post(f"{INVITES}/accept", json=body).status_code == 409
    assert admin.post(f"{INVITES}/accept", json=body | {"token": "rubbish"}).status_code == 404
    assert admin.post(f"{INVITES}/{uuid4()}/revoke").status_code == 404
    assert admin.get(INVITES, params={"status": "revoked", "email": email}).json()["total"] == 1


def test_an_invite_expires(tmp_path: Path) -> None:
    with served("--database", str(tmp_path / "reference.sqlite")) as service:
        world = seed(service.url, "expiry")
        with world.signed_in("admin") as admin:
            invitation = invite(admin, "late@example.com")
            past = datetime.now(UTC) - timedelta(hours=1)
            with sqlite3.connect(tmp_path / "reference.sqlite", timeout=10) as database:
                database.execute("UPDATE team_invites SET expires_at = ?", (str(past)[:26],))
            database.close()
            body = {"token": invitation["invite_token"], "password": STRONG}
            assert admin.post(f"{INVITES}/accept", json=body).status_code == 410
            assert admin.get(f"{INVITES}?status=expired").json()["total"] == 1
            assert admin.get(f"{INVITES}?status=active").json()["total"] == 0


def test_somebody_with_an_account_joins_a_second_tenant(
    world: World, outsider: httpx.Client, member: httpx.Client
) -> None:
    token = invite(outsider, world.email("viewer"))["invite_token"]
    with world.signed_in("viewer") as viewer:
        assert member.post(f"{INVITES}/accept/current", json={"token": token}).status_code == 403
        body = {"token": token, "password": STRONG}
        assert viewer.post(f"{INVITES}/accept", json=body).status_code == 409
        joined = viewer.post(f"{INVITES}/accept/current", json={"token": token})
        assert (joined.status_code, joined.json()["status"]) == (200, "accepted")
        assert viewer.post(f"{INVITES}/accept/current", json={"token": token}).status_code == 409
    user_id = world.user_id("viewer")
    assert outsider.delete(f"{MEMBERS}/{user_id}").status_code == 200


def test_members_are_not_invited_and_owners_only_by_owners(
    world: World, admin: httpx.Client
) -> None:
    body = {"invited_email": world.email("member"), "role": "viewer"}
    assert admin.post(INVITES, json=body).status_code == 409
    body = {"invited_email": "new@example.com", "role": "owner"}
    assert admin.post(INVITES, json=body).status_code == 403


def test_the_policy_is_for_everybody_and_the_list_is_not(viewer: httpx.Client) -> None:
    policy = viewer.get(f"{INVITES}/policy").json()
    assert policy == {"default_expires_hours": 72, "max_expires_hours": 336}
    assert viewer.get(INVITES).status_code == 403


def test_a_member_is_added_promoted_and_removed(world: World, outsider: httpx.Client) -> None:
    user_id = world.user_id("member")
    added = outsider.post(MEMBERS, json={"email": world.email("member"), "role": "viewer"})
    assert (added.status_code, added.json()["user_id"]) == (201, user_id)
    again = outsider.post(MEMBERS, json={"email": world.email("member"), "role": "viewer"})
    assert again.status_code == 409
    visitor = outsider.post(MEMBERS, json={"email": "nobody@example.com", "role": "viewer"})
    assert visitor.status_code == 404
    role = outsider.patch(f"{MEMBERS}/{user_id}/role", json={"role": "admin"})
    assert (role.status_code, role.json()["role"]) == (200, "admin")
    assert outsider.delete(f"{MEMBERS}/{user_id}").status_code == 200
    assert outsider.delete(f"{MEMBERS}/{user_id}").status_code == 404


def test_a_new_role_is_in_the_next_tokens(world: World, admin: httpx.Client) -> None:
    invited = welcome(world, admin, "viewer")
    admin.patch(f"{MEMBERS}/{invited.user_id}/role", json={"role": "member"})
    body = {"refresh_token": invited.session["refresh_token"]}
    renewed = admin.post("/api/v1/auth/refresh", json=body).json()
    assert "conversations:write" in renewed["scopes"]
    assert "conversations:write" not in invited.session["scopes"]


def test_a_removed_member_is_out(world: World, admin: httpx.Client) -> None:
    invited = welcome(world, admin)
    assert admin.delete(f"{MEMBERS}/{invited.user_id}").status_code == 200
    assert invited.refresh() == 401
    assert invited.login().status_code == 401
    with invited.signed_in() as removed:
        assert removed.get("/api/v1/users/me").status_code == 403


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_the_last_owner_stays(world: World, owner: httpx.Client, method: str) -> None:
    path = f"{MEMBERS}/{world.user_id('owner')}"
    if method == "PATCH":
        refused = owner.patch(f"{path}/role", json={"role": "viewer"})
    else:
        refused = owner.delete(path)
    assert refused.status_code == 409
    assert owner.get("/api/v1/users/me").json()["data"]["role"] == "owner"


def test_admins_neither_make_nor_unmake_owners(world: World, admin: httpx.Client) -> None:
    owner, member = world.user_id("owner"), world.user_id("member")
    assert admin.delete(f"{MEMBERS}/{owner}").status_code == 403
    assert admin.patch(f"{MEMBERS}/{owner}/role", json={"role": "admin"}).status_code == 403
    assert admin.patch(f"{MEMBERS}/{member}/role", json={"role": "owner"}).status_code == 403
