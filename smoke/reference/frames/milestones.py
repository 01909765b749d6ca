"""Frames that mark where a run is: its life cycle, its memory, its output items, its end."""

from typing import Any, Literal

from pydantic import Field

from ..schemas import Closed
from .parts import Frame, MessageAttachment, PublicUsage


class AgentUpdatedEvent(Frame):
    kind: Literal["agent.updated"]
    from_agent: str | None = None
    to_agent: str
    handoff_index: int | None = None


class ErrorPayload(Closed):
    code: str | None = None
    message: str
    source: Literal["provider", "server"]
    is_retryable: bool


class ErrorEvent(Frame):
    kind: Literal["error"]
    error: ErrorPayload


class FinalPayload(Closed):
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


class MemoryCheckpointPayload(Closed):
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
