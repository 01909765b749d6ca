"""Sessions: login, refresh, logout."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, EmailStr, Field

from ..schemas import Success


class CurrentUserInfoResponseData(BaseModel):
    user_id: str
    token_payload: dict[str, Any]


class CurrentUserInfoSuccessResponse(Success):
    data: CurrentUserInfoResponseData | None = None


class SessionLogoutAllResponseData(BaseModel):
    revoked: int = Field(ge=0)


class LogoutAllSessionsSuccessResponse(Success):
    data: SessionLogoutAllResponseData | None = None


class SessionLogoutResponseData(BaseModel):
    revoked: bool


class LogoutSessionSuccessResponse(Success):
    data: SessionLogoutResponseData | None = None


class SessionClientInfo(BaseModel):
    platform: str | None = None
    browser: str | None = None
    device: str | None = None
    user_agent: str | None = None


class SessionLocationInfo(BaseModel):
    city: str | None = None
    region: str | None = None
    country: str | None = None


class SessionRevokeByIdSuccessResponse(Success):
    data: SessionLogoutResponseData | None = None


class UserLoginRequest(BaseModel):
    email: EmailStr
    password: str = Field(min_length=8)
    tenant_id: str | None = None


class UserLogoutRequest(BaseModel):
    refresh_token: str = Field(min_length=1)


class UserRefreshRequest(BaseModel):
    refresh_token: str = Field(min_length=1)


class UserSessionItem(BaseModel):
    id: UUID
    tenant_id: UUID
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    ip_address_masked: str | None = None
    fingerprint: str | None = None
    client: SessionClientInfo
    location: SessionLocationInfo | None = None
    current: bool


class UserSessionListResponse(BaseModel):
    sessions: list[UserSessionItem]
    total: int
    limit: int
    offset: int
