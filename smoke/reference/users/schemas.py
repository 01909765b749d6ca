"""Requests and answers of the users surface."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, EmailStr, Field

from ..schemas import Success, TenantRole


class ConsentRequest(BaseModel):
    policy_key: str = Field(max_length=64)
    version: str = Field(max_length=32)
    ip_hash: str | None = Field(None, max_length=128)
    user_agent_hash: str | None = Field(None, max_length=128)


class ConsentView(BaseModel):
    policy_key: str
    version: str
    accepted_at: datetime


class CurrentUserProfileResponseData(BaseModel):
    user_id: str
    tenant_id: str
    email: EmailStr
    display_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    avatar_url: str | None = None
    timezone: str | None = None
    locale: str | None = None
    role: TenantRole
    email_verified: bool


class CurrentUserProfileSuccessResponse(Success):
    data: CurrentUserProfileResponseData | None = None


class NotificationPreferenceRequest(BaseModel):
    channel: str = Field(max_length=16)
    category: str = Field(max_length=64)
    enabled: bool = True
    tenant_id: UUID | None = None


class NotificationPreferenceView(BaseModel):
    id: UUID
    channel: str
    category: str
    enabled: bool
    tenant_id: UUID | None = None


class UserAccountDisableRequest(BaseModel):
    current_password: str = Field(min_length=8)


class UserAccountDisableResponseData(BaseModel):
    user_id: str
    disabled: bool
    revoked_sessions: int = Field(ge=0)


class UserAccountDisableSuccessResponse(Success):
    data: UserAccountDisableResponseData | None = None


class UserEmailChangeRequest(BaseModel):
    current_password: str = Field(min_length=8)
    new_email: EmailStr


class UserEmailChangeResponseData(BaseModel):
    user_id: str
    email: EmailStr
    email_verified: bool
    verification_sent: bool


class UserEmailChangeSuccessResponse(Success):
    data: UserEmailChangeResponseData | None = None


class UserProfileUpdateRequest(BaseModel):
    display_name: str | None = Field(None, min_length=1, max_length=128)
    given_name: str | None = Field(None, min_length=1, max_length=64)
    family_name: str | None = Field(None, min_length=1, max_length=64)
    avatar_url: str | None = Field(None, min_length=1, max_length=512)
    timezone: str | None = Field(None, min_length=1, max_length=64)
    locale: str | None = Field(None, min_length=1, max_length=32)
