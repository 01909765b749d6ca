"""Requests and answers of the tenants surface."""

from datetime import datetime
from uuid import UUID

from pydantic import AnyUrl, EmailStr, Field

from ..schemas import Closed, TenantAccountStatus, TenantRole


class BillingContactModel(Closed):
    name: str = Field(min_length=1, max_length=128)
    email: EmailStr
    role: str | None = Field(None, max_length=64)
    phone: str | None = Field(None, max_length=64)
    notify_billing: bool = True


class TeamMemberAddRequest(Closed):
    email: EmailStr
    role: TenantRole


class TeamMemberResponse(Closed):
    user_id: UUID
    tenant_id: UUID
    email: EmailStr
    display_name: str | None
    role: TenantRole
    status: str
    email_verified: bool
    joined_at: datetime


class TeamMemberListResponse(Closed):
    members: list[TeamMemberResponse]
    total: int
    owner_count: int


class TeamMemberRoleUpdateRequest(Closed):
    role: TenantRole


class TenantAccountResponse(Closed):
    id: UUID
    slug: str
    name: str
    status: TenantAccountStatus
    created_at: datetime
    updated_at: datetime
    status_updated_at: datetime | None = None
    suspended_at: datetime | None = None
    deprovisioned_at: datetime | None = None


class TenantAccountSelfUpdateRequest(Closed):
    name: str = Field(min_length=2, max_length=128)


class TenantSettingsResponse(Closed):
    tenant_id: str
    billing_contacts: list[BillingContactModel]
    billing_webhook_url: AnyUrl | None = Field(None, min_length=1)
    plan_metadata: dict[str, str]
    flags: dict[str, bool]
    version: int
    updated_at: datetime | None = None


class TenantSettingsUpdateRequest(Closed):
    billing_contacts: list[BillingContactModel]
    billing_webhook_url: AnyUrl | None = Field(None, min_length=1)
    plan_metadata: dict[str, str]
    flags: dict[str, bool]
