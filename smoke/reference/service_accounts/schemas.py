"""Service accounts and their tokens."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from ..schemas import Success


class BrowserServiceAccountIssueRequest(BaseModel):
    account: str
    scopes: list[str]
    tenant_id: str | None = None
    lifetime_minutes: int | None = None
    fingerprint: str | None = None
    force: bool = False
    reason: str = Field(min_length=10, max_length=512)


class ServiceAccountIssueRequest(BaseModel):
    account: str
    scopes: list[str]
    tenant_id: str | None = None
    lifetime_minutes: int | None = None
    fingerprint: str | None = None
    force: bool = False


class ServiceAccountTokenItem(BaseModel):
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
    items: list[ServiceAccountTokenItem]
    total: int
    limit: int = Field(ge=1, le=100)
    offset: int = Field(ge=0)


class ServiceAccountTokenResponse(BaseModel):
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
    reason: str | None = Field(None, max_length=256)


class ServiceAccountTokenRevokeResponseData(BaseModel):
    jti: str


class ServiceAccountTokenRevokeSuccessResponse(Success):
    data: ServiceAccountTokenRevokeResponseData | None = None


class ServiceAccountTokenStatus(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"
    ALL = "all"
