"""Workflows: list and describe, run and stop, and the runs with their replay."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from .. import schemas
from ..conversations.ledger import frames_of, ledger_page, replayed
from ..database import now
from ..security.tenancy import Caller, InTenant, Viewer
from ..service import OpenSession, Running
from ..views import shown
from ..web.document import EVENT_STREAM, stream_of
from ..web.errors import Refusal, conflict
from ..web.event_stream import event_stream, relayed
from ..web.paging import Cursors, Cursors24, Cursors500, asked, cursors
from . import runner
from . import service as workflows
from .catalogue import Stage
from .models import WorkflowRun

router = APIRouter(prefix="/api/v1/workflows", tags=["workflows"])
Reader = Annotated[Caller, Depends(InTenant("viewer", feature="ai"))]
Member = Annotated[Caller, Depends(InTenant("member", feature="ai"))]
Deleter = Annotated[Caller, Depends(InTenant("admin", scope="workflows:delete", feature="ai"))]


@router.get("/runs")
async def list_workflow_runs(
    caller: Viewer,
    session: OpenSession,
    page: Annotated[Cursors, Depends(cursors(20, 100))],
    wanted: Annotated[workflows.Wanted, Depends(asked(workflows.Wanted))],
) -> schemas.WorkflowRunListResponse:
    rows, next_cursor = workflows.runs_page(session, caller, wanted, page)
    items = [_item(run) for run in rows]
    return schemas.WorkflowRunListResponse(items=items, next_cursor=next_cursor)


@router.get("/runs/{run_id}")
async def get_workflow_run(
    run_id: str, caller: Reader, session: OpenSession
) -> schemas.WorkflowRunDetail:
    run = workflows.visible_run(session, caller, run_id)
    names = {"workflow_run_id": run.id, "conversation_id": run.conversation_name}
    return shown(schemas.WorkflowRunDetail, run, **names)


@router.delete("/runs/{run_id}", status_code=204)
async def delete_workflow_run(
    run_id: str,
    caller: Deleter,
    session: OpenSession,
    hard: bool = False,
    reason: str | None = None,
) -> None:
    workflows.delete_run(session, caller, run_id, reason, hard=hard)


@router.get("/runs/{run_id}/replay/events")
async def get_workflow_run_replay_events(
    run_id: str, caller: Reader, session: OpenSession, page: Cursors500
) -> schemas.WorkflowRunReplayEventsResponse:
    run = workflows.visible_run(session, caller, run_id)
    items, next_cursor = ledger_page(session, frames_of(workflow_run_id=run.id), page)
    return schemas.WorkflowRunReplayEventsResponse(
        workflow_run_id=run.id,
        conversation_id=run.conversation_name or "",
        items=items,
        next_cursor=next_cursor,
    )


@router.get("/runs/{run_id}/replay/stream", responses=EVENT_STREAM)
async def stream_workflow_run_replay_events(
    run_id: str, caller: Reader, session: OpenSession, cursor: str | None = None
) -> StreamingResponse:
    run = workflows.visible_run(session, caller, run_id)
    return event_stream(replayed(session, frames_of(workflow_run_id=run.id), cursor))


@router.post("/{workflow_key}/run")
async def run_workflow(
    workflow_key: str, caller: Member, body: schemas.WorkflowRunRequestBody, service: Running
) -> schemas.WorkflowRunResponse:
    workflow = workflows.workflow_or_404(workflow_key)
    active = await runner.start_run(service, caller, workflow, body, is_streamed=False)
    await runner.run_ended(service, active.id)
    with service.database.reading() as session:
        run = workflows.visible_run(session, caller, active.id)
    if run.status == "cancelled":
        raise conflict("The run was cancelled.")
    if run.status == "failed":
        raise Refusal(500, "The run failed.")
    return shown(
        schemas.WorkflowRunResponse,
        run,
        workflow_run_id=run.id,
        conversation_id=run.conversation_name,
        final_output=run.final_output_text,
    )


@router.post(
    "/{workflow_key}/run-stream",
    response_model=schemas.StreamingWorkflowEvent,
    responses=stream_of(schemas.StreamingWorkflowEvent),
)
async def run_workflow_stream(
    workflow_key: str, caller: Member, body: schemas.WorkflowRunRequestBody, service: Running
) -> StreamingResponse:
    workflow = workflows.workflow_or_404(workflow_key)
    active = await runner.start_run(service, caller, workflow, body, is_streamed=True)
    return event_stream(relayed(active.frames.queue, lambda: f"heartbeat {now().isoformat()}"))


@router.post("/runs/{run_id}/cancel", status_code=202)
async def cancel_workflow_run(
    run_id: str, caller: Member, service: Running
) -> schemas.WorkflowRunCancelResponse:
    with service.database.reading() as session:
        run = workflows.visible_run(session, caller, run_id)
    if not await runner.cancel_run(service, run.id):
        raise conflict("The run has reached its end.")
    return schemas.WorkflowRunCancelResponse(workflow_run_id=run.id, success=True)


@router.get("")
async def list_workflows(
    _caller: Viewer,
    wanted: Cursors24,
    search: Annotated[str | None, Query(min_length=1, max_length=256)] = None,
) -> schemas.WorkflowListResponse:
    found = workflows.workflows_mentioning(search)
    page, next_cursor = wanted.items(found)
    items = [shown(schemas.WorkflowSummary, one, default=one.is_default) for one in page]
    return schemas.WorkflowListResponse(items=items, next_cursor=next_cursor, total=len(found))


@router.get("/{workflow_key}")
async def get_workflow_descriptor(
    workflow_key: str, _caller: Viewer
) -> schemas.WorkflowDescriptorResponse:
    workflow = workflows.workflow_or_404(workflow_key)
    return shown(
        schemas.WorkflowDescriptorResponse,
        workflow,
        default=workflow.is_default,
        allow_handoff_agents=False,
        stages=[_stage(stage) for stage in workflow.stages],
    )


def _stage(stage: Stage) -> schemas.WorkflowStageDescriptor:
    steps = [shown(schemas.WorkflowStepDescriptor, step) for step in stage.steps]
    mode = "parallel" if stage.is_parallel else "sequential"
    return shown(schemas.WorkflowStageDescriptor, stage, mode=mode, steps=steps)


def _item(run: WorkflowRun) -> schemas.WorkflowRunListItem:
    duration = run.ended_at - run.started_at if run.ended_at else None
    return shown(
        schemas.WorkflowRunListItem,
        run,
        workflow_run_id=run.id,
        conversation_id=run.conversation_name,
        step_count=len(run.steps),
        duration_ms=int(duration.total_seconds() * 1000) if duration else None,
    )
