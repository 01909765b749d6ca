"""
What was streamed of a workflow run, for replay.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from ..document import EVENT_STREAM
from ..event_stream import event_stream
from ..features import Feature
from ..ledger import frames_of_run, ledger_page, replayed
from ..models.shared import TenantRole
from ..models.workflows import WorkflowRunReplayEventsResponse
from ..paging import Cursor
from ..service import Session
from ..tenancy import Caller, in_tenant
from .workflow_runs import visible_run

router = APIRouter(prefix="/api/v1/workflows/runs/{run_id}/replay", tags=["workflows"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.AI))]


@router.get("/events")
async def get_workflow_run_replay_events(
    run_id: str,
    caller: Viewer,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    cursor: Cursor = None,
) -> WorkflowRunReplayEventsResponse:
    """
    A page of the run's frames, oldest first; none for a run that was not streamed.
    """
    run = await visible_run(session, caller, run_id)
    query = frames_of_run(run.id)
    items, next_cursor = await ledger_page(session, query, limit=limit, cursor=cursor)
    return WorkflowRunReplayEventsResponse(
        workflow_run_id=run.id,
        conversation_id=str(run.conversation_id or ""),
        items=items,
        next_cursor=next_cursor,
    )


@router.get("/stream", responses=EVENT_STREAM)
async def stream_workflow_run_replay_events(
    run_id: str, caller: Viewer, session: Session, cursor: Cursor = None
) -> StreamingResponse:
    """
    The run's frames as they were streamed, byte for byte.
    """
    run = await visible_run(session, caller, run_id)
    return event_stream(await replayed(session, frames_of_run(run.id), cursor))
