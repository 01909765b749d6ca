"""Requests and answers of the storage surface."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class StorageObjectResponse(BaseModel):
    id: UUID
    bucket: str
    object_key: str
    filename: str | None
    mime_type: str | None
    size_bytes: int | None
    status: str | None
    created_at: datetime | None
    conversation_id: UUID | None
    agent_key: str | None


class StorageObjectListResponse(BaseModel):
    items: list[StorageObjectResponse]
    next_offset: int | None = None


class StoragePresignDownloadResponse(BaseModel):
    object_id: UUID
    download_url: str
    method: str
    headers: dict[str, str]
    bucket: str
    object_key: str
    expires_in_seconds: int
