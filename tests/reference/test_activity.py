"""
Activity: the list, what a user has read of it, and the stream.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from smoke.reference.activity import router as activity
from smoke.reference.schemas import TenantRole
from smoke.reference.security.principals import Principal
from smoke.reference.security.tenancy import Caller
from smoke.reference.service import opened
from smoke.reference.settings import Settings
from smoke.reference.web import event_stream
from smoke.reference.web.metrics import Metrics

from .process import ServiceProcess
from .world import World, seed

PATH = "/api/v1/activity"
UPLOAD = {"filename": "a.txt", "mime_type": "text/plain", "size_bytes": 1}


@pytest.fixture
def fresh(service: ServiceProcess) -> World:
    """
    A world of its own, in which nothing else happens.
    """
    return seed(service.url, uuid4().hex[:8])


def _upload(client: httpx.Client) -> httpx.Response:
    response = client.post("/api/v1/uploads/agent-input", json=UPLOAD)
    assert response.status_code == 201
    return response


def _event(client: httpx.Client, object_id: str) -> dict[str, Any]:
    [event] = client.get(PATH, params={"object_id": object_id}).json()["items"]
    return dict(event)


def test_what_was_done_is_listed_with_who_did_it(
    member: httpx.Client, owner: httpx.Client, world: World
) -> None:
    upload = _upload(member)
    event = _event(owner, upload.json()["object_id"])
    assert event["action"] == "storage.object.upload_requested"
    assert (event["actor_id"], event["actor_role"]) == (world.user_id("member"), "member")
    assert event["request_id"] == upload.headers["x-correlation-id"]
    assert event["created_at"].endswith("Z")
    for name in ("action", "actor_id", "object_type", "status", "request_id"):
        items = owner.get(PATH, params={name: event[name]}).json()["items"]
        assert event["id"] in [one["id"] for one in items]
        assert owner.get(PATH, params={name: "nothing"}).json()["items"] == []
    later = {"created_after": _later(event["created_at"])}
    assert owner.get(PATH, params=later).json()["items"] == []
    earlier = {"created_before": "2020-01-01T00:00:00Z"}
    assert owner.get(PATH, params=earlier).json()["items"] == []


def test_pages_join_without_gap(fresh: World) -> None:
    with fresh.signed_in("owner") as owner:
        for _ in range(4):
            _upload(owner)
        whole = [one["id"] for one in owner.get(PATH).json()["items"]]
        joined: list[str] = []
        cursor = None
        while len(joined) < 20:
            page = owner.get(PATH, params={"limit": "2"} | ({"cursor": cursor} if cursor else {}))
            joined += [one["id"] for one in page.json()["items"]]
            cursor = page.json()["next_cursor"]
            if cursor is None:
                break
    assert (joined, len(whole)) == (whole, 5)


def test_receipts_are_the_user_s_own(fresh: World) -> None:
    with fresh.signed_in("owner") as owner, fresh.signed_in("admin") as admin:
        ids = [one["id"] for one in owner.get(PATH).json()["items"]]
        count = owner.get(PATH).json()["unread_count"]
        assert count == len(ids) == 2
        assert owner.post(f"{PATH}/{ids[0]}/read").json() == {"unread_count": 1}
        assert owner.post(f"{PATH}/{ids[0]}/read").json() == {"unread_count": 1}
        assert owner.post(f"{PATH}/{ids[1]}/dismiss").json() == {"unread_count": 0}
        assert owner.post(f"{PATH}/{ids[1]}/read").json() == {"unread_count": 0}
        states = {one["id"]: one["read_state"] for one in owner.get(PATH).json()["items"]}
        assert states == {ids[0]: "read", ids[1]: "dismissed"}
        assert admin.get(PATH).json()["unread_count"] == 2
        assert admin.post(f"{PATH}/mark-all-read").json() == {"unread_count": 0}
        assert {one["read_state"] for one in admin.get(PATH).json()["items"]} == {"read"}
        assert admin.post(f"{PATH}/{ids[0]}/dismiss").status_code == 200
        assert admin.get(PATH).json()["items"][0]["read_state"] == "dismissed"


def test_the_stream_goes_from_the_oldest_to_what_happens_now(fresh: World) -> None:
    with fresh.signed_in("owner") as owner, fresh.signed_in("admin") as admin:
        backlog = owner.get(PATH).json()["items"][::-1]
        with owner.stream("GET", f"{PATH}/stream") as stream:
            events = _events(stream)
            assert [next(events) for _ in backlog] == backlog
            for _ in range(3):
                object_id = _upload(admin).json()["object_id"]
                assert next(events)["object_id"] == object_id


@pytest.mark.parametrize("what", ["read", "dismiss"])
def test_only_what_there_is_can_be_marked(
    owner: httpx.Client, outsider: httpx.Client, what: str
) -> None:
    assert owner.post(f"{PATH}/rubbish/{what}").status_code == 400
    assert owner.post(f"{PATH}/{uuid4()}/{what}").status_code == 404
    foreign = outsider.get(PATH).json()["items"][0]["id"]
    assert owner.post(f"{PATH}/{foreign}/{what}").status_code == 404


def test_activity_is_for_admins_of_the_tenant(
    member: httpx.Client, owner: httpx.Client, outsider: httpx.Client
) -> None:
    for path in (PATH, f"{PATH}/stream"):
        assert member.get(path).status_code == 403
    own = {one["tenant_id"] for one in owner.get(PATH).json()["items"]}
    others = {one["tenant_id"] for one in outsider.get(PATH).json()["items"]}
    assert (len(own), len(others), own & others) == (1, 1, set())


def test_a_malformed_cursor_is_refused(owner: httpx.Client) -> None:
    assert owner.get(PATH, params={"cursor": "rubbish"}).status_code == 400


def _later(moment: str) -> str:
    return (datetime.fromisoformat(moment) + timedelta(hours=1)).isoformat()


def _events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_silence_is_broken_by_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.01)
    principal = Principal(uuid4(), uuid4(), TenantRole.OWNER, frozenset(), True, None, {})
    visitor = Caller(principal, principal.tenant_id, principal.role)
    async with opened(Settings(), tmp_path / "service.db", tmp_path / "objects", Metrics()) as one:
        response = await activity.stream_activity_events(visitor, one)
        stream = aiter(response.body_iterator)
        assert [await anext(stream) for _ in range(2)] == [":\n\n", ":\n\n"]
