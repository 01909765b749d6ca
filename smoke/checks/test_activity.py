"""Activity: the log shows what was done, to readers and to listeners."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from smoke import (
    Actor,
    Answer,
    Bounds,
    Caller,
    Cleanup,
    Expect,
    LeftOutError,
    Lists,
    Run,
    World,
    exercises,
)
from smoke.checks.accounts import ALL_SESSIONS
from smoke.checks.traced_upload import REMOVE, UPLOAD, Upload

LIST = "GET /api/v1/activity"
STREAM = "GET /api/v1/activity/stream"
READ = "POST /api/v1/activity/{event_id}/read"
DISMISS = "POST /api/v1/activity/{event_id}/dismiss"
ALL_READ = "POST /api/v1/activity/mark-all-read"
# Seconds until an event must have come; the stream itself never ends.
BUDGET_S = 10.0
# After that many events of the past, a stream may break off and live ones cannot be waited for.
BACKLOG = 128


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def traced_pages(owner: Actor, lists: Lists, upload: Upload) -> list[Answer]:
    """The list of activity, with the event about the upload if it is there."""
    row = {"object_id": upload.object_id}
    pages = await lists.pages(owner, LIST, row, **row)
    if upload.event(lists.rows_of(pages)):
        return pages
    return await lists.pages(owner, LIST, row)  # an event may name its object in words only


@dataclass(frozen=True)
class Listener:
    """Somebody who listens to the events of a tenant, and a way to cause another event there."""

    caller: Caller
    act: Callable[[], Awaitable[Any]]


@pytest.fixture(scope="session")
def listening(request: pytest.FixtureRequest, world: World) -> Caller:
    """
    Who listens: an admin of a young tenant, which has few events; the owner where none is made.

    The streams of some deployments break off after many events of the past.
    """
    young = "tenant_id" in world
    caller: Caller = request.getfixturevalue("tenant_admin" if young else "owner")
    return caller


@pytest.fixture
def listener(listening: Caller, owner: Actor, run: Run, cleanup: Cleanup) -> Listener:
    """A listener, and something that makes an event in its tenant."""

    async def uploads_and_signs_in() -> None:
        body = {"filename": f"heard-{run.id}.txt", "mime_type": "text/plain", "size_bytes": 5}
        made = await listening.call(UPLOAD, json=body)
        if made.status == 201:
            cleanup(listening, REMOVE, object_id=made.json["object_id"])
            return
        await owner.sign_out(await owner.sign_in())  # without storage, a sign-in is an event

    return Listener(listening, uploads_and_signs_in)


@exercises(LIST)
async def test_what_was_done_is_listed_once(
    member: Actor, upload: Upload, lists: Lists, traced_pages: list[Answer]
) -> None:
    """What a member does is in the tenant's activity once, with who did it."""
    events = [one for one in lists.rows_of(traced_pages) if upload.event([one])]
    ids, page = [one["id"] for one in events], traced_pages[-1]
    page.that("events about the upload, each once", 0 < len(ids) == len(set(ids)), ids)
    user_id, by = str((await member.session()).answer["user_id"]), str(events[0].get("actor_id"))
    page.that("the member as who did it", by.endswith(user_id), by)


@exercises(LIST)
async def test_filter_selects_events(
    owner: Actor, expect: Expect, lists: Lists, traced_pages: list[Answer]
) -> None:
    """A filter by the kind of action gives events of that kind only."""
    action = expect(traced_pages[0].exchange).value("/items/0/action")
    chosen = await lists.all(owner, LIST, action=action)
    actions = {row["action"] for row in chosen}
    expect.that(f"events of {action!r} only", actions == {action}, actions)


@exercises(ALL_READ)
async def test_marking_all_as_read_reads_each_event(
    owner: Actor, expect: Expect, lists: Lists, upload: Upload
) -> None:
    """After all were marked as read, an event that was never opened is read, and none is unread."""
    expect(await owner.call(ALL_READ))
    state = await _state(owner, lists, upload, "read")
    expect.that("the event read", state == "read", state)


@exercises(READ, DISMISS)
async def test_receipts_stick(
    owner: Actor, expect: Expect, lists: Lists, upload: Upload, traced_pages: list[Answer]
) -> None:
    """An event that was read is listed as read; a dismissed one is listed so, or is gone."""
    event = upload.event(lists.rows_of(traced_pages))
    traced_pages[-1].that("an event about the upload", bool(event), upload.name)
    expect(await owner.call(READ, event_id=event["id"]))
    state = await _state(owner, lists, upload, "read")
    expect.that("the event read", state == "read", state)
    expect(await owner.call(DISMISS, event_id=event["id"]))
    state = await _state(owner, lists, upload, "dismissed", "")
    expect.that("the event dismissed", state in ("dismissed", ""), state)


class NewEvent:
    """Reads the events of a stream: some known ones, then the first new one."""

    def __init__(self, known: set[str]) -> None:
        self.known = known
        self.caught_up = asyncio.Event()

    def __call__(self, data: str) -> bool:
        """Take an event; return whether it is the first new one after a known one."""
        if str(json.loads(data)["id"]) in self.known:
            self.caught_up.set()
            return False
        return self.caught_up.is_set()


@pytest.mark.beside("account")
@pytest.mark.alone(ALL_SESSIONS)
@exercises(STREAM)
async def test_stream_tells_what_was_and_what_comes(
    listener: Listener, expect: Expect, lists: Lists
) -> None:
    """The stream shows what was done, and goes on with what is done."""
    known = {str(row["id"]) for row in await lists.until(listener.caller, LIST, bool)}
    expect.that("at least one earlier event in the list", bool(known))
    heard = NewEvent(known)
    bounds = Bounds(events=100_000, time_s=BUDGET_S, until=heard)
    streaming = asyncio.create_task(listener.caller.call(STREAM, stream=bounds))
    waiting = asyncio.create_task(heard.caught_up.wait())
    await asyncio.wait({streaming, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await listener.act()
    streamed = expect(await streaming)
    ids = [str(json.loads(data)["id"]) for data in streamed.exchange.events]
    if streamed.exchange.ended and len(ids) >= BACKLOG:
        raise LeftOutError(f"the stream broke off after {len(ids)} events of the past")
    streamed.that("a stream that does not end", not streamed.exchange.ended, f"{len(ids)} sent")
    past = [number for number, event in enumerate(ids) if event in known]
    streamed.that("an earlier event in the stream", bool(past), f"{len(ids)} other events")
    streamed.that(
        "an event that happened after the stream began",
        not known.issuperset(ids[past[0] :]),
        ids[-3:],
    )


async def test_activity_is_for_admins(member: Actor, expect: Expect) -> None:
    """A member may not read the tenant's activity."""
    expect(await member.call(LIST), 403)


async def _state(owner: Actor, lists: Lists, upload: Upload, *wanted: str) -> str:
    """The receipt of the event about an upload once it is one of those; empty without the event."""

    def state(events: list[dict[str, Any]]) -> str:
        return str(upload.event(events).get("read_state", ""))

    return state(await _events(owner, lists, upload, lambda events: state(events) in wanted))


async def _events(
    owner: Actor,
    lists: Lists,
    upload: Upload,
    shows: Callable[[list[dict[str, Any]]], bool],
) -> list[dict[str, Any]]:
    """The events about an upload, once they show what is expected."""
    found = await lists.until(owner, LIST, shows, object_id=upload.object_id)
    if not upload.event(found):  # an event may name its object in words only
        found = await lists.until(owner, LIST, shows)
    return [one for one in found if upload.event([one])]
