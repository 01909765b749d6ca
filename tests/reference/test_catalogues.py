"""
Agents, workflows and the runs of workflows.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from smoke.reference.database import Database, now
from smoke.reference.workflows.models import WorkflowRun

from .process import served
from .world import World, seed


def test_agents_are_listed_page_by_page(viewer: httpx.Client) -> None:
    whole = viewer.get("/api/v1/agents").json()
    names = [one["name"] for one in whole["items"]]
    assert names[0] == "triage"
    assert (whole["total"], whole["next_cursor"]) == (len(names), None)
    first = viewer.get("/api/v1/agents", params={"limit": 3}).json()
    rest = viewer.get("/api/v1/agents", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == names
    found = viewer.get("/api/v1/agents", params={"search": "CODE"}).json()
    assert [one["name"] for one in found["items"]] == ["code_assistant"]


def test_an_agent_counts_the_tenants_conversations(viewer: httpx.Client) -> None:
    status = viewer.get("/api/v1/agents/triage/status").json()
    assert (status["status"], status["total_conversations"]) == ("active", 1)
    assert viewer.get("/api/v1/agents/nobody/status").status_code == 404


def test_a_workflow_is_described(viewer: httpx.Client) -> None:
    listed = viewer.get("/api/v1/workflows").json()
    assert "analysis_code" in [one["key"] for one in listed["items"]]
    found = viewer.get("/api/v1/workflows/analysis_code").json()
    assert found["step_count"] == sum(len(stage["steps"]) for stage in found["stages"])
    assert viewer.get("/api/v1/workflows/none").status_code == 404
    assert viewer.get("/api/v1/workflows/runs").json() == {"items": [], "next_cursor": None}


@pytest.fixture
async def ran(tmp_path: Path) -> AsyncIterator[World]:
    """
    A world with two ended workflow runs in its tenant.
    """
    path = tmp_path / "service.db"
    with served("--database", str(path)) as process:
        world = seed(process.url, uuid4().hex[:8])
        database = Database(path)
        async with database.writing() as session:
            session.add_all(_run(world, run_id) for run_id in ("run-1", "run-2"))
        database.close()
        yield world


async def test_runs_are_listed_read_and_deleted(ran: World) -> None:
    runs = "/api/v1/workflows/runs"
    with ran.signed_in("admin") as admin, ran.signed_in("member") as member:
        first = member.get(runs, params={"limit": 1}).json()
        rest = member.get(runs, params={"cursor": first["next_cursor"]}).json()
        ids = [one["workflow_run_id"] for one in first["items"] + rest["items"]]
        assert sorted(ids) == ["run-1", "run-2"]
        assert member.get(runs, params={"run_status": "failed"}).json()["items"] == []
        assert member.get(runs, params={"started_after": "soon"}).status_code == 400
        assert member.get(f"{runs}/run-1").json()["final_output_text"] == "Done."
        assert member.delete(f"{runs}/run-1").status_code == 403
        assert admin.delete(f"{runs}/run-1").status_code == 204
        assert admin.delete(f"{runs}/run-1").status_code == 404
        assert admin.delete(f"{runs}/run-2", params={"hard": True}).status_code == 204
        assert admin.get(runs).json()["items"] == []


def _run(world: World, run_id: str) -> WorkflowRun:
    return WorkflowRun(
        id=run_id,
        tenant_id=UUID(world.tenant_id),
        user_id=UUID(world.user_id("member")),
        workflow_key="analysis_code",
        status="succeeded",
        final_output_text="Done.",
        started_at=now(),
        ended_at=now(),
    )
