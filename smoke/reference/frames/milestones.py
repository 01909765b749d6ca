"""Frames that mark where a run is: its life cycle, its memory, its output items, its end."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .parts import Frame, MessageAttachment, PublicUsage


class AgentUpdatedEvent(Frame):
    """Indicates the active agent changed (handoff/routing)."""

    kind: Literal["agent.updated"]
    from_agent: str | None = None
    to_agent: str
    handoff_index: int | None = None


class ErrorPayload(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str | None = None
    message: str
    source: Literal["provider", "server"]
    is_retryable: bool


class ErrorEvent(Frame):
    kind: Literal["error"]
    error: ErrorPayload


class FinalPayload(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: Literal["completed", "failed", "incomplete", "refused", "cancelled"]
    response_text: str | None = None
    structured_output: Any | None = None
    reasoning_summary_text: str | None = None
    refusal_text: str | None = None
    attachments: list[MessageAttachment] = Field(default_factory=list)
    usage: PublicUsage | None = None


class FinalEvent(Frame):
    kind: Literal["final"]
    final: FinalPayload


class LifecycleEvent(Frame):
    kind: Literal["lifecycle"]
    status: Literal["queued", "in_progress", "completed", "failed", "incomplete", "cancelled"]
    reason: str | None = None


class MemoryCheckpointPayload(BaseModel):
    """Snapshot of a memory strategy mutation applied during a run.

    This is a UX marker only: it must not change the visible transcript, but
    helps users understand why the model may have lost context.
    """

    model_config = ConfigDict(extra="forbid")

    strategy: Literal["compact", "summarize", "trim"]
    trigger_reason: str | None = None
    tokens_before: int | None = None
    tokens_after: int | None = None
    compacted_count: int | None = None
    compacted_inputs: int | None = None
    compacted_outputs: int | None = None
    keep_turns: int | None = None
    trigger_turns: int | None = None
    clear_tool_inputs: bool | None = None
    excluded_tools: list[str] | None = None
    included_tools: list[str] | None = None
    total_items_before: int | None = None
    total_items_after: int | None = None
    turns_before: int | None = None
    turns_after: int | None = None


class MemoryCheckpointEvent(Frame):
    kind: Literal["memory.checkpoint"]
    checkpoint: MemoryCheckpointPayload


class OutputItemAddedEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["output_item.added"]
    item_type: str
    role: str | None = None
    status: str | None = None


class OutputItemDoneEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["output_item.done"]
    item_type: str
    role: str | None = None
    status: str | None = None
