"""Requests and answers of the agents surface."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class AgentToolingFlags(BaseModel):
    """Stable capability flags for UI gating."""

    supports_code_interpreter: bool = False
    supports_file_search: bool = False
    supports_image_generation: bool = False
    supports_web_search: bool = False


class AgentSummary(BaseModel):
    """Lightweight representation of an available agent."""

    name: str
    status: Literal["active", "inactive", "error"]
    output_schema: dict[str, Any] | None = None
    display_name: str | None = None
    description: str | None = None
    model: str | None = None
    tooling: AgentToolingFlags = Field(default_factory=AgentToolingFlags)
    last_seen_at: str | None = None


class AgentListResponse(BaseModel):
    """Paginated list of available agents."""

    items: list[AgentSummary]
    next_cursor: str | None = None
    total: int


class AgentStatus(BaseModel):
    """Detailed information about a specific agent."""

    name: str
    status: Literal["active", "inactive", "error"]
    output_schema: dict[str, Any] | None = None
    last_used: str | None = None
    total_conversations: int = 0
    tooling: AgentToolingFlags = Field(default_factory=AgentToolingFlags)
