"""Requests and answers of the chat surface."""

from typing import Any, Literal

from pydantic import BaseModel

from ..frames.parts import MessageAttachment
from ..schemas import InputAttachment, LocationHint, VectorStoreOverride


class AgentRunOptions(BaseModel):
    max_turns: int | None = None
    previous_response_id: str | None = None
    handoff_input_filter: str | None = None
    handoff_context_policy: Literal["full", "fresh", "last_turn"] | None = None
    run_config: dict[str, Any] | None = None


class MemoryStrategyRequest(BaseModel):
    mode: Literal["none", "trim", "summarize", "compact"] = "none"
    max_user_turns: int | None = None
    keep_last_user_turns: int | None = None
    token_budget: int | None = None
    token_soft_budget: int | None = None
    token_remaining_pct: float | None = None
    token_soft_remaining_pct: float | None = None
    context_window_tokens: int | None = None
    compact_trigger_turns: int | None = None
    compact_keep: int | None = None
    compact_clear_tool_inputs: bool | None = None
    compact_exclude_tools: list[str] | None = None
    compact_include_tools: list[str] | None = None
    summarizer_model: str | None = None
    summary_max_tokens: int | None = None
    summary_max_chars: int | None = None


class AgentChatRequest(BaseModel):
    message: str
    attachments: list[InputAttachment] | None = None
    conversation_id: str | None = None
    agent_type: str | None = None
    share_location: bool | None = None
    location: LocationHint | None = None
    context: dict[str, Any] | None = None
    run_options: AgentRunOptions | None = None
    memory_strategy: MemoryStrategyRequest | None = None
    memory_injection: bool | None = None
    container_overrides: dict[str, str] | None = None
    vector_store_overrides: dict[str, VectorStoreOverride] | None = None


class AgentChatResponse(BaseModel):
    conversation_id: str
    message: str | None = None
    response: str
    agent_used: str | None = None
    handoff_occurred: bool | None = None
    attachments: list[MessageAttachment] | None = None
    structured_output: Any | None = None
    output_schema: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
