"""
Who may act where: bearer, scope, verified address, tenant, role cap, state of the tenant, role.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from .process import served
from .world import World, seed

SETTINGS = "/api/v1/tenants/settings"
CONVERSATIONS = "/api/v1/conversations"


def test_nobody_is_refused_before_the_body_is_looked_at(anonymous: httpx.Client) -> None:
    response = anonymous.put(SETTINGS, json={"rubbish": True})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {
        "success": False,
        "error": "Unauthorized",
        "message": "A bearer token is needed.",
        "details": None,
    }


def test_an_invalid_body_is_answered_with_the_list_of_mistakes(owner: httpx.Client) -> None:
    response = owner.patch("/api/v1/tenants/account", json={"name": "x"})
    assert response.status_code == 422
    body = response.json()
    assert body["error"] == "ValidationError"
    assert [item["loc"] for item in body["details"]] == [["body", "name"]]
    assert set(body["details"][0]) == {"type", "loc", "msg", "input", "ctx"}


def test_every_answer_has_its_own_correlation_id(anonymous: httpx.Client) -> None:
    answers = [
        anonymous.get(path, headers={"X-Correlation-ID": "mine"})
        for path in ("/health", "/nowhere", "/api/v1/auth/me")
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 401]
    ids = {answer.headers["x-correlation-id"] for answer in answers}
    assert len(ids) == 3
    assert "mine" not in ids
    assert all(float(answer.headers["x-process-time"]) >= 0 for answer in answers)


def test_an_unknown_path_or_method_has_the_frameworks_body(anonymous: httpx.Client) -> None:
    assert anonymous.get("/api/v1/nowhere").json() == {"detail": "Not Found"}
    wrong = anonymous.head("/health")
    assert wrong.status_code == 405


def test_the_tenant_header_may_only_repeat_the_tenant(owner: httpx.Client, world: World) -> None:
    same = owner.get(SETTINGS, headers={"X-Tenant-Id": world.tenant_id.upper()})
    assert same.status_code == 200
    for foreign in (world.other_tenant_id, "not-a-uuid", ""):
        refused = owner.get(SETTINGS, headers={"X-Tenant-Id": foreign})
        assert (refused.status_code, refused.json()["error"]) == (403, "Forbidden")


@pytest.mark.parametrize(
    ("role", "status"), [("admin", 200), ("ViEwEr", 403), ("member", 403), ("king", 200), ("", 200)]
)
def test_the_role_header_lowers_the_role(owner: httpx.Client, role: str, status: int) -> None:
    assert owner.get(SETTINGS, headers={"X-Tenant-Role": role}).status_code == status


def test_the_role_header_never_raises_the_role(viewer: httpx.Client, member: httpx.Client) -> None:
    for client, role in ((viewer, "member"), (member, "owner")):
        refused = client.get(CONVERSATIONS, headers={"X-Tenant-Role": role})
        assert refused.status_code == 403


def test_roles_and_scopes_are_demanded(
    viewer: httpx.Client, member: httpx.Client, admin: httpx.Client, world: World
) -> None:
    assert viewer.get(SETTINGS).status_code == 403
    assert member.get(SETTINGS).status_code == 403
    assert admin.get(SETTINGS).status_code == 200
    title = f"{CONVERSATIONS}/{world.conversation_id}/title"
    assert viewer.patch(title, json={"display_name": "Mine"}).status_code == 403
    assert member.delete(f"{CONVERSATIONS}/{world.conversation_id}").status_code == 403
    assert viewer.get(f"{CONVERSATIONS}/{world.conversation_id}").status_code == 200


def test_an_unverified_user_sees_only_itself(world: World) -> None:
    with world.signed_in("unverified") as client:
        assert client.get("/api/v1/auth/me").status_code == 200
        assert client.get("/api/v1/users/me").json()["data"]["email_verified"] is False
        for path in (CONVERSATIONS, "/api/v1/agents", "/api/v1/workflows"):
            assert client.get(path).status_code == 403


def test_another_tenant_sees_and_touches_nothing(
    outsider: httpx.Client, owner: httpx.Client, world: World
) -> None:
    path = f"{CONVERSATIONS}/{world.conversation_id}"
    assert outsider.get(path).status_code == 404
    assert outsider.get(f"{path}/messages").status_code == 404
    assert outsider.patch(f"{path}/title", json={"display_name": "Mine"}).status_code == 404
    assert outsider.delete(path).status_code == 204
    listed = outsider.get(CONVERSATIONS).json()["items"]
    assert world.conversation_name not in [item["conversation_id"] for item in listed]
    found = outsider.get(f"{CONVERSATIONS}/search", params={"q": f"lighthouse {world.tag}"}).json()
    assert world.conversation_name not in [item["conversation_id"] for item in found["items"]]
    assert owner.get(path).status_code == 200


@pytest.fixture
def suspended(tmp_path: Path) -> Iterator[World]:
    """
    A world with a tenant that was suspended in the database.
    """
    database = tmp_path / "service.db"
    with served("--database", str(database)) as process:
        world = seed(process.url, uuid4().hex[:8])
        with sqlite3.connect(database) as connection:
            connection.execute(
                "UPDATE tenants SET status = 'suspended' WHERE slug = ?", [world.slug]
            )
        connection.close()
        yield world


def test_an_operator_may_read_a_suspended_tenant_with_a_reason(suspended: World) -> None:
    override = {"X-Operator-Override": "true"}
    reason = {"X-Operator-Reason": "looking after it"}
    with suspended.signed_in("owner") as owner, suspended.signed_in("admin") as admin:
        assert owner.get(SETTINGS).status_code == 403
        assert owner.get("/api/v1/users/me").status_code == 200
        assert owner.get(SETTINGS, headers=override).status_code == 400
        assert admin.get(SETTINGS, headers=override | reason).status_code == 403
        assert owner.get(SETTINGS, headers=override | reason).status_code == 200
        renamed = owner.patch(
            "/api/v1/tenants/account", json={"name": "New"}, headers=override | reason
        )
        assert renamed.status_code == 403
