"""
Conversations and what is inside them.
"""

from uuid import uuid4

import httpx
import pytest

from .process import ServiceProcess, fetch
from .world import World, seed

PATH = "/api/v1/conversations"


@pytest.fixture
def fresh(service: ServiceProcess) -> World:
    """
    A world of its own: its conversation may be deleted.
    """
    return seed(service.url, uuid4().hex[:8])


def test_a_conversation_is_listed_and_read(viewer: httpx.Client, world: World) -> None:
    listed = viewer.get(PATH).json()["items"]
    item = next(one for one in listed if one["conversation_id"] == world.conversation_name)
    assert item["message_count"] == 3
    assert item["last_message_preview"] == "And who keeps it?"
    detail = viewer.get(f"{PATH}/{world.conversation_id}").json()
    assert [one["role"] for one in detail["messages"]] == ["user", "assistant", "user"]
    assert detail["created_at"].endswith("+00:00")


def test_pages_of_messages_join_without_gap(viewer: httpx.Client, world: World) -> None:
    path = f"{PATH}/{world.conversation_id}/messages"
    whole = viewer.get(path, params={"direction": "asc"}).json()["items"]
    newest = viewer.get(path).json()["items"]
    assert newest == whole[::-1]
    joined: list[dict[str, str]] = []
    cursor: str | None = ""
    for _ in range(3):
        query = {"limit": "1", "direction": "asc", "cursor": cursor or ""}
        page = viewer.get(path, params=query).json()
        joined, cursor = joined + page["items"], page["next_cursor"]
    assert (joined, cursor) == (whole, None)


@pytest.mark.parametrize("cursor", ["rubbish", "W10=", "WyJhIl0=", "é", "bnVsbA=="])
@pytest.mark.parametrize("path", [PATH, "/api/v1/agents", "/api/v1/workflows/runs"])
def test_a_malformed_cursor_is_refused(viewer: httpx.Client, path: str, cursor: str) -> None:
    assert viewer.get(path, params={"cursor": cursor}).status_code == 400


def test_pages_of_conversations_join_without_gap(service: ServiceProcess) -> None:
    tag = uuid4().hex[:8]
    world = seed(service.url, tag)
    talks = [{"key": f"{tag}-{n}", "messages": []} for n in range(5)]
    tenant = {"slug": world.slug, "name": "Home", "conversations": talks}
    fetch("POST", f"{service.url}/api/v1/test-fixtures/apply", json={"tenants": [tenant]})
    with world.signed_in("viewer") as viewer:
        whole = [one["conversation_id"] for one in viewer.get(PATH).json()["items"]]
        assert len(whole) == 6
        first = viewer.get(PATH, params={"limit": 4}).json()
        rest = viewer.get(PATH, params={"limit": 4, "cursor": first["next_cursor"]}).json()
        joined = [one["conversation_id"] for one in first["items"] + rest["items"]]
        assert (joined, rest["next_cursor"]) == (whole, None)
        assert (
            viewer.get(PATH, params={"agent": "triage"}).json()["items"][0]["agent_entrypoint"]
            == "triage"
        )


def test_search_finds_the_text_of_messages(viewer: httpx.Client, world: World) -> None:
    search = f"{PATH}/search"
    hit = viewer.get(search, params={"q": f"LIGHTHOUSE {world.tag}"}).json()["items"]
    assert [one["conversation_id"] for one in hit] == [world.conversation_name]
    assert world.tag in hit[0]["preview"]
    assert 0 < hit[0]["score"] <= 1
    for text in (f"nothing like it {world.tag}", f"%{world.tag}%", "_"):
        found = viewer.get(search, params={"q": text}).json()["items"]
        assert world.conversation_name not in [one["conversation_id"] for one in found]
    assert viewer.get(search).status_code == 422


def test_events_are_the_messages_in_order(viewer: httpx.Client, world: World) -> None:
    path = f"{PATH}/{world.conversation_id}/events"
    items = viewer.get(path).json()["items"]
    assert [one["sequence_no"] for one in items] == [1, 2, 3]
    assert items[1]["content_text"].startswith("On the cliff")
    assert viewer.get(path, params={"workflow_run_id": "none"}).json()["items"] == []


def test_title_and_memory_are_written_and_read_back(fresh: World) -> None:
    path = f"{PATH}/{fresh.conversation_id}"
    with fresh.signed_in("admin") as admin:
        renamed = admin.patch(f"{path}/title", json={"display_name": "The keeper"})
        assert renamed.json()["display_name"] == "The keeper"
        assert admin.get(path).json()["display_name"] == "The keeper"
        first = admin.patch(f"{path}/memory", json={"mode": "trim", "keep_last_turns": 3})
        second = admin.patch(f"{path}/memory", json={"memory_injection": True})
        assert first.json()["mode"] == "trim"
        kept = {key: value for key, value in second.json().items() if value is not None}
        assert kept == {"mode": "trim", "keep_last_turns": 3, "memory_injection": True}


def test_the_title_is_streamed(fresh: World) -> None:
    path = f"{PATH}/{fresh.conversation_id}"
    with fresh.signed_in("viewer") as viewer:
        stream = viewer.get(f"{path}/stream")
        assert stream.headers["content-type"].startswith("text/event-stream")
        frames = [line[6:] for line in stream.text.split("\n\n") if line]
        assert frames[-1] == "[DONE]"
        assert "".join(frames[:-1]) == f"Where is the lighthouse {fresh.tag}?"
        assert viewer.get(path).json()["display_name"] == "".join(frames[:-1])


def test_cutting_off_hides_a_user_message_and_what_follows(fresh: World) -> None:
    path = f"{PATH}/{fresh.conversation_id}"
    with fresh.signed_in("member") as member, fresh.signed_in("admin") as admin:
        first, answer, last = [one["message_id"] for one in member.get(path).json()["messages"]]
        assert admin.delete(f"{path}/messages/{last}").status_code == 403
        assert member.delete(f"{path}/messages/{answer}").status_code == 400
        assert member.delete(f"{path}/messages/none").status_code == 404
        cut = member.delete(f"{path}/messages/{last}")
        assert cut.json()["deleted_message_id"] == last
        assert member.delete(f"{path}/messages/{last}").status_code == 409
        left = [one["message_id"] for one in member.get(path).json()["messages"]]
        assert left == [first, answer]


def test_a_deleted_conversation_is_gone(fresh: World) -> None:
    path = f"{PATH}/{fresh.conversation_id}"
    with fresh.signed_in("admin") as admin:
        assert admin.delete(path).status_code == 204
        assert admin.delete(path).status_code == 204
        assert admin.get(path).status_code == 404
        assert admin.get(PATH).json()["items"] == []
        assert admin.get(f"{PATH}/not-a-uuid").status_code == 404
        assert admin.delete(f"{PATH}/not-a-uuid").status_code == 204
