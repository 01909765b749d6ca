"""
Tokens of service accounts.
"""

from typing import Any

import httpx
import jwt
import pytest

from .world import World, bearer

TOKENS = "/api/v1/auth/service-accounts"
WANTED = {"account": "analytics-batch", "scopes": ["conversations:read"]}
REASON = {"reason": "a test of the service"}


def test_a_token_is_signed_listed_and_revoked(world: World, admin: httpx.Client) -> None:
    body = WANTED | REASON | {"fingerprint": f"print-{world.tag}"}
    issued = admin.post(f"{TOKENS}/browser-issue", json=body)
    assert issued.status_code == 201
    text = issued.json()["refresh_token"]
    keys = jwt.PyJWKSet.from_dict(admin.get("/.well-known/jwks.json").json())
    key = keys[issued.json()["kid"]]
    claims = jwt.decode(text, key, algorithms=["EdDSA"], issuer="api-service")
    assert (claims["account"], claims["tenant_id"]) == ("analytics-batch", world.tenant_id)
    listed = admin.get(f"{TOKENS}/tokens", params={"fingerprint": body["fingerprint"]}).json()
    assert [one["jti"] for one in listed["items"]] == [claims["jti"]]
    revoke = f"{TOKENS}/tokens/{claims['jti']}/revoke"
    for _ in range(2):
        assert admin.post(revoke, json={"reason": "over"}).json()["data"]["jti"] == claims["jti"]
    query = {"fingerprint": body["fingerprint"], "status": "revoked"}
    revoked = admin.get(f"{TOKENS}/tokens", params=query).json()["items"]
    assert [(one["jti"], one["revoked_reason"]) for one in revoked] == [(claims["jti"], "over")]
    left = admin.get(f"{TOKENS}/tokens", params={"fingerprint": body["fingerprint"]}).json()
    assert left["total"] == 0


def test_a_token_opens_nothing_for_a_person(admin: httpx.Client) -> None:
    token = admin.post(f"{TOKENS}/browser-issue", json=WANTED | REASON).json()["refresh_token"]
    body = {"refresh_token": token}
    assert admin.post("/api/v1/auth/refresh", json=body).status_code == 401
    assert admin.get("/api/v1/auth/me", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "nobody"},
        {"scopes": []},
        {"scopes": ["billing:manage"]},
        {"lifetime_minutes": 0},
        {"tenant_id": None},
        {"tenant_id": "not-a-uuid"},
    ],
)
def test_what_no_account_gets(world: World, anonymous: httpx.Client, wrong: dict[str, Any]) -> None:
    body = WANTED | {"tenant_id": world.tenant_id} | wrong
    refused = anonymous.post(f"{TOKENS}/issue", json=body, headers=bearer("dev-demo"))
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("credential", "status"), [("dev-demo", 201), ("x", 401), ("vault:x", 503)]
)
def test_the_other_door_needs_its_credential(
    world: World, anonymous: httpx.Client, credential: str, status: int
) -> None:
    body = WANTED | {"tenant_id": world.tenant_id}
    answer = anonymous.post(f"{TOKENS}/issue", json=body, headers=bearer(credential))
    assert answer.status_code == status


def test_tenants_do_not_see_each_other_s_tokens(
    world: World, owner: httpx.Client, admin: httpx.Client, outsider: httpx.Client
) -> None:
    token = admin.post(f"{TOKENS}/browser-issue", json=WANTED | REASON).json()["refresh_token"]
    jti = jwt.decode(token, options={"verify_signature": False})["jti"]
    theirs = outsider.get(f"{TOKENS}/tokens?status=all&limit=100").json()["items"]
    assert jti not in [one["jti"] for one in theirs]
    assert outsider.post(f"{TOKENS}/tokens/{jti}/revoke", json={}).status_code == 200
    ours = admin.get(f"{TOKENS}/tokens?limit=100").json()["items"]
    assert jti in [one["jti"] for one in ours]
    query = {"tenant_id": world.other_tenant_id}
    assert admin.get(f"{TOKENS}/tokens", params=query).status_code == 403
    assert owner.get(f"{TOKENS}/tokens", params=query).status_code == 200
    other = WANTED | REASON | {"tenant_id": world.other_tenant_id}
    assert admin.post(f"{TOKENS}/browser-issue", json=other).status_code == 403


def test_members_issue_nothing(member: httpx.Client) -> None:
    assert member.post(f"{TOKENS}/browser-issue", json=WANTED | REASON).status_code == 403
    assert member.get(f"{TOKENS}/tokens").status_code == 403
