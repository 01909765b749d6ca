"""
Workflow runs: their steps, their end, their replay, and stopping them.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from .process import running
from .streams import frames_of, kinds_of
from .world import World, seed

FLOWS = "/api/v1/workflows"
RUNS = f"{FLOWS}/runs"
ASKED = {"message": "Go."}


def test_a_run_has_the_result_of_each_step(member: httpx.Client, viewer: httpx.Client) -> None:
    answer = member.post(f"{FLOWS}/research_review/run", json=ASKED).json()
    run = viewer.get(f"{RUNS}/{answer['workflow_run_id']}").json()
    assert (run["status"], run["request_message"]) == ("succeeded", "Go.")
    assert run["final_output_text"] == answer["final_output"] == "Triage heard: Go."
    places = [(one["name"], one["parallel_group"], one["branch_index"]) for one in run["steps"]]
    assert places == [("search", "research", 0), ("compute", "research", 1), ("weigh", None, None)]
    listed = viewer.get(RUNS, params={"conversation_id": answer["conversation_id"]}).json()
    [item] = listed["items"]
    assert (item["workflow_run_id"], item["step_count"]) == (run["workflow_run_id"], 3)
    assert item["duration_ms"] >= 300
    replay = f"{RUNS}/{run['workflow_run_id']}/replay"
    assert viewer.get(f"{replay}/stream").text == ""
    assert viewer.get(f"{replay}/events").json()["items"] == []


def test_a_run_goes_on_in_a_conversation(member: httpx.Client, viewer: httpx.Client) -> None:
    talk = member.post("/api/v1/chat", json={"message": "Begin."}).json()["conversation_id"]
    path = f"/api/v1/conversations/{talk}"
    asked = ASKED | {"conversation_id": talk}
    run = member.post(f"{FLOWS}/analysis_code/run", json=asked).json()
    assert len(viewer.get(path).json()["messages"]) == 4
    events = viewer.get(f"{path}/events", params={"workflow_run_id": run["workflow_run_id"]}).json()
    assert [one["role"] for one in events["items"]] == ["user", "assistant"]


def test_a_streamed_run_is_replayed_byte_for_byte(
    member: httpx.Client, owner: httpx.Client
) -> None:
    streamed = member.post(f"{FLOWS}/analysis_code/run-stream", json=ASKED)
    frames = frames_of(streamed)
    assert kinds_of(frames) == ["lifecycle", "message.delta", "final"]
    assert [frame["event_id"] for frame in frames] == list(range(1, len(frames) + 1))
    steps = dict.fromkeys(frame["workflow"]["step_name"] for frame in frames)
    assert list(steps) == [None, "analyse", "write_code"]
    run_id = frames[-1]["workflow"]["workflow_run_id"]
    assert owner.get(f"{RUNS}/{run_id}/replay/stream").text == streamed.text
    assert owner.get(f"{RUNS}/{run_id}/replay/events").json()["items"] == frames
    assert owner.delete(f"{RUNS}/{run_id}", params={"hard": True}).status_code == 204
    assert owner.get(f"{RUNS}/{run_id}/replay/stream").status_code == 404


def test_a_running_run_is_cancelled(member: httpx.Client, viewer: httpx.Client) -> None:
    with _begun(member) as (run_id, frames):
        assert viewer.get(f"{RUNS}/{run_id}").json()["status"] == "running"
        assert viewer.get(RUNS, params={"run_status": "running"}).json()["items"]
        stopped = member.post(f"{RUNS}/{run_id}/cancel")
        assert (stopped.status_code, stopped.json()) == (
            202,
            {"workflow_run_id": run_id, "success": True},
        )
        assert viewer.get(f"{RUNS}/{run_id}").json()["status"] == "cancelled"
        *_, lifecycle, final = frames
    assert (lifecycle["kind"], lifecycle["status"]) == ("lifecycle", "cancelled")
    assert (final["kind"], final["final"]["status"]) == ("final", "cancelled")
    assert member.post(f"{RUNS}/{run_id}/cancel").status_code == 409
    replayed = viewer.get(f"{RUNS}/{run_id}/replay/events").json()["items"]
    assert replayed[-2:] == [lifecycle, final]


def test_a_cancel_can_be_timed_by_the_activity(member: httpx.Client, owner: httpx.Client) -> None:
    caught: list[int] = []

    def cancel() -> None:
        with owner.stream("GET", "/api/v1/activity/stream") as stream:
            listening.set()
            for event in _events(stream):
                if event["action"] == "workflow.run.started" and event["metadata"] == wanted:
                    answer = member.post(f"{RUNS}/{event['object_id']}/cancel")
                    caught.append(answer.status_code)
                    return

    talk = member.post("/api/v1/chat", json=ASKED).json()["conversation_id"]
    wanted = {"workflow_key": "analysis_code", "conversation_id": talk}
    listening = threading.Event()
    watcher = threading.Thread(target=cancel)
    watcher.start()
    assert listening.wait(10)
    asked = ASKED | {"conversation_id": talk}
    frames = frames_of(member.post(f"{FLOWS}/analysis_code/run-stream", json=asked))
    watcher.join(10)
    assert caught == [202]
    assert frames[-1]["final"]["status"] == "cancelled"


def test_a_run_that_waits_for_a_cancelled_run_says_so(member: httpx.Client) -> None:
    answers: list[int] = []

    def run() -> None:
        asked = ASKED | {"message": word}
        answers.append(member.post(f"{FLOWS}/analysis_code/run", json=asked).status_code)

    word = uuid4().hex
    waiting = threading.Thread(target=run)
    waiting.start()
    run_id = None
    while run_id is None:
        for one in member.get(RUNS, params={"run_status": "running"}).json()["items"]:
            found = member.get(f"{RUNS}/{one['workflow_run_id']}").json()
            run_id = one["workflow_run_id"] if found["request_message"] == word else run_id
    assert member.post(f"{RUNS}/{run_id}/cancel").status_code == 202
    waiting.join(10)
    assert answers == [409]


def test_a_run_reaches_its_end_when_nobody_listens(
    member: httpx.Client, viewer: httpx.Client, owner: httpx.Client
) -> None:
    with _begun(member) as (run_id, _frames):
        pass
    with owner.stream("GET", "/api/v1/activity/stream") as stream:
        for event in _events(stream):
            if event["action"] == "workflow.run.completed" and event["object_id"] == run_id:
                break
    assert viewer.get(f"{RUNS}/{run_id}").json()["status"] == "succeeded"


def test_a_run_whose_service_died_has_failed(tmp_path: Path) -> None:
    database = ("--database", str(tmp_path / "service.db"))
    with running(*database) as service:
        world = seed(service.url, uuid4().hex[:8])
        with world.signed_in("owner") as owner, _begun(owner) as (run_id, _frames):
            service.child.kill()
    with running(*database) as service:
        again = World(service.url, world.tag, world.answer)
        with again.signed_in("viewer") as viewer:
            run = viewer.get(f"{RUNS}/{run_id}").json()
    assert (run["status"], bool(run["ended_at"])) == ("failed", True)


@pytest.mark.parametrize("path", ["nothing/run", "nothing/run-stream", "runs/nothing/cancel"])
def test_what_there_is_not_is_not_found(member: httpx.Client, path: str) -> None:
    assert member.post(f"{FLOWS}/{path}", json=ASKED).status_code == 404


def test_runs_are_for_members_of_the_tenant(
    member: httpx.Client, viewer: httpx.Client, outsider: httpx.Client
) -> None:
    run = member.post(f"{FLOWS}/analysis_code/run", json=ASKED).json()
    path = f"{RUNS}/{run['workflow_run_id']}"
    assert viewer.post(f"{FLOWS}/analysis_code/run", json=ASKED).status_code == 403
    assert viewer.post(f"{path}/cancel").status_code == 403
    assert member.delete(path).status_code == 403
    for one in ("", "/replay/events", "/replay/stream"):
        assert outsider.get(f"{path}{one}").status_code == 404
    assert outsider.post(f"{path}/cancel").status_code == 404


@contextmanager
def _begun(client: httpx.Client) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """
    Begin a run and give its id and its next frames; leaving closes the connection.
    """
    path = f"{FLOWS}/analysis_code/run-stream"
    with client.stream("POST", path, json=ASKED) as response:
        frames = _events(response)
        yield next(frames)["workflow"]["workflow_run_id"], frames


def _events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in response.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))
