"""Requests and answers of the invites feature."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import EmailStr, Field

from ..credentials.schemas import StrongPassword
from ..schemas import Closed, TenantRole


class TeamInviteStatus(StrEnum):
    """Lifecycle states for tenant member invites."""

    ACTIVE = "active"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


class TeamInviteAcceptExistingRequest(Closed):
    token: str = Field(min_length=1)


class TeamInviteAcceptRequest(Closed):
    token: str = Field(min_length=1)
    password: StrongPassword
    display_name: str | None = Field(None, max_length=128)


class TeamInviteIssueRequest(Closed):
    invited_email: EmailStr
    role: TenantRole
    expires_in_hours: int | None = Field(72, ge=1, le=336)


class TeamInviteResponse(Closed):
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


class TeamInviteIssueResponse(TeamInviteResponse):
    invite_token: str


class TeamInviteListResponse(Closed):
    invites: list[TeamInviteResponse]
    total: int


class TeamInvitePolicyResponse(Closed):
    default_expires_hours: int
    max_expires_hours: int
