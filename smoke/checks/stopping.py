"""Stopping a workflow run while it streams: its id appears only when it is under way."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit

from smoke import Actor, Bounds, Exchange, Expect, Run
from smoke.checks.frames import PATIENCE_S, cancelled, frames_of

ACTIVITY = "GET /api/v1/activity/stream"
RUNS = "GET /api/v1/workflows/runs"
ONE = "/api/v1/workflows/runs/{run_id}"
DETAIL, CANCEL = f"GET {ONE}", f"POST {ONE}/cancel"
# A run may end before a cancel reaches it; several do not by chance.
ATTEMPTS = 4
# Milliseconds that a request takes where a run of a moment ends before two of them.
FAR_MS = 150
# Seconds in which a cancel that was accepted must stop a run; a run of a moment may end first.
EFFECT_S = 3.0
# How often, and in which steps of seconds, the end of a cancelled run is waited for.
LOOKS, LOOK_S = 50, 0.1
# Seconds between two looks at the list of runs, where no event names the run.
PAUSE_S = 0.05


@dataclass(frozen=True)
class Attempt:
    """One run, what cancelling it answered, how it ended, and how long it went on after a 202."""

    run_id: str
    stopped: Exchange
    end: str
    says_cancelled: bool
    went_on_s: float

    @property
    def is_cancelled(self) -> bool:
        """Whether the cancel was accepted and took effect, in the stream and in the detail."""
        return self.stopped.status == 202 and self.end == "cancelled" and self.says_cancelled


async def stop_a_run(
    call: Awaitable[Exchange], message: str, member: Actor, owner: Actor, expect: Expect
) -> Attempt:
    """Start a run by its call, cancel it as soon as its id is known, and wait for its end."""
    async with _announced(owner) as ids:
        streaming = asyncio.ensure_future(call)
        stopped: Exchange | None = None
        try:
            stopped = await _cancel(member, expect, message, streaming, ids)
            accepted = perf_counter()
        finally:
            streamed = expect(await streaming)  # a stream that is left early abandons its run
        went_on_s = perf_counter() - accepted if stopped and stopped.status == 202 else 0.0
    run_id = str(streamed.value("/workflow/workflow_run_id"))
    says_cancelled = cancelled(frames_of(streamed))
    end = await _end(owner, expect, run_id)
    if stopped is None:  # it ended unseen: then it is too late
        member.client.run.own(CANCEL, {"run_id": run_id})  # its own stream named it
        stopped = expect(await member.call(CANCEL, run_id=run_id), 409).exchange
    return Attempt(run_id, stopped, end, says_cancelled, 0.0 if says_cancelled else went_on_s)


@asynccontextmanager
async def _announced(owner: Actor) -> "AsyncIterator[asyncio.Queue[str]]":
    """The ids of what happens in the tenant, from its stream of activity."""
    ids: asyncio.Queue[str] = asyncio.Queue()

    def hear(data: str) -> bool:
        event = json.loads(data)
        if "workflow" in f"{event.get('action')} {event.get('object_type')}":
            ids.put_nowait(str(event.get("object_id")))
        return False

    bounds = Bounds(events=100_000, time_s=PATIENCE_S, until=hear)
    listening = asyncio.ensure_future(owner.call(ACTIVITY, stream=bounds, at_once=True))
    try:
        yield ids
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _cancel(
    caller: Actor,
    expect: Expect,
    message: str,
    streaming: "asyncio.Future[Exchange]",
    ids: "asyncio.Queue[str]",
) -> Exchange | None:
    """Cancel the run of that message while it is streaming; None where it ended unseen."""
    others = _known(caller.client.run)
    while not streaming.done():
        try:
            found = [await asyncio.wait_for(ids.get(), PAUSE_S)]
        except TimeoutError:
            running = await caller.call(RUNS, query={"run_status": "running", "limit": 10})
            found = expect(running).values("/items/*/workflow_run_id")
        for run_id in (one for one in found if one not in others):
            detail = expect(await caller.call(DETAIL, run_id=run_id), 200, 400, 404)
            if detail.json.get("request_message") == message:
                caller.client.run.own(CANCEL, {"run_id": run_id})  # only this run said its words
                stopped = await caller.call(CANCEL, run_id=run_id)
                return expect(stopped, 202, 409).exchange
            others.add(run_id)
    return None


def _known(run: Run) -> set[str]:
    """The runs that this smoke run has named before: none of them is the new one."""
    of_one = [one for one in run.exchanges if one.operation.endswith(ONE)]
    return {urlsplit(one.url).path.rpartition("/")[2] for one in of_one}


async def _end(caller: Actor, expect: Expect, run_id: str) -> str:
    """The status of a run after its stream; that of a cancelled one may take a moment."""
    for _ in range(LOOKS):
        detail = expect(await caller.call(DETAIL, run_id=run_id))
        if detail.json["status"] != "running":
            break
        await asyncio.sleep(LOOK_S)
    final = ("succeeded", "failed", "cancelled")
    return str(detail.that("a final status", detail.json["status"] in final).json["status"])
