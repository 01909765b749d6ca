"""Does the activity log tell what was done, to whoever reads it and whoever listens?"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from smoke import Actor, Bounds, Caller, Cleanup, Expect, LeftOutError, Lists, Run, World, exercises

if TYPE_CHECKING:
    from smoke.checks.accounts import MemberAccount

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
def upload(member: Actor, owner: Actor, expect: Expect, run: Run, cleanup: Cleanup) -> Upload:
    """Does something that leaves a trace: uploads, and gives the words its event may carry."""

    async def upload(name: str) -> tuple[str, str]:
        object_id, name = await _uploaded(member, expect, f"{name}-{run.id}.txt")
        cleanup(owner, REMOVE, object_id=object_id)
        return object_id, name

    return upload


@dataclass(frozen=True)
class Witness:
    """Who listens to the events of a tenant, and how to make another one happen there."""

    caller: Caller
    act: Callable[[], Awaitable[Any]]


@pytest.fixture
def witness(request: pytest.FixtureRequest, world: World, expect: Expect) -> Witness:
    """Somebody in a young tenant, whose past is short; the owner where no tenant is made.

    The streams of some deployments break off after a long past. What happens is a sign-in.
    """
    if "tenant_id" not in world:
        owner: Actor = request.getfixturevalue("owner")

        async def signs_in_and_out() -> None:
            await owner.sign_out(await owner.sign_in())

        return Witness(owner, signs_in_and_out)
    tenant_admin: Caller = request.getfixturevalue("tenant_admin")
    account: MemberAccount = request.getfixturevalue("account")
    tenant_id = str(request.getfixturevalue("temporary_tenant").value("/id"))

    async def signs_in() -> None:
        expect(await account.sign_in(tenant_id=tenant_id), 200)

    return Witness(tenant_admin, signs_in)


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
    """Hears the events of a stream: some that are known, and then the first that is not."""

    def __init__(self, known: set[str]) -> None:
        self.known = known
        self.caught_up = asyncio.Event()

    def __call__(self, data: str) -> bool:
        """Hear an event, and tell whether it is the first new one after a known one."""
        if str(json.loads(data)["id"]) in self.known:
            self.caught_up.set()
            return False
        return self.caught_up.is_set()


@exercises(STREAM)
async def test_stream_tells_what_was_and_what_comes(
    witness: Witness, expect: Expect, lists: Lists
) -> None:
    """The stream tells what was done, and goes on with what is done."""
    known = {str(row["id"]) for row in await lists.all(witness.caller, LIST)}
    expect.that("what was done before, listed", bool(known))
    listener = Listener(known)
    bounds = Bounds(events=100_000, time_s=BUDGET_S, until=listener)
    streaming = asyncio.create_task(witness.caller.call(STREAM, stream=bounds))
    waiting = asyncio.create_task(listener.caught_up.wait())
    await asyncio.wait({streaming, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await witness.act()
    streamed = expect(await streaming)
    told = [str(json.loads(data)["id"]) for data in streamed.exchange.events]
    if streamed.exchange.ended and len(told) >= BACKLOG:
        raise LeftOutError(f"the stream broke off after {len(told)} events of the past")
    streamed.that("a stream that does not end", not streamed.exchange.ended, f"{len(told)} sent")
    heard = [number for number, event in enumerate(told) if event in known]
    streamed.that("what was done before", bool(heard), f"{len(told)} other events")
    streamed.that("then what was done meanwhile", not known.issuperset(told[heard[0] :]), told[-3:])


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
