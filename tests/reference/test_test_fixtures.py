"""
Seeding, and the tokens that e-mail would bring.
"""

from uuid import uuid4

import httpx

from .process import ServiceProcess, fetch
from .world import World, payload, seed

APPLY = "/api/v1/test-fixtures/apply"
VERIFY = "/api/v1/test-fixtures/email-verification-token"
RESET = "/api/v1/test-fixtures/password-reset-token"


def test_seeding_twice_gives_the_same_ids(service: ServiceProcess) -> None:
    tag = uuid4().hex[:8]
    first, second = seed(service.url, tag).answer, seed(service.url, tag).answer
    assert first["tenants"] == second["tenants"]
    assert set(first["tenants"][f"home-{tag}"]["assets"]) == {"chart"}
    assert first["generated_at"] < second["generated_at"]


def test_seeding_resets_what_it_names_and_nothing_else(service: ServiceProcess) -> None:
    tag = uuid4().hex[:8]
    world = seed(service.url, tag)
    path = f"/api/v1/conversations/{world.conversation_id}"
    with world.signed_in("member") as member:
        member.patch("/api/v1/users/me/profile", json={"given_name": "Grace"})
        before = member.get(path).json()["messages"]
        cut = member.delete(f"{path}/messages/{before[0]['message_id']}")
        assert cut.status_code == 200
        assert member.get(path).json()["messages"] == []
        seed(service.url, tag)
        after = member.get(path).json()["messages"]
        assert [one["content"] for one in after] == [one["content"] for one in before]
        assert {one["message_id"] for one in after}.isdisjoint(one["message_id"] for one in before)
        assert member.get("/api/v1/users/me").json()["data"]["given_name"] == "Grace"


def test_seeding_changes_password_role_and_verification(service: ServiceProcess) -> None:
    tag = uuid4().hex[:8]
    world = seed(service.url, tag)
    changed = payload(tag)
    user = next(one for one in changed["tenants"][0]["users"] if one["role"] == "viewer")
    user |= {"password": "another good one", "role": "admin", "verify_email": False}
    assert fetch("POST", service.url + APPLY, json=changed).status_code == 201
    login = fetch(
        "POST",
        f"{service.url}/api/v1/auth/token",
        json={"email": world.email("viewer"), "password": "another good one"},
    )
    assert login.status_code == 200
    assert login.json()["email_verified"] is False
    assert "billing:manage" in login.json()["scopes"]


def test_wrong_requests_change_nothing(anonymous: httpx.Client) -> None:
    slug = f"wrong-{uuid4().hex[:8]}"
    tenant = {"slug": slug, "name": "Wrong"}
    talk = {"key": slug, "user_email": "nobody@example.com", "messages": []}
    for tenants in (
        [],
        [tenant | {"plan_code": "gold"}],
        [tenant | {"conversations": [talk]}],
    ):
        assert anonymous.post(APPLY, json={"tenants": tenants}).status_code == 400
    user = {"email": f"{slug}@example.com", "password": "short"}
    refused = anonymous.post(APPLY, json={"tenants": [tenant | {"users": [user]}]})
    assert refused.status_code == 422


def test_tokens_are_handed_out_for_the_right_users(world: World, anonymous: httpx.Client) -> None:
    unverified, verified = world.email("unverified"), world.email("member")
    token = anonymous.post(VERIFY, json={"email": unverified})
    assert token.status_code == 201
    assert token.json()["user_id"] == world.user_id("unverified")
    assert token.json()["token"].count(".") == 1
    assert anonymous.post(VERIFY, json={"email": verified}).status_code == 400
    assert anonymous.post(RESET, json={"email": verified}).status_code == 201
    assert anonymous.post(RESET, json={"email": "nobody@example.com"}).status_code == 400
