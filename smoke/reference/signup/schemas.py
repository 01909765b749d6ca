"""Registration, invitations and requests for access."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, EmailStr, Field

from ..credentials.schemas import StrongPassword
from ..schemas import UserSessionResponse


def _accepted(accept_terms: bool) -> bool:
    if not accept_terms:
        raise ValueError("The terms must be accepted.")
    return accept_terms


AcceptedTerms = Annotated[bool, AfterValidator(_accepted)]


class SignupAccessPolicyResponse(BaseModel):
    policy: str
    invite_required: bool
    request_access_enabled: bool


class SignupInviteIssueRequest(BaseModel):
    invited_email: EmailStr | None = None
    max_redemptions: int = Field(1, ge=1, le=10)
    expires_in_hours: int | None = Field(72, ge=1, le=336)
    note: str | None = Field(None, max_length=512)
    signup_request_id: UUID | None = None


class SignupInviteResponse(BaseModel):
    id: UUID
    token_hint: str
    invited_email: EmailStr | None = None
    status: str
    max_redemptions: int
    redeemed_count: int
    expires_at: datetime | None = None
    created_at: datetime
    signup_request_id: UUID | None = None
    note: str | None = None


class SignupInviteIssueResponse(SignupInviteResponse):
    invite_token: str


class SignupInviteListResponse(BaseModel):
    invites: list[SignupInviteResponse]
    total: int


class SignupInviteStatus(StrEnum):
    """Lifecycle states for tenant signup invites."""

    ACTIVE = "active"
    REVOKED = "revoked"
    EXPIRED = "expired"
    EXHAUSTED = "exhausted"


class SignupRequestApprovalRequest(BaseModel):
    note: str | None = Field(None, max_length=512)
    invite_expires_in_hours: int | None = Field(72, ge=1, le=336)


class SignupRequestResponse(BaseModel):
    id: UUID
    email: EmailStr
    organization: str | None
    full_name: str | None
    status: str
    created_at: datetime
    decision_reason: str | None = None
    invite_token_hint: str | None = None


class SignupRequestDecisionResponse(BaseModel):
    request: SignupRequestResponse
    invite: SignupInviteIssueResponse | None = None


class SignupRequestListResponse(BaseModel):
    requests: list[SignupRequestResponse]
    total: int


class SignupRequestPublicRequest(BaseModel):
    email: EmailStr
    organization: str = Field(min_length=2, max_length=128)
    full_name: str = Field(min_length=2, max_length=128)
    message: str | None = Field(None, max_length=1000)
    accept_terms: AcceptedTerms
    honeypot: str | None = None


class SignupRequestRejectionRequest(BaseModel):
    reason: str | None = Field(None, max_length=512)


class SignupRequestStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class UserRegisterRequest(BaseModel):
    email: EmailStr
    password: StrongPassword
    tenant_name: str = Field(min_length=2, max_length=128)
    display_name: str | None = None
    plan_code: str | None = None
    trial_days: int | None = Field(None, ge=0, le=365)
    accept_terms: AcceptedTerms = False
    invite_token: str | None = None


class UserRegisterResponse(UserSessionResponse):
    tenant_slug: str
