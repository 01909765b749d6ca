"""
Assets and uploads of members.
"""

from uuid import uuid4

import httpx
import pytest

from .process import ServiceProcess, fetch, served
from .world import World, seed

PATH = "/api/v1/assets"
URLS = f"{PATH}/thumbnail-urls"


@pytest.fixture
def fresh(service: ServiceProcess) -> World:
    """
    A world of its own, with a picture and a text in it.
    """
    world = seed(service.url, uuid4().hex[:8])
    assets = [
        {"key": "text", "filename": "note.txt", "mime_type": "text/plain", "agent_key": "triage",
         "source_tool": "user_upload", "message_id": 7},
        {"key": "picture", "filename": "dot.png", "mime_type": "image/png", "asset_type": "image"},
    ]  # fmt: skip
    tenant = {"slug": world.slug, "name": "Home", "assets": assets}
    seeded = fetch("POST", f"{service.url}/api/v1/test-fixtures/apply", json={"tenants": [tenant]})
    world.tenant["assets"] |= seeded.json()["tenants"][world.slug]["assets"]
    return world


def _id(world: World, key: str) -> str:
    return str(world.tenant["assets"][key]["asset_id"])


def test_assets_are_found_by_what_they_are(fresh: World) -> None:
    with fresh.signed_in("viewer") as viewer:
        text, picture = _id(fresh, "text"), _id(fresh, "picture")
        for wanted, found in (
            ({"asset_type": "image"}, [picture]),
            ({"source_tool": "user_upload"}, [text]),
            ({"agent_key": "triage"}, [text]),
            ({"message_id": 7}, [text]),
            ({"mime_type_prefix": "text/"}, [text]),
            ({"conversation_id": str(uuid4())}, []),
            ({"conversation_id": "rubbish"}, []),
            ({"created_after": "2999-01-01T00:00:00"}, []),
            ({"created_before": "2020-01-01T00:00:00Z"}, []),
        ):
            items = viewer.get(PATH, params=dict(wanted)).json()["items"]
            assert [one["id"] for one in items] == found, wanted
        first = viewer.get(PATH, params={"limit": 2}).json()
        second = viewer.get(PATH, params={"limit": 2, "offset": first["next_offset"]}).json()
        assert len({one["id"] for one in first["items"] + second["items"]}) == 3
        assert second["next_offset"] is None


def test_bytes_come_through_the_asset_s_url(fresh: World) -> None:
    with fresh.signed_in("owner") as owner:
        shown = owner.get(f"{PATH}/{_id(fresh, 'picture')}/download-url").json()
        assert fetch("GET", shown["download_url"]).status_code == 404
        asked = {"asset_ids": [_id(fresh, "picture"), _id(fresh, "text"), str(uuid4())]}
        urls = owner.post(URLS, json=asked).json()
        assert [one["asset_id"] for one in urls["items"]] == asked["asset_ids"][:1]
        assert urls["unsupported_asset_ids"] == asked["asset_ids"][1:2]
        assert urls["missing_asset_ids"] == asked["asset_ids"][2:]


def test_a_deleted_asset_is_gone_with_its_object(fresh: World) -> None:
    path = f"{PATH}/{_id(fresh, 'text')}"
    stored = fresh.tenant["assets"]["text"]["storage_object_id"]
    with fresh.signed_in("owner") as owner, fresh.signed_in("member") as member:
        assert member.delete(path).status_code == 403
        assert owner.delete(path).status_code == 204
        assert owner.delete(path).status_code == 404
        assert owner.get(path).status_code == 404
        objects = owner.get("/api/v1/storage/objects").json()["items"]
        assert stored not in [one["id"] for one in objects]


def test_assets_are_their_tenant_s(fresh: World, outsider: httpx.Client) -> None:
    path = f"{PATH}/{_id(fresh, 'picture')}"
    for refused in (
        outsider.get(path),
        outsider.get(f"{path}/download-url"),
        outsider.delete(path),
    ):
        assert refused.status_code == 404
    missing = outsider.post(URLS, json={"asset_ids": [_id(fresh, "picture")]}).json()
    assert missing["missing_asset_ids"] == [_id(fresh, "picture")]


def test_members_upload_for_agents(
    member: httpx.Client, viewer: httpx.Client, owner: httpx.Client
) -> None:
    wanted = {"filename": "in.txt", "mime_type": "text/plain", "size_bytes": 2}
    path = "/api/v1/uploads/agent-input"
    assert viewer.post(path, json=wanted).status_code == 403
    ticket = member.post(path, json=wanted).json()
    url, headers = ticket["upload_url"], ticket["headers"]
    assert fetch("PUT", url, content=b"hi", headers=headers).status_code == 200
    path = f"/api/v1/storage/objects/{ticket['object_id']}"
    assert fetch("GET", viewer.get(f"{path}/download-url").json()["download_url"]).text == "hi"
    assert owner.delete(path).status_code == 204


def test_without_storage_assets_are_only_listed() -> None:
    with served(REFERENCE_WITHOUT="storage") as service:
        world = seed(service.url, uuid4().hex[:8])
        path = f"{PATH}/{_id(world, 'chart')}"
        with world.signed_in("owner") as owner:
            assert len(owner.get(PATH).json()["items"]) == 1
            refused = [
                owner.get(path),
                owner.get(f"{path}/download-url"),
                owner.delete(path),
                owner.post(URLS, json={"asset_ids": [str(uuid4())]}),
                owner.post("/api/v1/uploads/agent-input", json={}),
            ]
    assert {one.status_code for one in refused} == {403}
