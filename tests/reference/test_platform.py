"""
All tenants, as platform operators see them.
"""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from .world import World, seed

TENANTS = "/api/v1/platform/tenants"
WHY = {"reason": "a test"}


@pytest.fixture
def throwaway(world: World) -> World:
    """
    A world of its own: its tenant may be destroyed.
    """
    return seed(world.url, uuid4().hex[:8])


@pytest.fixture
def dweller(throwaway: World) -> Iterator[httpx.Client]:
    """
    The owner of the tenant that may be destroyed, who is no operator.
    """
    with throwaway.signed_in("admin") as one:
        yield one


def test_a_tenant_is_made_found_and_changed(owner: httpx.Client) -> None:
    name = f"Harbour {uuid4().hex[:8]}"
    made = owner.post(TENANTS, json={"name": name})
    assert made.status_code == 201
    tenant = made.json()
    assert (tenant["slug"], tenant["status"]) == (name.lower().replace(" ", "-"), "active")
    assert owner.post(TENANTS, json={"name": name, "slug": tenant["slug"]}).status_code == 409
    assert owner.post(TENANTS, json={"name": name}).json()["slug"] != tenant["slug"]
    assert owner.patch(f"{TENANTS}/{tenant['id']}", json={}).status_code == 400
    path = f"{TENANTS}/{tenant['id']}"
    assert owner.patch(path, json={"name": f"New {name}"}).json()["name"] == f"New {name}"
    assert owner.get(path).json()["name"] == f"New {name}"
    found = owner.get(TENANTS, params={"q": f"new {name}", "status": "active"}).json()
    assert [one["id"] for one in found["accounts"]] == [tenant["id"]]
    assert owner.get(f"{TENANTS}/{uuid4()}").status_code == 404


def test_operators_only(admin: httpx.Client, world: World) -> None:
    assert admin.get(TENANTS).status_code == 403
    assert admin.post(f"{TENANTS}/{world.tenant_id}/suspend", json=WHY).status_code == 403


def test_suspension_locks_out_and_reactivation_lets_in(
    throwaway: World, dweller: httpx.Client, owner: httpx.Client
) -> None:
    path = f"{TENANTS}/{throwaway.tenant_id}"
    for _ in range(2):
        suspended = owner.post(f"{path}/suspend", json=WHY)
        assert (suspended.status_code, suspended.json()["status"]) == (200, "suspended")
    assert suspended.json()["status_reason"] == "a test"
    assert dweller.get("/api/v1/conversations").status_code == 403
    assert throwaway.login("member")["tenant_id"] == throwaway.tenant_id
    assert owner.post(f"{path}/reactivate", json=WHY).json()["status"] == "active"
    assert dweller.get("/api/v1/conversations").status_code == 200
    assert owner.post(f"{path}/deprovision", json=WHY).json()["deprovisioned_at"]
    assert dweller.get("/api/v1/conversations").status_code == 403
    assert owner.post(f"{path}/reactivate", json=WHY).status_code == 409
    assert owner.post(f"{path}/suspend", json={"reason": "x"}).status_code == 422


def test_a_feature_is_shut_for_one_tenant(
    throwaway: World, dweller: httpx.Client, owner: httpx.Client
) -> None:
    path = f"{TENANTS}/{throwaway.tenant_id}/features"
    assert owner.get(path).json()["flags"]["storage"] is True
    shut = owner.put(path, json={"flags": {"storage": False}}).json()
    assert shut["flags"]["storage"] is False
    assert owner.get(path).json() == shut
    assert dweller.get("/api/v1/storage/objects").status_code == 403
    owner.put(path, json={"flags": {"storage": None}})
    assert dweller.get("/api/v1/storage/objects").status_code == 200
    assert owner.put(path, json={"flags": {"magic": True}}).status_code == 400
