"""Workflow runs: they reach their end, can be replayed, and can be stopped."""

from typing import Any

import pytest
import pytest_asyncio

from smoke import Actor, Answer, Cleanup, Exchange, Expect, LeftOutError, Lists, Run, exercises
from smoke.checks.frames import BUDGET, PATIENCE_S, Arrivals, completed, flows, frames_of
from smoke.checks.stopping import (
    ATTEMPTS,
    CANCEL,
    DETAIL,
    EFFECT_S,
    FAR_MS,
    Attempt,
    stop_a_run,
)

RUN = "POST /api/v1/workflows/{workflow_key}/run"
RUN_STREAM = "POST /api/v1/workflows/{workflow_key}/run-stream"
RUNS = "GET /api/v1/workflows/runs"
ONE = "/api/v1/workflows/runs/{run_id}"
DELETE = f"DELETE {ONE}"
REPLAY = f"GET {ONE}/replay"
# Fields that the list and the detail of a run share.
SAME = ("workflow_run_id", "workflow_key", "status", "started_at", "ended_at", "user_id")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def workflow_keys(lists: Lists, workflow_pages: list[Answer]) -> list[str]:
    """The workflows, that of the fewest steps first: each step may ask a model."""
    rows = lists.rows_of(workflow_pages)
    workflow_pages[-1].that("at least one workflow", bool(rows))
    return [str(row["key"]) for row in sorted(rows, key=lambda one: int(one["step_count"]))]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def finished(
    member: Actor,
    owner: Actor,
    expect: Expect,
    run: Run,
    session_cleanup: Cleanup,
    workflow_keys: list[str],
    chat_id: str,
) -> Answer:
    """The answer of a run that has ended, in the conversation of the run."""
    asked = {"message": f"Say yes to smoke-{run.id}.", "conversation_id": chat_id}
    path: dict[str, Any] = {"workflow_key": workflow_keys[0]}
    answer = expect(await member.call(RUN, json=asked, timeout_s=PATIENCE_S, **path))
    session_cleanup(owner, DELETE, run_id=str(answer.value("/workflow_run_id")))
    return answer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def run_detail(finished: Answer, viewer: Actor) -> Exchange:
    """The detail of the run that has ended."""
    return await viewer.call(DETAIL, run_id=finished.value("/workflow_run_id"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def run_pages(finished: Answer, owner: Actor, lists: Lists, chat_id: str) -> list[Answer]:
    """The runs of the conversation that succeeded, up to the one that has ended."""
    # With its status: a list that is a moment old may show the run while it was running.
    wanted = {"workflow_run_id": finished.value("/workflow_run_id"), "status": "succeeded"}
    return await lists.pages(owner, RUNS, wanted, **_of(chat_id))


def _of(conversation_id: str) -> dict[str, str]:
    """The query for the runs of a conversation that succeeded."""
    return {"conversation_id": conversation_id, "run_status": "succeeded"}


@exercises(RUN, DETAIL)
async def test_run_reaches_its_end(
    finished: Answer,
    run_detail: Exchange,
    run_pages: list[Answer],
    expect: Expect,
    run: Run,
    lists: Lists,
    workflow_keys: list[str],
) -> None:
    """A run is answered, and its detail and its row say that it succeeded."""
    answer = expect(finished.exchange).holds("/workflow_key", workflow_keys[0])
    has_result = answer.json["steps"] or answer.json.get("final_output") is not None
    answer.that("a result of some kind", bool(has_result))
    run_id = answer.value("/workflow_run_id")
    detail = expect(run_detail).holds("/status", "succeeded")
    detail.holds("/request_message", f"Say yes to smoke-{run.id}.")
    row = lists.row_of(run_pages, {"workflow_run_id": run_id, "status": "succeeded"})
    for name in SAME:
        detail.holds(f"/{name}", row[name])
    detail.that("the steps that were answered", detail.json["steps"] or not answer.json["steps"])
    detail.that("an end after the beginning", detail.json["started_at"] <= detail.json["ended_at"])


@exercises(DELETE)
async def test_deleted_run_is_gone(
    finished: Answer,
    run_detail: Exchange,
    run_pages: list[Answer],
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    lists: Lists,
    chat_id: str,
) -> None:
    """A deleted run is neither read nor listed."""
    run_id = str(finished.value("/workflow_run_id"))
    row = {"workflow_run_id": run_id}
    lists.row_of(run_pages, row)
    await lists.lack(owner, RUNS, row, run_status="failed")
    expect(run_detail)
    expect(await owner.call(DELETE, run_id=run_id))
    expect(await viewer.call(DETAIL, run_id=run_id), 404)
    await lists.lack(owner, RUNS, row, **_of(chat_id))


@exercises(RUN_STREAM, f"{REPLAY}/stream", f"{REPLAY}/events")
async def test_streamed_run_is_whole_and_can_be_replayed(
    member: Actor,
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    session_cleanup: Cleanup,
    lists: Lists,
    workflow_keys: list[str],
    chat_id: str,
) -> None:
    """A run is streamed to its end, and replayed as it was streamed."""
    asked = {"message": "Say yes.", "conversation_id": chat_id}
    key, arrivals = workflow_keys[0], Arrivals()
    sent = await member.call(RUN_STREAM, json=asked, stream=arrivals.bounds, workflow_key=key)
    streamed = expect(sent)
    run_id = str(streamed.value("/workflow/workflow_run_id"))
    session_cleanup(owner, DELETE, run_id=run_id)
    frames = frames_of(streamed)
    completed(streamed).holds("/workflow/workflow_key", key)
    flows(streamed, arrivals)
    again = expect(await viewer.call(f"{REPLAY}/stream", stream=BUDGET, run_id=run_id))
    same = again.exchange.events == streamed.exchange.events
    again.that("the same frames, byte for byte", same, again.exchange.text[:200])
    expected = list(range(1, len(frames) + 1))
    listed = await lists.until(
        viewer, f"{REPLAY}/events", lambda rows: len(rows) == len(expected), run_id=run_id
    )
    numbers = sorted(row["event_id"] for row in listed)
    expect.that("the same frames in the list", numbers == expected, numbers)


@pytest.mark.alone  # the cancel must come before a very short run ends
@exercises(RUN_STREAM, CANCEL)
async def test_running_run_can_be_cancelled(
    member: Actor,
    owner: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    workflow_keys: list[str],
    chat_id: str,
) -> None:
    """A run that is cancelled on its way ends as cancelled; afterwards it is too late: 409."""
    attempts: list[Attempt] = []
    for number in range(ATTEMPTS):
        asked = {
            "message": f"Take your time, smoke-{run.id}, {number}.",
            "conversation_id": chat_id,
        }
        call = member.call(RUN_STREAM, json=asked, stream=BUDGET, workflow_key=workflow_keys[-1])
        attempts.append(await stop_a_run(call, asked["message"], member, owner, expect))
        cleanup(owner, DELETE, run_id=attempts[-1].run_id)
        stopped = attempts[-1].stopped
        # From far away, each attempt comes too late.
        is_late = number and stopped.status == 409 and stopped.elapsed_ms > FAR_MS
        if attempts[-1].is_cancelled or is_late:
            break
    last = attempts[-1]
    # One run may win the race by chance, or be slow to stop where the service is busy.
    accepted = [one.went_on_s for one in attempts if one.stopped.status == 202]
    went_on_s = min(accepted, default=0.0)
    expect.that(f"a run that stops within {EFFECT_S} s of 202", went_on_s <= EFFECT_S, went_on_s)
    # Also where the race was lost: what always answers 202 stops nothing.
    expect(await member.call(CANCEL, run_id=last.run_id), 409)
    if not last.is_cancelled:  # a very short run ends before the cancel takes effect
        raise LeftOutError(f"none of {len(attempts)} runs could be cancelled in time")
    expect(last.stopped)
