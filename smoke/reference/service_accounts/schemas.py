"""Service accounts and their tokens."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class BrowserServiceAccountIssueRequest(BaseModel):
    """Browser-initiated issuance request with justification."""

    account: str
    scopes: list[str]
    tenant_id: str | None = None
    lifetime_minutes: int | None = None
    fingerprint: str | None = None
    force: bool = False
    reason: str = Field(min_length=10, max_length=512)


class ServiceAccountIssueRequest(BaseModel):
    """Request payload for service-account refresh token issuance."""

    account: str
    scopes: list[str]
    tenant_id: str | None = None
    lifetime_minutes: int | None = None
    fingerprint: str | None = None
    force: bool = False


class ServiceAccountTokenItem(BaseModel):
    """List view representation of a service-account refresh token."""

    jti: str
    account: str
    tenant_id: str | None = None
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None = None
    fingerprint: str | None = None
    signing_kid: str


class ServiceAccountTokenListResponse(BaseModel):
    """Paginated response for service-account token listings."""

    items: list[ServiceAccountTokenItem]
    total: int
    limit: int = Field(ge=1, le=100)
    offset: int = Field(ge=0)


class ServiceAccountTokenResponse(BaseModel):
    """Response returned after issuing a service-account refresh token."""

    refresh_token: str
    expires_at: str
    issued_at: str
    scopes: list[str]
    tenant_id: str | None = None
    kid: str
    account: str
    token_use: str
    session_id: str | None = None


class ServiceAccountTokenRevokeRequest(BaseModel):
    """Payload for revoking a service-account refresh token."""

    reason: str | None = Field(None, max_length=256)


class ServiceAccountTokenRevokeResponseData(BaseModel):
    jti: str


class ServiceAccountTokenRevokeSuccessResponse(BaseModel):
    success: bool = True
    message: str
    data: ServiceAccountTokenRevokeResponseData | None = None


class ServiceAccountTokenStatus(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"
    ALL = "all"
