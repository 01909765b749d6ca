"""
A tenant's settings, account and members.
"""

from uuid import uuid4

import pytest

from .process import ServiceProcess
from .world import World, seed

SETTINGS = "/api/v1/tenants/settings"
BODY = {
    "billing_contacts": [{"name": "Ada", "email": "ada@example.com"}],
    "plan_metadata": {"tier": "gold"},
    "flags": {"beta": True, "feature.billing": True},
}


@pytest.fixture
def fresh(service: ServiceProcess) -> World:
    """
    A world of its own, without written settings.
    """
    return seed(service.url, uuid4().hex[:8])


def test_settings_are_written_at_the_version_that_was_read(fresh: World) -> None:
    with fresh.signed_in("admin") as admin:
        first = admin.get(SETTINGS)
        assert (first.headers["etag"], first.json()["version"]) == ('"0"', 0)
        for version, if_match in enumerate(('"0"', "1", 'W/"2"'), start=1):
            written = admin.put(SETTINGS, json=BODY, headers={"If-Match": if_match})
            assert (written.status_code, written.json()["version"]) == (200, version)
        read = admin.get(SETTINGS)
        assert read.headers["etag"] == '"3"'
        assert read.json()["flags"] == {"beta": True}
        assert read.json()["billing_contacts"][0]["email"] == "ada@example.com"
        assert read.json()["updated_at"].endswith(("Z", "+00:00"))


@pytest.mark.parametrize(("if_match", "status"), [(None, 428), ("*", 400), ("x", 400), ("7", 409)])
def test_settings_are_not_written_blindly(fresh: World, if_match: str | None, status: int) -> None:
    headers = {} if if_match is None else {"If-Match": if_match}
    with fresh.signed_in("admin") as admin:
        refused = admin.put(SETTINGS, json=BODY, headers=headers)
        assert refused.status_code == status
        assert refused.json()["success"] is False
        assert admin.get(SETTINGS).json()["version"] == 0


def test_the_account_is_renamed(fresh: World) -> None:
    with fresh.signed_in("admin") as admin:
        before = admin.get("/api/v1/tenants/account").json()
        assert (before["slug"], before["status"]) == (fresh.slug, "active")
        renamed = admin.patch("/api/v1/tenants/account", json={"name": "Harbour"}).json()
        assert renamed["updated_at"] > before["updated_at"]
        assert admin.get("/api/v1/tenants/account").json() == renamed


def test_members_are_listed_with_their_roles(fresh: World) -> None:
    with fresh.signed_in("admin") as admin:
        listed = admin.get("/api/v1/tenants/members").json()
        page = admin.get("/api/v1/tenants/members", params={"limit": 2, "offset": 4}).json()
    roles = {one["email"]: one["role"] for one in listed["members"]}
    assert roles[fresh.email("viewer")] == "viewer"
    assert fresh.email("outsider") not in roles
    assert (listed["total"], listed["owner_count"]) == (5, 1)
    assert (len(page["members"]), page["total"]) == (1, 5)


def test_a_profile_is_changed_field_by_field(fresh: World) -> None:
    with fresh.signed_in("viewer") as viewer:
        profile = "/api/v1/users/me/profile"
        assert viewer.patch(profile, json={}).status_code == 400
        viewer.patch(profile, json={"given_name": "Grace", "locale": "en"})
        viewer.patch(profile, json={"given_name": None, "timezone": "UTC"})
        me = viewer.get("/api/v1/users/me").json()["data"]
        assert (me["given_name"], me["locale"], me["timezone"]) == (None, "en", "UTC")
        assert (me["role"], me["tenant_id"]) == ("viewer", fresh.tenant_id)
