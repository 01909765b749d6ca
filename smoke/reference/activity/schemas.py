"""Requests and answers of the activity surface."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field


class ActivityEventItem(BaseModel):
    id: str
    tenant_id: str
    action: str
    created_at: datetime
    actor_id: str | None = None
    actor_type: str | None = None
    actor_role: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    object_name: str | None = None
    status: Literal["success", "failure", "pending"]
    source: str | None = None
    request_id: str | None = None
    ip_hash: str | None = None
    user_agent: str | None = None
    metadata: dict[str, Any] | None = None
    read_state: Literal["unread", "read", "dismissed"] = "unread"


class ActivityListResponse(BaseModel):
    items: list[ActivityEventItem]
    next_cursor: str | None = None
    unread_count: int = Field(0, ge=0)


class ReceiptResponse(BaseModel):
    unread_count: int = Field(0, ge=0)
