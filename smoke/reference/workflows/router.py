"""The runs of workflows: list, detail, delete."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..agents.catalogue import mentions
from ..chat.turns import Wanted
from ..conversations.ledger import frames_of_run, ledger_page, replayed
from ..conversations.models import LedgerFrame
from ..database import now
from ..features.service import Feature
from ..frames.schemas import StreamingWorkflowEvent
from ..schemas import TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession, Running, Service
from ..web.document import EVENT_STREAM, frames_of
from ..web.errors import Refusal, bad_request, conflict, not_found
from ..web.event_stream import event_stream, relayed
from ..web.paging import Cursor, NextPageCursor, keyset_page, slice_page
from .catalogue import WORKFLOWS, Stage, workflow_named
from .models import WorkflowRun
from .runner import ActiveRun, cancel_run, run_ended, start_run
from .schemas import (
    WorkflowDescriptorResponse,
    WorkflowListResponse,
    WorkflowRunCancelResponse,
    WorkflowRunDetail,
    WorkflowRunListItem,
    WorkflowRunListResponse,
    WorkflowRunReplayEventsResponse,
    WorkflowRunRequestBody,
    WorkflowRunResponse,
    WorkflowStageDescriptor,
    WorkflowStepDescriptor,
    WorkflowSummary,
)

router = APIRouter(prefix="/api/v1/workflows", tags=["workflows"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]
Reader = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.AI))]
Deleter = Annotated[
    Caller, Depends(in_tenant(TenantRole.ADMIN, scope="workflows:delete", feature=Feature.AI))
]
_Text = Annotated[str | None, Query()]


@router.get("/runs")
async def list_workflow_runs(
    caller: Viewer,
    session: OpenSession,
    workflow_key: _Text = None,
    run_status: _Text = None,
    started_before: _Text = None,
    started_after: _Text = None,
    conversation_id: _Text = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> WorkflowRunListResponse:
    """The tenant's runs, newest first."""
    query = select(WorkflowRun).where(
        WorkflowRun.tenant_id == caller.tenant_id, WorkflowRun.hidden_at.is_(None)
    )
    if workflow_key:
        query = query.where(WorkflowRun.workflow_key == workflow_key)
    if run_status:
        query = query.where(WorkflowRun.status == run_status)
    if started_before:
        query = query.where(WorkflowRun.started_at <= _moment(started_before))
    if started_after:
        query = query.where(WorkflowRun.started_at >= _moment(started_after))
    if conversation_id:
        query = query.where(WorkflowRun.conversation_id == _uuid(conversation_id))
    key = (WorkflowRun.started_at, WorkflowRun.id)
    rows, next_cursor = keyset_page(session, query, key, limit=limit, cursor=cursor)
    return WorkflowRunListResponse(items=[_item(run) for run in rows], next_cursor=next_cursor)


@router.get("/runs/{run_id}")
async def get_workflow_run(run_id: str, caller: Reader, session: OpenSession) -> WorkflowRunDetail:
    """One run with the results of its steps."""
    return run_view(visible_run(session, caller, run_id))


@router.delete("/runs/{run_id}", status_code=204)
async def delete_workflow_run(
    run_id: str,
    caller: Deleter,
    session: OpenSession,
    hard: Annotated[bool, Query()] = False,
    reason: _Text = None,
) -> None:
    """The run is hidden, or gone for good with its frames if asked."""
    run = visible_run(session, caller, run_id)
    if hard:
        frames = select(LedgerFrame).where(LedgerFrame.workflow_run_id == run.id)
        for frame in session.scalars(frames):
            session.delete(frame)
        session.delete(run)
    else:
        run.hidden_at = now()
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        "workflow.run.deleted",
        actor_role=caller.role,
        object_type="workflow_run",
        object_id=run.id,
        metadata={"hard": hard, "reason": reason},
    )


def visible_run(session: Session, caller: Caller, run_id: str) -> WorkflowRun:
    """Return a run of the caller's tenant.

    Raises:
        Refusal: 404, unknown, of another tenant, or deleted.
    """
    run = session.get(WorkflowRun, run_id)
    if run is None or run.tenant_id != caller.tenant_id or run.hidden_at:
        raise not_found("Workflow run")
    return run


def run_view(run: WorkflowRun) -> WorkflowRunDetail:
    """Return a run as its detail is answered."""
    return WorkflowRunDetail.model_validate(
        {
            "workflow_key": run.workflow_key,
            "workflow_run_id": run.id,
            "tenant_id": str(run.tenant_id),
            "user_id": str(run.user_id),
            "status": run.status,
            "started_at": run.started_at.isoformat(),
            "ended_at": run.ended_at.isoformat() if run.ended_at else None,
            "final_output_text": run.final_output_text,
            "final_output_structured": run.final_output_structured,
            "request_message": run.request_message,
            "conversation_id": str(run.conversation_id) if run.conversation_id else None,
            "steps": run.steps,
        }
    )


def _item(run: WorkflowRun) -> WorkflowRunListItem:
    duration = run.ended_at - run.started_at if run.ended_at else None
    return WorkflowRunListItem.model_validate(
        {
            "workflow_run_id": run.id,
            "workflow_key": run.workflow_key,
            "status": run.status,
            "started_at": run.started_at.isoformat(),
            "ended_at": run.ended_at.isoformat() if run.ended_at else None,
            "user_id": str(run.user_id),
            "conversation_id": str(run.conversation_id) if run.conversation_id else None,
            "step_count": len(run.steps),
            "duration_ms": int(duration.total_seconds() * 1000) if duration else None,
            "final_output_text": run.final_output_text,
        }
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(f"{text!r} is not an ISO 8601 timestamp.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise bad_request(f"{text!r} is not a UUID.") from error


Replayer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.AI))]


@router.get("/runs/{run_id}/replay/events")
async def get_workflow_run_replay_events(
    run_id: str,
    caller: Replayer,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    cursor: Cursor = None,
) -> WorkflowRunReplayEventsResponse:
    """A page of the run's frames, oldest first; none for a run that was not streamed."""
    run = visible_run(session, caller, run_id)
    query = frames_of_run(run.id)
    items, next_cursor = ledger_page(session, query, limit=limit, cursor=cursor)
    return WorkflowRunReplayEventsResponse(
        workflow_run_id=run.id,
        conversation_id=str(run.conversation_id or ""),
        items=items,
        next_cursor=next_cursor,
    )


@router.get("/runs/{run_id}/replay/stream", responses=EVENT_STREAM)
async def stream_workflow_run_replay_events(
    run_id: str, caller: Replayer, session: OpenSession, cursor: Cursor = None
) -> StreamingResponse:
    """The run's frames as they were streamed, byte for byte."""
    run = visible_run(session, caller, run_id)
    return event_stream(replayed(session, frames_of_run(run.id), cursor))


Member = Annotated[Caller, Depends(in_tenant(TenantRole.MEMBER, feature=Feature.AI))]


@router.post("/{workflow_key}/run")
async def run_workflow(
    workflow_key: str, caller: Member, body: WorkflowRunRequestBody, service: Running
) -> WorkflowRunResponse:
    """A run from its first step to its end."""
    active = await _started(service, caller, workflow_key, body, is_streamed=False)
    await run_ended(service, active.id)
    with service.database.reading() as session:
        run = run_view(visible_run(session, caller, active.id))
    if run.status == "cancelled":
        raise conflict("The run was cancelled.")
    if run.status == "failed":
        raise Refusal(502, "The run failed: the model gave no answer.")
    return WorkflowRunResponse(
        workflow_key=run.workflow_key,
        workflow_run_id=run.workflow_run_id,
        conversation_id=str(active.turn.conversation_id),
        steps=run.steps,
        final_output=run.final_output_text,
    )


@router.post(
    "/{workflow_key}/run-stream",
    response_model=StreamingWorkflowEvent,
    responses=frames_of(StreamingWorkflowEvent),
)
async def run_workflow_stream(
    workflow_key: str, caller: Member, body: WorkflowRunRequestBody, service: Running
) -> StreamingResponse:
    """A run as it goes; it reaches its end also when nobody listens."""
    active = await _started(service, caller, workflow_key, body, is_streamed=True)
    return event_stream(relayed(active.frames.queue, lambda: f"heartbeat {now().isoformat()}"))


@router.post("/runs/{run_id}/cancel", status_code=202)
async def cancel_workflow_run(
    run_id: str, caller: Member, service: Running
) -> WorkflowRunCancelResponse:
    """A run that was on its way is stopped; 409 for one that has reached its end."""
    with service.database.reading() as session:
        run = visible_run(session, caller, run_id)
    if not await cancel_run(service, run.id):
        raise conflict("The run has reached its end.")
    return WorkflowRunCancelResponse(workflow_run_id=run.id, success=True)


async def _started(
    service: Service,
    caller: Caller,
    workflow_key: str,
    body: WorkflowRunRequestBody,
    *,
    is_streamed: bool,
) -> ActiveRun:
    workflow = workflow_named(workflow_key)
    if workflow is None:
        raise not_found("Workflow")
    wanted = Wanted(body.message, body.conversation_id, attachments=body.attachments or ())
    return await start_run(service, caller, workflow, wanted, is_streamed=is_streamed)


@router.get("")
async def list_workflows(
    _caller: Viewer,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    cursor: NextPageCursor = None,
    search: Annotated[str | None, Query(min_length=1, max_length=256)] = None,
) -> WorkflowListResponse:
    """The workflows, or those that mention a text."""
    found = [
        workflow
        for workflow in WORKFLOWS
        if not search or mentions(search, workflow.key, workflow.display_name, workflow.description)
    ]
    page, next_cursor = slice_page(found, limit=limit, cursor=cursor)
    items = [
        WorkflowSummary(
            key=workflow.key,
            display_name=workflow.display_name,
            description=workflow.description,
            step_count=workflow.step_count,
            default=workflow.is_default,
        )
        for workflow in page
    ]
    return WorkflowListResponse(items=items, next_cursor=next_cursor, total=len(found))


@router.get("/{workflow_key}")
async def get_workflow_descriptor(workflow_key: str, _caller: Viewer) -> WorkflowDescriptorResponse:
    """The stages and steps of one workflow."""
    workflow = workflow_named(workflow_key)
    if workflow is None:
        raise not_found("Workflow")
    return WorkflowDescriptorResponse(
        key=workflow.key,
        display_name=workflow.display_name,
        description=workflow.description,
        default=workflow.is_default,
        allow_handoff_agents=False,
        step_count=workflow.step_count,
        stages=[_stage(stage) for stage in workflow.stages],
    )


def _stage(stage: Stage) -> WorkflowStageDescriptor:
    return WorkflowStageDescriptor(
        name=stage.name,
        mode="parallel" if stage.is_parallel else "sequential",
        steps=[
            WorkflowStepDescriptor(name=step.name, agent_key=step.agent_key) for step in stage.steps
        ],
    )
