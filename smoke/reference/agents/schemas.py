"""Requests and answers of the agents surface."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class AgentToolingFlags(BaseModel):
    supports_code_interpreter: bool = False
    supports_file_search: bool = False
    supports_image_generation: bool = False
    supports_web_search: bool = False


class AgentSummary(BaseModel):
    name: str
    status: Literal["active", "inactive", "error"]
    output_schema: dict[str, Any] | None = None
    display_name: str | None = None
    description: str | None = None
    model: str | None = None
    tooling: AgentToolingFlags = Field(default_factory=AgentToolingFlags)
    last_seen_at: str | None = None


class AgentListResponse(BaseModel):
    items: list[AgentSummary]
    next_cursor: str | None = None
    total: int


class AgentStatus(BaseModel):
    name: str
    status: Literal["active", "inactive", "error"]
    output_schema: dict[str, Any] | None = None
    last_used: str | None = None
    total_conversations: int = 0
    tooling: AgentToolingFlags = Field(default_factory=AgentToolingFlags)
