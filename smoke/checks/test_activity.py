"""Does the activity log tell what was done, to whoever reads it and whoever listens?"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from smoke.auth import Actor
from smoke.checks import exercises
from smoke.client import Bounds
from smoke.expect import Expect
from smoke.run import Run

LIST = "GET /api/v1/activity"
STREAM = "GET /api/v1/activity/stream"
READ = "POST /api/v1/activity/{event_id}/read"
DISMISS = "POST /api/v1/activity/{event_id}/dismiss"
ALL_READ = "POST /api/v1/activity/mark-all-read"
UPLOAD = "POST /api/v1/uploads/agent-input"
REMOVE = "DELETE /api/v1/storage/objects/{object_id}"
NEWEST = 200
"""Events of the last moments, among which those of this run are."""
BUDGET_S = 10.0
"""Seconds until an event must have come; the stream itself never ends."""

Upload = Callable[[str], Awaitable[tuple[str, str]]]


@pytest.fixture
def upload(
    member: Actor, owner: Actor, expect: Expect, run: Run, cleanup: Callable[..., None]
) -> Upload:
    """Does something that leaves a trace: uploads, and gives the words its event must carry."""

    async def upload(name: str) -> tuple[str, str]:
        name = f"{name}-{run.id}.txt"
        wanted = {"filename": name, "mime_type": "text/plain", "size_bytes": 5}
        answer = expect(await member.call(UPLOAD, json=wanted))
        object_id = str(answer.value("/object_id"))
        cleanup(owner, REMOVE, object_id=object_id)
        return object_id, name

    return upload


@exercises(UPLOAD, LIST)
async def test_what_was_done_is_listed(
    owner: Actor, member: Actor, expect: Expect, upload: Upload
) -> None:
    """What a member does is in the tenant's activity, newest first, with who did it."""
    traces = await upload("listed")
    newest = expect(await owner.call(LIST, query={"limit": NEWEST}))
    times = [datetime.fromisoformat(text) for text in newest.values("/items/*/created_at")]
    newest.that("newest first", times == sorted(times, reverse=True), times[:3])
    event = _about(newest.json["items"], traces)
    newest.that("an event about the upload", event is not None, traces)
    user_id = str((await member.session()).claims["sub"]).removeprefix("user:")
    by = event and str(event["actor_id"])
    newest.that("the member as who did it", bool(by) and str(by).endswith(user_id), by)


@exercises(UPLOAD, READ, DISMISS, ALL_READ)
async def test_receipts_stick(owner: Actor, expect: Expect, upload: Upload) -> None:
    """An event that was read is listed as read; one that was dismissed is so, or is gone."""
    traces = await upload("receipts")
    event = await _event(owner, expect, traces)
    expect.that("an event about the upload", bool(event), traces)
    expect(await owner.call(READ, event_id=event["id"]))
    state = (await _event(owner, expect, traces)).get("read_state")
    expect.that("the event read", state == "read", state)
    expect(await owner.call(ALL_READ))
    state = (await _event(owner, expect, traces)).get("read_state")
    expect.that("the event still read when all are", state == "read", state)
    expect(await owner.call(DISMISS, event_id=event["id"]))
    state = (await _event(owner, expect, traces)).get("read_state", "dismissed")
    expect.that("the event dismissed", state == "dismissed", state)


@exercises(UPLOAD, ALL_READ)
async def test_marking_all_reads_what_was_not(owner: Actor, expect: Expect, upload: Upload) -> None:
    """After all were marked as read, an event that nobody had opened is read."""
    traces = await upload("all-read")
    expect(await owner.call(ALL_READ))
    state = (await _event(owner, expect, traces)).get("read_state")
    expect.that("the event read", state == "read", state)


@exercises(UPLOAD, STREAM)
async def test_stream_tells_what_was_and_what_comes(
    owner: Actor, expect: Expect, upload: Upload, run: Run
) -> None:
    """The stream begins with what was done, oldest first, and goes on with what is done."""
    before, caught_up = await upload("before"), asyncio.Event()

    def arrived(data: str) -> bool:
        if any(trace in data for trace in before):
            caught_up.set()
        return f"live-{run.id}" in data

    bounds = Bounds(events=100_000, time_s=BUDGET_S, until=arrived)
    streaming = asyncio.create_task(owner.call(STREAM, stream=bounds))
    waiting = asyncio.create_task(caught_up.wait())
    await asyncio.wait({streaming, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    live = await upload("live")
    streamed = expect(await streaming)
    events = [json.loads(data) for data in streamed.exchange.events]
    old, new = _about(events, before), _about(events, live)
    streamed.that("a stream that does not end", not streamed.exchange.ended, f"{len(events)} sent")
    streamed.that("what was done before", old is not None, f"{len(events)} other events")
    streamed.that("what was done meanwhile", new is not None, f"{len(events)} other events")
    times = [datetime.fromisoformat(one["created_at"]) for one in (events[0], old, new) if one]
    streamed.that("the oldest first", times == sorted(times), times)


async def test_activity_is_for_admins(member: Actor, expect: Expect) -> None:
    """A member may not read the tenant's activity."""
    expect(await member.call(LIST), 403)


async def _event(owner: Actor, expect: Expect, traces: tuple[str, ...]) -> dict[str, Any]:
    """The newest event about something, as it is listed now; empty where there is none."""
    newest = expect(await owner.call(LIST, query={"limit": NEWEST}))
    return _about(newest.json["items"], traces) or {}


def _about(events: list[dict[str, Any]], traces: tuple[str, ...]) -> dict[str, Any] | None:
    """The first event that carries one of the traces anywhere."""
    return next((one for one in events if any(word in json.dumps(one) for word in traces)), None)
