"""
The workflows.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ..agent_catalogue import mentions
from ..errors import not_found
from ..models.shared import TenantRole
from ..models.workflows import (
    WorkflowDescriptorResponse,
    WorkflowListResponse,
    WorkflowStageDescriptor,
    WorkflowStepDescriptor,
    WorkflowSummary,
)
from ..paging import NextPageCursor, slice_page
from ..tenancy import Caller, in_tenant
from ..workflow_catalogue import WORKFLOWS, Stage, workflow_named

router = APIRouter(prefix="/api/v1/workflows", tags=["workflows"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]


@router.get("")
async def list_workflows(
    _caller: Viewer,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    cursor: NextPageCursor = None,
    search: Annotated[str | None, Query(min_length=1, max_length=256)] = None,
) -> WorkflowListResponse:
    """
    The workflows, or those that mention a text.
    """
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
    """
    The stages and steps of one workflow.
    """
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
