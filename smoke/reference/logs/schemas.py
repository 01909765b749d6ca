"""Requests and answers of the logs surface."""

from typing import Any

from pydantic import BaseModel, Field


class FrontendLogIngestResponse(BaseModel):
    accepted: bool = True


class FrontendLogPayload(BaseModel):
    event: str = Field(max_length=128)
    scope: str | None = Field(None, max_length=64)
    level: str = Field("info", max_length=16)
    message: str | None = Field(None, max_length=2048)
    timestamp: str | None = Field(None, max_length=64)
    fields: dict[str, Any] = Field(default_factory=dict)
