"""Requests and answers of the assets surface."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class AssetDownloadResponse(BaseModel):
    asset_id: UUID
    storage_object_id: UUID
    download_url: str
    method: str
    headers: dict[str, str]
    expires_in_seconds: int


class AssetResponse(BaseModel):
    id: UUID
    storage_object_id: UUID
    asset_type: Literal["image", "file"]
    source_tool: (
        Literal["image_generation", "code_interpreter", "user_upload", "unknown"] | None
    ) = None
    conversation_id: UUID | None = None
    message_id: int | None = None
    tool_call_id: str | None = None
    response_id: str | None = None
    container_id: str | None = None
    openai_file_id: str | None = None
    metadata: dict[str, Any] | None = None
    filename: str | None = None
    mime_type: str | None = None
    size_bytes: int | None = None
    agent_key: str | None = None
    storage_status: str | None = None
    asset_created_at: datetime | None = None
    asset_updated_at: datetime | None = None
    storage_created_at: datetime | None = None


class AssetListResponse(BaseModel):
    items: list[AssetResponse]
    next_offset: int | None = None


class AssetThumbnailUrlItem(BaseModel):
    asset_id: UUID
    storage_object_id: UUID
    download_url: str
    method: str
    headers: dict[str, str]
    expires_in_seconds: int


class AssetThumbnailUrlsRequest(BaseModel):
    asset_ids: list[UUID] = Field(min_length=1, max_length=200)


class AssetThumbnailUrlsResponse(BaseModel):
    items: list[AssetThumbnailUrlItem]
    missing_asset_ids: list[UUID] = Field(default_factory=list)
    unsupported_asset_ids: list[UUID] = Field(default_factory=list)
