"""Does a workflow run reach its end, can it be replayed, and can it be stopped?"""

import asyncio

import pytest_asyncio

from smoke import Actor, Cleanup, Exchange, Expect, LeftOutError, Lists, Run, exercises
from smoke.checks.frames import BUDGET, PATIENCE_S, cancelled, completed, frames_of

RUN = "POST /api/v1/workflows/{workflow_key}/run"
RUN_STREAM = "POST /api/v1/workflows/{workflow_key}/run-stream"
RUNS = "GET /api/v1/workflows/runs"
ONE = "/api/v1/workflows/runs/{run_id}"
DETAIL, DELETE, CANCEL = f"GET {ONE}", f"DELETE {ONE}", f"POST {ONE}/cancel"
REPLAY = f"GET {ONE}/replay"
ATTEMPTS, SURE = 6, 3
"""A run may end before a cancel reaches it, or in the moment it does; several do not by chance."""
LOOKS, LOOK_S = 50, 0.1
"""How often, and in which steps of seconds, the end of a cancelled run is waited for."""
PAUSE_S = 0.01
"""Seconds between two looks for a run that has just begun; it may last no longer than 0.2 s."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def workflow_key(viewer: Actor, expect: Expect) -> str:
    """The workflow of the fewest steps: each of them may ask a model."""
    known = expect(await viewer.call("GET /api/v1/workflows"))
    known.that("at least one workflow", bool(known.values("/items/*")))
    return str(min(known.json["items"], key=lambda one: int(one["step_count"]))["key"])


@exercises(RUN, DETAIL, DELETE)
async def test_run_reaches_its_end(
    member: Actor,
    owner: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    lists: Lists,
    workflow_key: str,
    chat_id: str,
) -> None:
    """A run is answered, is read and listed as succeeded, and is gone when it is deleted."""
    asked = {"message": f"Say yes to smoke-{run.id}.", "conversation_id": chat_id}
    sent = await member.call(RUN, json=asked, timeout_s=PATIENCE_S, workflow_key=workflow_key)
    answer = expect(sent)
    run_id = str(answer.value("/workflow_run_id"))
    cleanup(owner, DELETE, run_id=run_id)
    answer.holds("/workflow_key", workflow_key)
    has_result = answer.json["steps"] or answer.json.get("final_output") is not None
    answer.that("a result of some kind", bool(has_result))
    detail = expect(await owner.call(DETAIL, run_id=run_id))
    detail.holds("/status", "succeeded").holds("/request_message", asked["message"])
    detail.that("an end", bool(detail.value("/ended_at")))
    row = {"workflow_run_id": run_id}
    chat_id = answer.value("/conversation_id")
    listed = await lists.rows(owner, RUNS, row, conversation_id=chat_id)
    states = {one["status"] for one in listed}
    expect.that("the run in the list, succeeded", states == {"succeeded"}, states)
    expect(await owner.call(DELETE, run_id=run_id))
    expect(await owner.call(DETAIL, run_id=run_id), 404)
    await lists.lack(owner, RUNS, row, conversation_id=chat_id)


@exercises(RUN_STREAM, f"{REPLAY}/stream", f"{REPLAY}/events")
async def test_streamed_run_is_whole_and_can_be_replayed(
    member: Actor,
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    cleanup: Cleanup,
    lists: Lists,
    workflow_key: str,
    chat_id: str,
) -> None:
    """A run is streamed to its end, and replayed as it was streamed."""
    asked = {"message": "Say yes.", "conversation_id": chat_id}
    answer = await member.call(RUN_STREAM, json=asked, stream=BUDGET, workflow_key=workflow_key)
    streamed = expect(answer)
    run_id = str(streamed.value("/workflow/workflow_run_id"))
    cleanup(owner, DELETE, run_id=run_id)
    frames = frames_of(streamed)
    completed(streamed).holds("/workflow/workflow_key", workflow_key)
    expect(await viewer.call(DETAIL, run_id=run_id)).holds("/status", "succeeded")
    again = expect(await viewer.call(f"{REPLAY}/stream", stream=BUDGET, run_id=run_id))
    same = again.exchange.events == streamed.exchange.events
    again.that("the same frames, byte for byte", same, again.exchange.text[:200])
    listed = await lists.all(viewer, f"{REPLAY}/events", run_id=run_id)
    told = sorted(row["event_id"] for row in listed)
    expect.that("the same frames in the list", told == list(range(1, len(frames) + 1)), told)


@exercises(RUN_STREAM, CANCEL)
async def test_running_run_can_be_cancelled(
    member: Actor,
    owner: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    workflow_key: str,
    chat_id: str,
) -> None:
    """A run that is cancelled on its way ends as cancelled; afterwards it is too late: 409."""
    ends: list[str] = []
    for attempt in range(ATTEMPTS):
        message = f"Take your time, smoke-{run.id}, {attempt}."
        asked = {"message": message, "conversation_id": chat_id}
        call = member.call(RUN_STREAM, json=asked, stream=BUDGET, workflow_key=workflow_key)
        streaming = asyncio.create_task(call)
        try:
            stopped = await _cancel(member, expect, message, streaming)
        finally:
            streamed = expect(await streaming)  # a stream that is left early abandons its run
        run_id = str(streamed.value("/workflow/workflow_run_id"))
        cleanup(owner, DELETE, run_id=run_id)
        is_told = cancelled(frames_of(streamed))
        end = await _end(owner, expect, run_id)
        if stopped is not None and stopped.status == 202:
            ends.append(end if is_told else f"{end}, and the stream does not say cancelled")
        if "cancelled" in ends:
            break
    if "cancelled" not in ends and len(ends) < SURE:  # far away, a short run is over too soon
        raise LeftOutError(f"of {ATTEMPTS} runs, {ends or 'none'} could be cancelled in time")
    expect.that("one of the runs ended as cancelled", "cancelled" in ends, ends)
    expect(await member.call(CANCEL, run_id=run_id), 409)


async def _cancel(
    caller: Actor, expect: Expect, message: str, streaming: "asyncio.Task[Exchange]"
) -> Exchange | None:
    """Cancel the run of that message while it is streaming; None where it ended unseen."""
    strangers: set[str] = set()
    while not streaming.done():
        running = expect(await caller.call(RUNS, query={"run_status": "running", "limit": 10}))
        for run_id in running.values("/items/*/workflow_run_id"):
            if run_id in strangers:
                continue
            detail = expect(await caller.call(DETAIL, run_id=run_id), 200, 404)
            if detail.json.get("request_message") == message:
                caller.client.run.own(CANCEL, {"run_id": run_id})  # only this run said its words
                stopped = await caller.call(CANCEL, run_id=run_id)
                return expect(stopped, 202, 409).exchange
            strangers.add(run_id)
        await asyncio.sleep(PAUSE_S)
    return None


async def _end(caller: Actor, expect: Expect, run_id: str) -> str:
    """The status of a run whose stream is over; that of a cancelled one may take a moment."""
    for _ in range(LOOKS):
        detail = expect(await caller.call(DETAIL, run_id=run_id))
        if detail.json["status"] != "running":
            break
        await asyncio.sleep(LOOK_S)
    final = ("succeeded", "failed", "cancelled")
    return str(detail.that("a final status", detail.json["status"] in final).json["status"])
