"""Requests and answers of the shared surface."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, WithJsonSchema


class ErrorResponse(BaseModel):
    """Standard error response envelope."""

    success: bool = Field(json_schema_extra={"default": False})
    error: str
    message: str
    details: Any = None


class InputAttachment(BaseModel):
    """Reference to a stored object that should be passed to an agent as input."""

    object_id: UUID
    kind: Literal["image", "file"] | None = None


class LocationHint(BaseModel):
    city: str | None = None
    region: str | None = None
    country: str | None = None
    timezone: str | None = None


class StoragePresignUploadRequest(BaseModel):
    filename: str = Field(max_length=256)
    mime_type: str = Field(max_length=128)
    size_bytes: int = Field(ge=0)
    agent_key: str | None = Field(None, max_length=64)
    conversation_id: UUID | None = None
    metadata: dict[str, Any] | None = None


class StoragePresignUploadResponse(BaseModel):
    object_id: UUID
    upload_url: str
    method: str
    headers: dict[str, str]
    bucket: str
    object_key: str
    expires_in_seconds: int


class SuccessNoDataResponse(BaseModel):
    """Success response where `data` is always null."""

    success: bool = True
    message: str
    data: None = None


class TenantAccountStatus(StrEnum):
    """Lifecycle states for tenant accounts."""

    PROVISIONING = "provisioning"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEPROVISIONING = "deprovisioning"
    DEPROVISIONED = "deprovisioned"


class TenantRole(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class UserSessionResponse(BaseModel):
    """Bearer credential pair returned after login or refresh."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105  # a scheme, not a password
    expires_at: datetime
    refresh_expires_at: datetime
    kid: str
    refresh_kid: str
    scopes: list[str]
    tenant_id: str
    user_id: str
    email_verified: bool
    session_id: UUID


# Without "additionalProperties", as in the contract.
_Detail = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]


class ValidationErrorResponse(BaseModel):
    """Validation error envelope (RequestValidationError)."""

    success: bool = Field(json_schema_extra={"default": False})
    error: str
    message: str
    details: list[_Detail]


class VectorStoreOverride(BaseModel):
    """Per-agent vector store override payload."""

    vector_store_id: str | None = None
    vector_store_ids: list[str] | None = None
