"""
The runs of workflows: list, detail, delete.
"""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..activity import record_activity
from ..database import now
from ..errors import bad_request, not_found
from ..features import Feature
from ..models.shared import TenantRole
from ..models.workflows import (
    WorkflowRunDetail,
    WorkflowRunListItem,
    WorkflowRunListResponse,
)
from ..paging import Cursor, keyset_page
from ..service import Session
from ..tables.conversations import LedgerFrame
from ..tables.workflows import WorkflowRun
from ..tenancy import Caller, in_tenant

router = APIRouter(prefix="/api/v1/workflows/runs", tags=["workflows"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]
Reader = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.AI))]
Deleter = Annotated[
    Caller, Depends(in_tenant(TenantRole.ADMIN, scope="workflows:delete", feature=Feature.AI))
]
_Text = Annotated[str | None, Query()]


@router.get("")
async def list_workflow_runs(
    caller: Viewer,
    session: Session,
    workflow_key: _Text = None,
    run_status: _Text = None,
    started_before: _Text = None,
    started_after: _Text = None,
    conversation_id: _Text = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> WorkflowRunListResponse:
    """
    The tenant's runs, newest first.
    """
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
    rows, next_cursor = await keyset_page(session, query, key, limit=limit, cursor=cursor)
    return WorkflowRunListResponse(items=[_item(run) for run in rows], next_cursor=next_cursor)


@router.get("/{run_id}")
async def get_workflow_run(run_id: str, caller: Reader, session: Session) -> WorkflowRunDetail:
    """
    One run with the results of its steps.
    """
    return run_view(await visible_run(session, caller, run_id))


@router.delete("/{run_id}", status_code=204)
async def delete_workflow_run(
    run_id: str,
    caller: Deleter,
    session: Session,
    hard: Annotated[bool, Query()] = False,
    reason: _Text = None,
) -> None:
    """
    The run is hidden, or gone for good with its frames if asked.
    """
    run = await visible_run(session, caller, run_id)
    if hard:
        frames = select(LedgerFrame).where(LedgerFrame.workflow_run_id == run.id)
        for frame in await session.scalars(frames):
            await session.delete(frame)
        await session.delete(run)
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


async def visible_run(session: AsyncSession, caller: Caller, run_id: str) -> WorkflowRun:
    """
    Return a run of the caller's tenant.

    Raises:
        Refusal: 404, unknown, of another tenant, or deleted.
    """
    run = await session.get(WorkflowRun, run_id)
    if run is None or run.tenant_id != caller.tenant_id or run.hidden_at:
        raise not_found("Workflow run")
    return run


def run_view(run: WorkflowRun) -> WorkflowRunDetail:
    """
    Return a run as its detail is answered.
    """
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
