"""Requests and answers of the conversations surface."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from ..frames.parts import MessageAttachment
from ..frames.schemas import PublicSseEvent


class ChatMessage(BaseModel):
    message_id: str | None = None
    role: Literal["user", "assistant", "system"]
    content: str
    timestamp: str | None = None
    attachments: list[MessageAttachment] = Field(default_factory=list)


class ConversationEventItem(BaseModel):
    sequence_no: int
    run_item_type: str
    run_item_name: str | None = None
    role: Literal["user", "assistant", "system"] | None = None
    agent: str | None = None
    tool_call_id: str | None = None
    tool_name: str | None = None
    model: str | None = None
    content_text: str | None = None
    reasoning_text: str | None = None
    call_arguments: dict[str, Any] | None = None
    call_output: dict[str, Any] | None = None
    attachments: list[MessageAttachment] = Field(default_factory=list)
    response_id: str | None = None
    workflow_run_id: str | None = None
    timestamp: str


class ConversationEventsResponse(BaseModel):
    conversation_id: str
    items: list[ConversationEventItem]


class ConversationHistory(BaseModel):
    conversation_id: str
    display_name: str | None = None
    messages: list[ChatMessage]
    created_at: str
    updated_at: str
    agent_context: dict[str, Any] | None = None


class ConversationLedgerEventsResponse(BaseModel):
    conversation_id: str
    items: list[PublicSseEvent]
    next_cursor: str | None = None


class ConversationSummary(BaseModel):
    conversation_id: str
    display_name: str | None = None
    agent_entrypoint: str | None = None
    active_agent: str | None = None
    topic_hint: str | None = None
    status: str | None = None
    message_count: int
    last_message_preview: str
    created_at: str
    updated_at: str


class ConversationListResponse(BaseModel):
    items: list[ConversationSummary]
    next_cursor: str | None = None


class ConversationMemoryConfigRequest(BaseModel):
    mode: Literal["none", "trim", "summarize", "compact"] | None = None
    max_user_turns: int | None = None
    keep_last_turns: int | None = None
    compact_trigger_turns: int | None = None
    compact_keep: int | None = None
    clear_tool_inputs: bool | None = None
    memory_injection: bool | None = None


class ConversationMemoryConfigResponse(BaseModel):
    mode: Literal["none", "trim", "summarize", "compact"] | None = None
    max_user_turns: int | None = None
    keep_last_turns: int | None = None
    compact_trigger_turns: int | None = None
    compact_keep: int | None = None
    clear_tool_inputs: bool | None = None
    memory_injection: bool | None = None


class ConversationMessageDeleteResponse(BaseModel):
    conversation_id: str
    deleted_message_id: str
    success: bool = True


class ConversationSearchResult(BaseModel):
    conversation_id: str
    display_name: str | None = None
    agent_entrypoint: str | None = None
    active_agent: str | None = None
    topic_hint: str | None = None
    status: str | None = None
    preview: str
    last_message_preview: str | None = None
    score: float | None = None
    updated_at: str | None = None


class ConversationSearchResponse(BaseModel):
    items: list[ConversationSearchResult]
    next_cursor: str | None = None


class ConversationTitleUpdateRequest(BaseModel):
    display_name: str = Field(min_length=1, max_length=128)


class ConversationTitleUpdateResponse(BaseModel):
    conversation_id: str
    display_name: str


class PaginatedMessagesResponse(BaseModel):
    items: list[ChatMessage]
    next_cursor: str | None = None
    prev_cursor: str | None = None
