"""Sessions: login, refresh, logout."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, EmailStr, Field


class CurrentUserInfoResponseData(BaseModel):
    user_id: str
    token_payload: dict[str, Any]


class CurrentUserInfoSuccessResponse(BaseModel):
    success: bool = True
    message: str
    data: CurrentUserInfoResponseData | None = None


class SessionLogoutAllResponseData(BaseModel):
    revoked: int = Field(ge=0)


class LogoutAllSessionsSuccessResponse(BaseModel):
    success: bool = True
    message: str
    data: SessionLogoutAllResponseData | None = None


class SessionLogoutResponseData(BaseModel):
    revoked: bool


class LogoutSessionSuccessResponse(BaseModel):
    success: bool = True
    message: str
    data: SessionLogoutResponseData | None = None


class SessionClientInfo(BaseModel):
    """Details about the client/browser reported for a session."""

    platform: str | None = None
    browser: str | None = None
    device: str | None = None
    user_agent: str | None = None


class SessionLocationInfo(BaseModel):
    """Approximate geolocation information for a session."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


class SessionRevokeByIdSuccessResponse(BaseModel):
    success: bool = True
    message: str
    data: SessionLogoutResponseData | None = None


class UserLoginRequest(BaseModel):
    """Human user login payload."""

    email: EmailStr
    password: str = Field(min_length=8)
    tenant_id: str | None = None


class UserLogoutRequest(BaseModel):
    """Payload for revoking a single refresh token."""

    refresh_token: str = Field(min_length=1)


class UserRefreshRequest(BaseModel):
    """Refresh session request payload."""

    refresh_token: str = Field(min_length=1)


class UserSessionItem(BaseModel):
    """Single session/device entry for session management UI."""

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
    """Paginated list of user sessions/devices."""

    sessions: list[UserSessionItem]
    total: int
    limit: int
    offset: int
