"""
Running a workflow, and stopping it.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from ..database import now
from ..document import frames_of
from ..errors import Refusal, conflict, not_found
from ..event_stream import event_stream, relayed
from ..features import Feature
from ..models.events import StreamingWorkflowEvent
from ..models.shared import TenantRole
from ..models.workflows import (
    WorkflowRunCancelResponse,
    WorkflowRunRequestBody,
    WorkflowRunResponse,
)
from ..service import Running, Service
from ..tenancy import Caller, in_tenant
from ..turns import Wanted
from ..workflow_catalogue import workflow_named
from ..workflow_runner import ActiveRun, cancel_run, run_ended, start_run
from .workflow_runs import run_view, visible_run

router = APIRouter(prefix="/api/v1/workflows", tags=["workflows"])
Member = Annotated[Caller, Depends(in_tenant(TenantRole.MEMBER, feature=Feature.AI))]


@router.post("/{workflow_key}/run")
async def run_workflow(
    workflow_key: str, caller: Member, body: WorkflowRunRequestBody, service: Running
) -> WorkflowRunResponse:
    """
    A run from its first step to its end.
    """
    active = await _started(service, caller, workflow_key, body, is_streamed=False)
    await run_ended(service, active.id)
    async with service.database.reading() as session:
        run = run_view(await visible_run(session, caller, active.id))
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
    """
    A run as it goes; it reaches its end also when nobody listens.
    """
    active = await _started(service, caller, workflow_key, body, is_streamed=True)
    return event_stream(relayed(active.frames.queue, lambda: f"heartbeat {now().isoformat()}"))


@router.post("/runs/{run_id}/cancel", status_code=202)
async def cancel_workflow_run(
    run_id: str, caller: Member, service: Running
) -> WorkflowRunCancelResponse:
    """
    A run that was on its way is stopped; 409 for one that has reached its end.
    """
    async with service.database.reading() as session:
        run = await visible_run(session, caller, run_id)
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
