"""Requests and answers of the shared surface."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema


class Closed(BaseModel):
    """A body without fields that the contract does not name."""

    model_config = ConfigDict(extra="forbid")


class Success(BaseModel):
    """The envelope of what a command did; `data` follows where there is some."""

    success: bool = True
    message: str


Schema = TypeVar("Schema", bound=BaseModel)


def shown(schema: type[Schema], row: object, **more: Any) -> Schema:
    """Return a row as a schema shows it; `more` adds fields that have another name in the row."""
    names = [name for name in schema.model_fields if name not in more and hasattr(row, name)]
    return schema.model_validate({name: getattr(row, name) for name in names} | more)


def iso(moment: datetime | None) -> str | None:
    """Return a moment for a field that is documented as any text."""
    return moment.isoformat() if moment else None


class ErrorResponse(BaseModel):
    success: bool = Field(json_schema_extra={"default": False})
    error: str
    message: str
    details: Any = None


class InputAttachment(BaseModel):
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


class SuccessNoDataResponse(Success):
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
    success: bool = Field(json_schema_extra={"default": False})
    error: str
    message: str
    details: list[_Detail]


class VectorStoreOverride(BaseModel):
    vector_store_id: str | None = None
    vector_store_ids: list[str] | None = None
