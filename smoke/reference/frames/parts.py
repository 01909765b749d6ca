"""What several frames of a stream carry."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..schemas import Closed


class StreamNotice(Closed):
    type: Literal["redacted", "truncated"]
    path: str
    message: str


class StreamScope(Closed):
    type: Literal["agent_tool"]
    tool_call_id: str
    tool_name: str | None = None
    agent: str | None = None


class WorkflowContext(Closed):
    workflow_key: str | None = None
    workflow_run_id: str | None = None
    stage_name: str | None = None
    step_name: str | None = None
    step_agent: str | None = None
    parallel_group: str | None = None
    branch_index: int | None = None


class ContainerFileCitation(Closed):
    type: Literal["container_file_citation"] = "container_file_citation"
    start_index: int
    end_index: int
    container_id: str
    file_id: str
    filename: str | None = None
    url: str | None = None


class FileCitation(Closed):
    type: Literal["file_citation"] = "file_citation"
    start_index: int | None = None
    end_index: int | None = None
    index: int | None = None
    file_id: str
    filename: str | None = None


class MessageAttachment(Closed):
    object_id: str
    filename: str
    mime_type: str | None = None
    size_bytes: int | None = None
    url: str | None = None
    tool_call_id: str | None = None


class PublicUsage(Closed):
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cached_input_tokens: int | None = None
    reasoning_output_tokens: int | None = None
    requests: int | None = None


class UrlCitation(Closed):
    type: Literal["url_citation"] = "url_citation"
    start_index: int
    end_index: int
    title: str | None = None
    url: str


class Frame(BaseModel):
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
