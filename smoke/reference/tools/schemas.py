"""Requests and answers of the tools surface."""

from pydantic import BaseModel, Field


class ToolCatalogResponse(BaseModel):
    total_tools: int = Field(ge=0)
    tool_names: list[str] = Field(default_factory=list)
    categories: list[str] = Field(default_factory=list)
    per_agent: dict[str, list[str]] = Field(default_factory=dict)
