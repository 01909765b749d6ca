"""Does the activity log tell what was done, to whoever reads it and whoever listens?"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from smoke.auth import Actor, Caller
from smoke.checks import exercises
from smoke.checks.guests import Undo
from smoke.checks.lists import Lists
from smoke.client import Bounds
from smoke.errors import LeftOutError
from smoke.expect import Expect
from smoke.run import Run
from smoke.seed import World

LIST = "GET /api/v1/activity"
STREAM = "GET /api/v1/activity/stream"
READ = "POST /api/v1/activity/{event_id}/read"
DISMISS = "POST /api/v1/activity/{event_id}/dismiss"
ALL_READ = "POST /api/v1/activity/mark-all-read"
UPLOAD = "POST /api/v1/uploads/agent-input"
REMOVE = "DELETE /api/v1/storage/objects/{object_id}"
NEWEST = {"limit": 200}
"""The largest page of a list that is not in any known order."""
BUDGET_S = 10.0
"""Seconds until an event must have come; the stream itself never ends."""
BACKLOG = 128
"""After that many events of the past, a stream may break off and live ones cannot be waited for."""

Upload = Callable[[str], Awaitable[tuple[str, str]]]


@pytest.fixture
def upload(
    member: Actor, owner: Actor, expect: Expect, run: Run, cleanup: Callable[..., None]
) -> Upload:
    """Does something that leaves a trace: uploads, and gives the words its event may carry."""

    async def upload(name: str) -> tuple[str, str]:
        object_id, name = await _uploaded(member, expect, f"{name}-{run.id}.txt")
        cleanup(owner, REMOVE, object_id=object_id)
        return object_id, name

    return upload


@pytest.fixture
def newcomer(request: pytest.FixtureRequest, world: World) -> Caller:
    """An admin of a young tenant, whose events of the past are few; the owner where none is made.

    The streams of some deployments break off after a long past.
    """
    name = "inhabitant" if "tenant_id" in world else "owner"
    caller: Caller = request.getfixturevalue(name)
    return caller


@exercises(UPLOAD, LIST)
async def test_what_was_done_is_listed(
    owner: Actor, member: Actor, expect: Expect, upload: Upload, lists: Lists
) -> None:
    """What a member does is in the tenant's activity, with who did it."""
    traces = await upload("listed")
    event = await _event(owner, expect, lists, traces)
    expect.that("an event about the upload", bool(event), traces)
    user_id, by = str((await member.session()).answer["user_id"]), str(event.get("actor_id"))
    expect.that("the member as who did it", by.endswith(user_id), by)


@exercises(UPLOAD, READ, DISMISS, ALL_READ)
async def test_receipts_stick(owner: Actor, expect: Expect, upload: Upload, lists: Lists) -> None:
    """An event that was read is listed as read; one that was dismissed is so, or is gone."""
    traces = await upload("receipts")
    event = await _event(owner, expect, lists, traces)
    expect.that("an event about the upload", bool(event), traces)
    expect(await owner.call(READ, event_id=event["id"]))
    state = (await _event(owner, expect, lists, traces)).get("read_state")
    expect.that("the event read", state == "read", state)
    expect(await owner.call(ALL_READ))
    state = (await _event(owner, expect, lists, traces)).get("read_state")
    expect.that("the event still read when all are", state == "read", state)
    expect(await owner.call(DISMISS, event_id=event["id"]))
    state = (await _event(owner, expect, lists, traces)).get("read_state", "dismissed")
    expect.that("the event dismissed", state == "dismissed", state)


@exercises(UPLOAD, ALL_READ)
async def test_marking_all_reads_what_was_not(
    owner: Actor, expect: Expect, upload: Upload, lists: Lists
) -> None:
    """After all were marked as read, an event that nobody had opened is read."""
    traces = await upload("all-read")
    expect(await owner.call(ALL_READ))
    state = (await _event(owner, expect, lists, traces)).get("read_state")
    expect.that("the event read", state == "read", state)


class Listener:
    """Hears the events of a stream: those that were before, and then the one that is awaited."""

    def __init__(self, before: tuple[str, str], awaited: str) -> None:
        self.before = before
        self.awaited = {awaited}
        self.heard: list[str] = []
        self.caught_up = asyncio.Event()

    def __call__(self, data: str) -> bool:
        """Hear an event, and tell whether the awaited one is among the newest."""
        self.heard.append(data)
        if any(word in data for word in self.before):
            self.caught_up.set()
        return any(word in event for event in self.heard[-9:] for word in self.awaited)

    def has_heard(self, traces: tuple[str, str]) -> bool:
        """Tell whether an event of these traces came, which is awaited from now on."""
        self.awaited.update(traces)
        return any(word in event for event in self.heard for word in traces)


@exercises(UPLOAD, STREAM)
async def test_stream_tells_what_was_and_what_comes(
    newcomer: Caller, expect: Expect, run: Run, undo: Undo
) -> None:
    """The stream begins with what was done, oldest first, and goes on with what is done."""

    async def upload(name: str) -> tuple[str, str]:
        object_id, name = await _uploaded(newcomer, expect, f"{name}-{run.id}.txt")
        undo(newcomer, REMOVE, object_id=object_id)
        return object_id, name

    before = await upload("before")
    listener = Listener(before, f"live-{run.id}")
    bounds = Bounds(events=100_000, time_s=BUDGET_S, until=listener)
    streaming = asyncio.create_task(newcomer.call(STREAM, stream=bounds))
    waiting = asyncio.create_task(listener.caught_up.wait())
    await asyncio.wait({streaming, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    live = await upload("live")
    if listener.has_heard(live) and not streaming.done():
        await upload("after")  # the event was here before its id was known: another one tells
    streamed = expect(await streaming)
    events = [json.loads(data) for data in streamed.exchange.events]
    if streamed.exchange.ended and len(events) >= BACKLOG:
        raise LeftOutError(f"the stream broke off after {len(events)} events of the past")
    old, new = _about(events, before), _about(events, live)
    streamed.that("a stream that does not end", not streamed.exchange.ended, f"{len(events)} sent")
    streamed.that("what was done before", bool(old), f"{len(events)} other events")
    streamed.that("what was done meanwhile", bool(new), f"{len(events)} other events")
    streamed.that("the oldest first", events.index(old) < events.index(new))


async def test_activity_is_for_admins(member: Actor, expect: Expect) -> None:
    """A member may not read the tenant's activity."""
    expect(await member.call(LIST), 403)


async def _uploaded(caller: Caller, expect: Expect, name: str) -> tuple[str, str]:
    wanted = {"filename": name, "mime_type": "text/plain", "size_bytes": 5}
    return str(expect(await caller.call(UPLOAD, json=wanted)).value("/object_id")), name


async def _event(
    owner: Actor, expect: Expect, lists: Lists, traces: tuple[str, ...]
) -> dict[str, Any]:
    """The event about something, as it is listed now; empty where there is none."""
    event = _about(await lists.all(owner, LIST, object_id=traces[0]), traces)
    if event:
        return event
    page = expect(await owner.call(LIST, query=NEWEST))
    return _about(page.json["items"], traces)


def _about(events: list[dict[str, Any]], traces: tuple[str, ...]) -> dict[str, Any]:
    """The first event that carries one of the traces anywhere; empty where none does."""
    about = (one for one in events if any(word in json.dumps(one) for word in traces))
    return next(about, {})
