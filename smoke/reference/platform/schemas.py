"""Requests and answers of the platform surface."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from ..schemas import TenantAccountStatus


class TenantAccountCreateRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=128)
    slug: str | None = Field(None, max_length=64)


class TenantAccountLifecycleRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=3, max_length=256)


class TenantAccountOperatorResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID
    slug: str
    name: str
    status: TenantAccountStatus
    created_at: datetime
    updated_at: datetime
    status_updated_at: datetime | None = None
    suspended_at: datetime | None = None
    deprovisioned_at: datetime | None = None
    status_reason: str | None = None
    status_updated_by: UUID | None = None


class TenantAccountListResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accounts: list[TenantAccountOperatorResponse]
    total: int


class TenantAccountUpdateRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, min_length=2, max_length=128)
    slug: str | None = Field(None, max_length=64)


class TenantFeatureEntitlementsResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tenant_id: str
    flags: dict[str, bool]


class TenantFeatureEntitlementsUpdateRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    flags: dict[str, bool | None]
