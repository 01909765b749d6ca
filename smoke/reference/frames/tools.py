"""Frames about tools."""

from typing import Any, Literal

from ..schemas import Closed
from .parts import Frame


class AgentTool(Closed):
    tool_type: Literal["agent"]
    tool_call_id: str
    status: Literal["in_progress", "completed", "failed"]
    name: str
    agent: str | None = None


class CodeInterpreterTool(Closed):
    tool_type: Literal["code_interpreter"]
    tool_call_id: str
    status: Literal["in_progress", "interpreting", "completed"]
    container_id: str | None = None
    container_mode: Literal["auto", "explicit"] | None = None


class FileSearchResult(Closed):
    file_id: str
    filename: str | None = None
    score: float | None = None
    vector_store_id: str | None = None
    attributes: dict[str, Any] | None = None
    text: str | None = None


class FileSearchTool(Closed):
    tool_type: Literal["file_search"]
    tool_call_id: str
    status: Literal["in_progress", "searching", "completed"]
    queries: list[str] | None = None
    results: list[FileSearchResult] | None = None


class FunctionTool(Closed):
    tool_type: Literal["function"]
    tool_call_id: str
    status: Literal["in_progress", "completed", "failed"]
    name: str
    arguments_text: str | None = None
    arguments_json: dict[str, Any] | None = None
    output: Any | None = None


class ImageGenerationTool(Closed):
    tool_type: Literal["image_generation"]
    tool_call_id: str
    status: Literal["in_progress", "generating", "partial_image", "completed"]
    revised_prompt: str | None = None
    format: str | None = None
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    partial_image_index: int | None = None


class McpTool(Closed):
    tool_type: Literal["mcp"]
    tool_call_id: str
    status: Literal["awaiting_approval", "in_progress", "completed", "failed"]
    tool_name: str
    server_label: str | None = None
    arguments_text: str | None = None
    arguments_json: dict[str, Any] | None = None
    output: Any | None = None


class ToolApprovalEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["tool.approval"]
    tool_call_id: str
    tool_type: Literal["mcp"] = "mcp"
    tool_name: str
    server_label: str | None = None
    approval_request_id: str | None = None
    approved: bool
    reason: str | None = None


class ToolArgumentsDeltaEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["tool.arguments.delta"]
    tool_call_id: str
    tool_type: Literal["function", "mcp", "agent"]
    tool_name: str
    delta: str


class ToolArgumentsDoneEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["tool.arguments.done"]
    tool_call_id: str
    tool_type: Literal["function", "mcp", "agent"]
    tool_name: str
    arguments_text: str
    arguments_json: dict[str, Any] | None = None


class ToolCodeDeltaEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["tool.code.delta"]
    tool_call_id: str
    delta: str


class ToolCodeDoneEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["tool.code.done"]
    tool_call_id: str
    code: str


class ToolOutputEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["tool.output"]
    tool_call_id: str
    tool_type: Literal[
        "web_search",
        "file_search",
        "code_interpreter",
        "image_generation",
        "function",
        "mcp",
        "agent",
    ]
    output: Any


class WebSearchTool(Closed):
    tool_type: Literal["web_search"]
    tool_call_id: str
    status: Literal["in_progress", "searching", "completed"]
    query: str | None = None
    sources: list[str] | None = None


class ToolStatusEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["tool.status"]
    tool: (
        WebSearchTool
        | FileSearchTool
        | CodeInterpreterTool
        | ImageGenerationTool
        | FunctionTool
        | McpTool
        | AgentTool
    )
