"""
Frames that carry a piece of a text.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .parts import (
    ContainerFileCitation,
    FileCitation,
    StreamNotice,
    StreamScope,
    UrlCitation,
    WorkflowContext,
)


class ChunkTarget(BaseModel):
    model_config = ConfigDict(extra="forbid")

    entity_kind: Literal["tool_call", "message"]
    entity_id: str
    field: str
    part_index: int | None = None


class ChunkDeltaEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["chunk.delta"]
    target: ChunkTarget
    encoding: Literal["base64", "utf8"] = "utf8"
    chunk_index: int
    data: str


class ChunkDoneEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["chunk.done"]
    target: ChunkTarget


class MessageCitationEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["message.citation"]
    content_index: int
    citation: UrlCitation | ContainerFileCitation | FileCitation


class MessageDeltaEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["message.delta"]
    content_index: int
    delta: str


class ReasoningSummaryDeltaEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["reasoning_summary.delta"]
    summary_index: int | None = None
    delta: str


class ReasoningSummaryPartAddedEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["reasoning_summary.part.added"]
    summary_index: int
    part_type: Literal["summary_text"] = "summary_text"
    text: str | None = None


class ReasoningSummaryPartDoneEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["reasoning_summary.part.done"]
    summary_index: int
    part_type: Literal["summary_text"] = "summary_text"
    text: str


class RefusalDeltaEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["refusal.delta"]
    content_index: int
    delta: str


class RefusalDoneEvent(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["public_sse_v1"] = Field(alias="schema")
    event_id: int
    stream_id: str
    server_timestamp: str
    conversation_id: str
    response_id: str | None = None
    agent: str | None = None
    workflow: WorkflowContext | None = None
    scope: StreamScope | None = None
    provider_sequence_number: int | None = None
    notices: list[StreamNotice] | None = None
    output_index: int
    item_id: str
    kind: Literal["refusal.done"]
    content_index: int
    refusal_text: str
