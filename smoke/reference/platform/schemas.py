"""Requests and answers of the platform surface."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from ..schemas import Closed, TenantAccountStatus


class TenantAccountCreateRequest(Closed):
    name: str = Field(min_length=2, max_length=128)
    slug: str | None = Field(None, max_length=64)


class TenantAccountLifecycleRequest(Closed):
    reason: str = Field(min_length=3, max_length=256)


class TenantAccountOperatorResponse(Closed):
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


class TenantAccountListResponse(Closed):
    accounts: list[TenantAccountOperatorResponse]
    total: int


class TenantAccountUpdateRequest(Closed):
    name: str | None = Field(None, min_length=2, max_length=128)
    slug: str | None = Field(None, max_length=64)


class TenantFeatureEntitlementsResponse(Closed):
    tenant_id: str
    flags: dict[str, bool]


class TenantFeatureEntitlementsUpdateRequest(Closed):
    flags: dict[str, bool | None]
