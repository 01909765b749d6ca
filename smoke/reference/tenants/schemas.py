"""Requests and answers of the tenants surface."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AnyUrl, BaseModel, ConfigDict, EmailStr, Field

from ..credentials.schemas import StrongPassword
from ..schemas import TenantAccountStatus, TenantRole


class BillingContactModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=128)
    email: EmailStr
    role: str | None = Field(None, max_length=64)
    phone: str | None = Field(None, max_length=64)
    notify_billing: bool = True


class TeamInviteAcceptExistingRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1)


class TeamInviteAcceptRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1)
    password: StrongPassword
    display_name: str | None = Field(None, max_length=128)


class TeamInviteIssueRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    invited_email: EmailStr
    role: TenantRole
    expires_in_hours: int | None = Field(72, ge=1, le=336)


class TeamInviteIssueResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID
    tenant_id: UUID
    token_hint: str
    invited_email: EmailStr
    role: TenantRole
    status: str
    created_by_user_id: UUID | None = None
    accepted_by_user_id: UUID | None = None
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_reason: str | None = None
    expires_at: datetime | None = None
    created_at: datetime
    invite_token: str


class TeamInviteResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: UUID
    tenant_id: UUID
    token_hint: str
    invited_email: EmailStr
    role: TenantRole
    status: str
    created_by_user_id: UUID | None = None
    accepted_by_user_id: UUID | None = None
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_reason: str | None = None
    expires_at: datetime | None = None
    created_at: datetime


class TeamInviteListResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    invites: list[TeamInviteResponse]
    total: int


class TeamInvitePolicyResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    default_expires_hours: int
    max_expires_hours: int


class TeamInviteStatus(StrEnum):
    """Lifecycle states for tenant member invites."""

    ACTIVE = "active"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


class TeamMemberAddRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: EmailStr
    role: TenantRole


class TeamMemberResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user_id: UUID
    tenant_id: UUID
    email: EmailStr
    display_name: str | None
    role: TenantRole
    status: str
    email_verified: bool
    joined_at: datetime


class TeamMemberListResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    members: list[TeamMemberResponse]
    total: int
    owner_count: int


class TeamMemberRoleUpdateRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: TenantRole


class TenantAccountResponse(BaseModel):
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


class TenantAccountSelfUpdateRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=128)


class TenantSettingsResponse(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tenant_id: str
    billing_contacts: list[BillingContactModel]
    billing_webhook_url: AnyUrl | None = Field(None, min_length=1)
    plan_metadata: dict[str, str]
    flags: dict[str, bool]
    version: int
    updated_at: datetime | None = None


class TenantSettingsUpdateRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    billing_contacts: list[BillingContactModel]
    billing_webhook_url: AnyUrl | None = Field(None, min_length=1)
    plan_metadata: dict[str, str]
    flags: dict[str, bool]
