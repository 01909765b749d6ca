"""
Signing up: by oneself, invited, or after asking.
"""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from .invited import STRONG
from .process import client, served
from .world import World, bearer, seed

AUTH = "/api/v1/auth"


def _registration(**more: Any) -> dict[str, Any]:
    email = f"founder-{uuid4().hex[:8]}@example.com"
    return {"email": email, "password": STRONG, "tenant_name": "Blue Harbour", **more}


def _request(**more: Any) -> dict[str, Any]:
    email = f"asker-{uuid4().hex[:8]}@example.com"
    body = {"email": email, "organization": "Harbour", "full_name": "Ada L", "accept_terms": True}
    return body | more


def test_registering_makes_a_tenant_and_its_owner(anonymous: httpx.Client) -> None:
    body = _registration(plan_code="pro")
    session = anonymous.post(f"{AUTH}/register", json=body)
    assert session.status_code == 201
    assert session.json()["tenant_slug"].startswith("blue-harbour")
    assert session.json()["email_verified"] is False
    headers = bearer(session.json()["access_token"])
    me = anonymous.get("/api/v1/users/me", headers=headers).json()["data"]
    assert (me["email"], me["role"]) == (body["email"], "owner")
    assert anonymous.get("/api/v1/tenants/account", headers=headers).status_code == 403
    assert anonymous.post(f"{AUTH}/register", json=body).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"password": "aaaaaaaaaaaaaaaaaa"}, 422),
        ({"password": "short"}, 422),
        ({"accept_terms": False}, 422),
        ({"plan_code": "platinum"}, 400),
        ({"invite_token": "rubbish"}, 403),
    ],
)
def test_what_registers_nobody(anonymous: httpx.Client, wrong: dict[str, Any], status: int) -> None:
    refused = anonymous.post(f"{AUTH}/register", json=_registration(**wrong))
    assert refused.status_code == status
    assert refused.json()["success"] is False


def test_a_request_is_approved_once_and_its_invite_registers_once(
    anonymous: httpx.Client, owner: httpx.Client, admin: httpx.Client
) -> None:
    body = _request()
    assert anonymous.post(f"{AUTH}/request-access", json=body).status_code == 202
    listed = owner.get(f"{AUTH}/signup-requests?status=pending&limit=200").json()["requests"]
    asked = next(one for one in listed if one["email"] == body["email"])
    approve = f"{AUTH}/signup-requests/{asked['id']}/approve"
    assert admin.post(approve, json={}).status_code == 403
    decision = owner.post(approve, json={"note": "welcome"}).json()
    assert decision["request"]["status"] == "approved"
    assert decision["invite"]["signup_request_id"] == asked["id"]
    assert owner.post(approve, json={}).status_code == 409
    token = decision["invite"]["invite_token"]
    other = _registration(invite_token=token)
    assert anonymous.post(f"{AUTH}/register", json=other).status_code == 403
    own = other | {"email": body["email"]}
    assert anonymous.post(f"{AUTH}/register", json=own).status_code == 201
    used = owner.get(f"{AUTH}/invites", params={"request_id": asked["id"]}).json()["invites"]
    assert [one["status"] for one in used] == ["exhausted"]


def test_a_request_is_rejected(anonymous: httpx.Client, owner: httpx.Client) -> None:
    body = _request()
    anonymous.post(f"{AUTH}/request-access", json=body)
    listed = owner.get(f"{AUTH}/signup-requests?limit=200").json()["requests"]
    asked = next(one for one in listed if one["email"] == body["email"])
    path = f"{AUTH}/signup-requests/{asked['id']}/reject"
    rejected = owner.post(path, json={"reason": "unknown"}).json()
    assert rejected["request"]["decision_reason"] == "unknown"
    assert rejected["invite"] is None
    assert owner.post(path, json={}).status_code == 409


def test_a_machine_asks_in_vain(anonymous: httpx.Client, owner: httpx.Client) -> None:
    body = _request(honeypot="http://example.com")
    assert anonymous.post(f"{AUTH}/request-access", json=body).status_code == 202
    listed = owner.get(f"{AUTH}/signup-requests?limit=200").json()["requests"]
    assert body["email"] not in [one["email"] for one in listed]
    assert (
        anonymous.post(f"{AUTH}/request-access", json=_request(accept_terms=False)).status_code
        == 422
    )


def test_an_operator_invite_is_listed_and_revoked(
    anonymous: httpx.Client, owner: httpx.Client, admin: httpx.Client
) -> None:
    email = f"invited-{uuid4().hex[:8]}@example.com"
    assert admin.post(f"{AUTH}/invites", json={}).status_code == 403
    invite = owner.post(f"{AUTH}/invites", json={"invited_email": email}).json()
    assert (invite["status"], invite["max_redemptions"]) == ("active", 1)
    revoke = f"{AUTH}/invites/{invite['id']}/revoke"
    assert [owner.post(revoke).status_code for _ in range(2)] == [200, 200]
    listed = owner.get(f"{AUTH}/invites", params={"status": "revoked", "email": email}).json()
    assert [one["id"] for one in listed["invites"]] == [invite["id"]]
    body = _registration(invite_token=invite["invite_token"], email=email)
    assert anonymous.post(f"{AUTH}/register", json=body).status_code == 403


def test_only_the_invited_register_where_the_policy_says_so() -> None:
    with served(SIGNUP_ACCESS_POLICY="invite_only") as service, client(service.url) as visitor:
        world: World = seed(service.url, "policy")
        policy = visitor.get(f"{AUTH}/signup-policy").json()
        assert (policy["policy"], policy["invite_required"]) == ("invite_only", True)
        assert visitor.post(f"{AUTH}/register", json=_registration()).status_code == 403
        with world.signed_in("owner") as operator:
            invite = operator.post(f"{AUTH}/invites", json={}).json()
        body = _registration(invite_token=invite["invite_token"])
        assert visitor.post(f"{AUTH}/register", json=body).status_code == 201
