"""Requests and answers of the workflows surface."""

from typing import Any, Literal

from pydantic import BaseModel

from ..frames.parts import MessageAttachment
from ..frames.schemas import PublicSseEvent
from ..schemas import InputAttachment, LocationHint, VectorStoreOverride


class WorkflowStepDescriptor(BaseModel):
    name: str
    agent_key: str
    guard: str | None = None
    guard_type: str | None = None
    input_mapper: str | None = None
    input_mapper_type: str | None = None
    max_turns: int | None = None
    output_schema: dict[str, Any] | None = None


class WorkflowStageDescriptor(BaseModel):
    name: str
    mode: Literal["sequential", "parallel"]
    reducer: str | None = None
    steps: list[WorkflowStepDescriptor]


class WorkflowDescriptorResponse(BaseModel):
    key: str
    display_name: str
    description: str
    default: bool
    allow_handoff_agents: bool
    step_count: int
    stages: list[WorkflowStageDescriptor]
    output_schema: dict[str, Any] | None = None


class WorkflowSummary(BaseModel):
    key: str
    display_name: str
    description: str
    step_count: int
    default: bool = False


class WorkflowListResponse(BaseModel):
    items: list[WorkflowSummary]
    next_cursor: str | None = None
    total: int


class WorkflowRunCancelResponse(BaseModel):
    workflow_run_id: str
    success: bool


class WorkflowStepResultSchema(BaseModel):
    name: str
    agent_key: str
    response_text: str | None
    structured_output: Any | None = None
    response_id: str | None = None
    stage_name: str | None = None
    parallel_group: str | None = None
    branch_index: int | None = None
    output_schema: dict[str, Any] | None = None


class WorkflowRunDetail(BaseModel):
    workflow_key: str
    workflow_run_id: str
    tenant_id: str
    user_id: str
    status: str
    started_at: str
    ended_at: str | None
    final_output_text: str | None
    final_output_structured: Any | None
    request_message: str | None
    conversation_id: str | None
    output_schema: dict[str, Any] | None = None
    steps: list[WorkflowStepResultSchema]


class WorkflowRunListItem(BaseModel):
    workflow_run_id: str
    workflow_key: str
    status: Literal["running", "succeeded", "failed", "cancelled"]
    started_at: str
    ended_at: str | None = None
    user_id: str
    conversation_id: str | None = None
    step_count: int
    duration_ms: int | None = None
    final_output_text: str | None = None


class WorkflowRunListResponse(BaseModel):
    items: list[WorkflowRunListItem]
    next_cursor: str | None = None


class WorkflowRunReplayEventsResponse(BaseModel):
    workflow_run_id: str
    conversation_id: str
    items: list[PublicSseEvent]
    next_cursor: str | None = None


class WorkflowRunRequestBody(BaseModel):
    message: str
    attachments: list[InputAttachment] | None = None
    conversation_id: str | None = None
    location: LocationHint | None = None
    share_location: bool | None = None
    container_overrides: dict[str, str] | None = None
    vector_store_overrides: dict[str, VectorStoreOverride] | None = None


class WorkflowRunResponse(BaseModel):
    workflow_key: str
    workflow_run_id: str
    conversation_id: str
    steps: list[WorkflowStepResultSchema]
    final_output: Any | None
    output_schema: dict[str, Any] | None = None
    attachments: list[MessageAttachment] | None = None
