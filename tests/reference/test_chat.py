"""
Chat: answers, streams, and what is kept of them.
"""

import asyncio
from uuid import uuid4

import httpx
import pytest

from smoke.reference.web import event_stream

from .process import served
from .streams import blocks_of, frames_of, kinds_of
from .world import World, seed

CHAT = "/api/v1/chat"
TALKS = "/api/v1/conversations"


def test_an_answer_is_kept_and_follows_from_what_was_said(
    member: httpx.Client, viewer: httpx.Client
) -> None:
    first = member.post(CHAT, json={"message": "Where is it?"}).json()
    talk = first["conversation_id"]
    assert (first["response"], first["agent_used"]) == ("Triage heard: Where is it?", "triage")
    more = {"message": "And who?", "conversation_id": talk, "agent_type": "researcher"}
    second = member.post(CHAT, json=more).json()
    assert second["response"] == "Researcher heard: And who? (Before that you said: Where is it?)"
    assert second["handoff_occurred"] is True
    messages = viewer.get(f"{TALKS}/{talk}").json()["messages"]
    assert [(one["role"], one["content"]) for one in messages] == [
        ("user", "Where is it?"),
        ("assistant", first["response"]),
        ("user", "And who?"),
        ("assistant", second["response"]),
    ]
    assert viewer.get(f"{TALKS}/{talk}/ledger/stream").text == ""
    assert (
        member.post(CHAT, json={"message": "Where is it?"}).json()["response"]
        == (first["response"])
    )


def test_a_stream_is_replayed_byte_for_byte(member: httpx.Client, viewer: httpx.Client) -> None:
    long = {"message": "word " * 40}
    streamed = member.post(f"{CHAT}/stream", json=long)
    frames = frames_of(streamed)
    assert [frame["event_id"] for frame in frames] == list(range(1, len(frames) + 1))
    assert len({frame["stream_id"] for frame in frames}) == 1
    assert kinds_of(frames) == ["lifecycle", "message.delta", "final"]
    text = "".join(one["delta"] for one in frames if one["kind"] == "message.delta")
    assert text == frames[-1]["final"]["response_text"]
    path = f"{TALKS}/{frames[0]['conversation_id']}"
    assert viewer.get(f"{path}/ledger/stream").text == streamed.text
    assert viewer.get(f"{path}/ledger/events").json()["items"] == frames
    page = viewer.get(f"{path}/ledger/events", params={"limit": 2}).json()
    rest = viewer.get(f"{path}/ledger/stream", params={"cursor": page["next_cursor"]})
    assert blocks_of(rest) == blocks_of(streamed)[2:]
    for name in ("stream", "events"):
        refused = viewer.get(f"{path}/ledger/{name}", params={"cursor": "rubbish"})
        assert refused.status_code == 400


def test_an_answer_is_kept_when_nobody_listens(member: httpx.Client, viewer: httpx.Client) -> None:
    talk = member.post(CHAT, json={"message": "Begin."}).json()["conversation_id"]
    asked = {"message": "Go on.", "conversation_id": talk}
    with member.stream("POST", f"{CHAT}/stream", json=asked) as response:
        next(response.iter_raw())
    member.post(CHAT, json={"message": "Still there?", "conversation_id": talk})
    said = [one["content"] for one in viewer.get(f"{TALKS}/{talk}").json()["messages"]]
    assert "Triage heard: Go on. (Before that you said: Begin.)" in said


def test_the_title_is_streamed(member: httpx.Client, viewer: httpx.Client) -> None:
    talk = member.post(CHAT, json={"message": "Two words"}).json()["conversation_id"]
    titled = viewer.get(f"{TALKS}/{talk}/stream")
    assert titled.text == "data: Two\n\ndata:  words\n\ndata: [DONE]\n\n"


@pytest.mark.parametrize(
    "wrong",
    [
        {"conversation_id": str(uuid4())},
        {"conversation_id": "rubbish"},
        {"agent_type": "nobody"},
        {"attachments": [{"object_id": str(uuid4())}]},
    ],
)
@pytest.mark.parametrize("path", [CHAT, f"{CHAT}/stream"])
def test_what_there_is_not_is_not_found(
    member: httpx.Client, path: str, wrong: dict[str, object]
) -> None:
    assert member.post(path, json={"message": "x"} | wrong).status_code == 404


def test_an_attached_object_is_listed_with_the_message(
    member: httpx.Client, viewer: httpx.Client
) -> None:
    wanted = {"filename": "a.txt", "mime_type": "text/plain", "size_bytes": 3}
    upload = member.post("/api/v1/uploads/agent-input", json=wanted).json()
    asked = {"message": "Read it.", "attachments": [{"object_id": upload["object_id"]}]}
    talk = member.post(CHAT, json=asked).json()["conversation_id"]
    [attached] = viewer.get(f"{TALKS}/{talk}").json()["messages"][0]["attachments"]
    assert (attached["object_id"], attached["filename"]) == (upload["object_id"], "a.txt")


def test_only_members_of_the_tenant_chat(
    viewer: httpx.Client, outsider: httpx.Client, world: World
) -> None:
    assert viewer.post(CHAT, json={"message": "x"}).status_code == 403
    asked = {"message": "x", "conversation_id": world.conversation_id}
    assert outsider.post(CHAT, json=asked).status_code == 404
    ledger = f"{TALKS}/{world.conversation_id}/ledger"
    assert outsider.get(f"{ledger}/events").status_code == 404
    assert outsider.get(f"{ledger}/stream").status_code == 404


def test_a_deleted_conversation_takes_its_frames_along(
    owner: httpx.Client, viewer: httpx.Client
) -> None:
    streamed = frames_of(owner.post(f"{CHAT}/stream", json={"message": "x"}))
    path = f"{TALKS}/{streamed[0]['conversation_id']}"
    assert owner.delete(path).status_code == 204
    assert viewer.get(f"{path}/ledger/events").status_code == 404


def test_a_shut_surface_refuses_everything_of_it() -> None:
    with served(REFERENCE_WITHOUT="ai", ENABLE_ACTIVITY_STREAM="false") as service:
        world = seed(service.url, uuid4().hex[:8])
        with world.signed_in("owner") as owner:
            talk = f"{TALKS}/{world.conversation_id}"
            refused = [
                owner.post(CHAT, json={"message": "x"}),
                owner.post(f"{CHAT}/stream", json={"message": "x"}),
                owner.post("/api/v1/workflows/analysis_code/run", json={"message": "x"}),
                owner.post("/api/v1/workflows/analysis_code/run-stream", json={"message": "x"}),
                owner.get("/api/v1/workflows/runs/x"),
                owner.delete("/api/v1/workflows/runs/x"),
                owner.post("/api/v1/workflows/runs/x/cancel"),
                owner.get("/api/v1/workflows/runs/x/replay/events"),
                owner.get("/api/v1/workflows/runs/x/replay/stream"),
                owner.get(f"{talk}/ledger/events"),
                owner.get(f"{talk}/ledger/stream"),
                owner.get(f"{talk}/stream"),
            ]
            assert {one.status_code for one in refused} == {403}
            assert owner.get(talk).status_code == 200
            assert owner.get("/api/v1/activity").status_code == 200
            assert owner.get("/api/v1/activity/stream").status_code == 503


def test_a_limit_is_kept_where_it_is_asked_for() -> None:
    with served(REFERENCE_LIMITS="true") as service:
        world = seed(service.url, uuid4().hex[:8])
        with world.signed_in("member") as member, world.signed_in("admin") as admin:
            asked = {"message": "x", "agent_type": "nobody"}
            statuses = [member.post(f"{CHAT}/stream", json=asked).status_code for _ in range(31)]
            assert statuses == [404] * 30 + [429]
            assert "retry-after" in member.post(f"{CHAT}/stream", json=asked).headers
            assert member.post(CHAT, json=asked).status_code == 404
            assert admin.post(f"{CHAT}/stream", json=asked).status_code == 404


async def test_silence_is_broken_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.01)
    frames: asyncio.Queue[str | None] = asyncio.Queue()
    stream = event_stream.relayed(frames, lambda: "heartbeat")
    assert await anext(stream) == ": heartbeat\n\n"
    frames.put_nowait("{}")
    frames.put_nowait(None)
    assert [block async for block in stream] == ["data: {}\n\n"]
