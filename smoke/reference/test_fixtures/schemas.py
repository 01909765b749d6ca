"""Requests and answers of the test fixtures surface."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, EmailStr, Field

from ..schemas import TenantRole


class EmailVerificationTokenRequest(BaseModel):
    email: EmailStr
    ip_address: str | None = None
    user_agent: str | None = None


class EmailVerificationTokenResponse(BaseModel):
    token: str
    user_id: str
    expires_at: datetime


class FixtureAssetResult(BaseModel):
    asset_id: str
    storage_object_id: str


class FixtureConversationResult(BaseModel):
    conversation_id: str
    status: str


class FixtureUserResult(BaseModel):
    user_id: str
    role: TenantRole


class FixtureTenantResult(BaseModel):
    tenant_id: str
    plan_code: str | None
    users: dict[str, FixtureUserResult]
    conversations: dict[str, FixtureConversationResult]
    assets: dict[str, FixtureAssetResult] = Field(default_factory=dict)


class FixtureApplyResult(BaseModel):
    tenants: dict[str, FixtureTenantResult]
    generated_at: datetime


class FixtureAsset(BaseModel):
    key: str = Field(min_length=1)
    asset_type: Literal["image", "file"] = "file"
    source_tool: (
        Literal["image_generation", "code_interpreter", "user_upload", "unknown"] | None
    ) = None
    filename: str = Field(min_length=1)
    mime_type: str | None = None
    size_bytes: int | None = Field(None, ge=0)
    agent_key: str | None = Field(None, max_length=64)
    conversation_key: str | None = None
    message_id: int | None = Field(None, ge=1)
    tool_call_id: str | None = None
    response_id: str | None = None
    container_id: str | None = None
    openai_file_id: str | None = None
    user_email: EmailStr | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class FixtureConversationMessage(BaseModel):
    role: Literal["user", "assistant", "system"]
    text: str = Field(min_length=1)


class FixtureConversation(BaseModel):
    key: str = Field(min_length=1)
    agent_entrypoint: str = Field("default", min_length=1)
    status: Literal["active", "archived"] = "active"
    user_email: EmailStr | None = None
    messages: list[FixtureConversationMessage] = Field(default_factory=list)


class FixtureUsageCounter(BaseModel):
    period_start: date
    granularity: Literal["day", "month"] = "day"
    input_tokens: int = Field(0, ge=0)
    output_tokens: int = Field(0, ge=0)
    requests: int = Field(0, ge=0)
    storage_bytes: int = Field(0, ge=0)
    user_email: EmailStr | None = None


class FixtureUsageEntry(BaseModel):
    feature_key: str = Field(min_length=1)
    quantity: int = Field(gt=0)
    unit: str = Field("requests", min_length=1)
    period_start: datetime
    period_end: datetime | None = None
    idempotency_key: str | None = None


class PlatformRole(StrEnum):
    PLATFORM_OPERATOR = "platform_operator"


class FixtureUser(BaseModel):
    email: EmailStr
    password: str = Field(min_length=8)
    display_name: str | None = None
    role: TenantRole = TenantRole.ADMIN
    platform_role: PlatformRole | None = None
    verify_email: bool = True


class FixtureTenant(BaseModel):
    slug: str = Field(min_length=1)
    name: str = Field(min_length=1)
    plan_code: str | None = None
    billing_email: EmailStr | None = None
    users: list[FixtureUser] = Field(default_factory=list)
    conversations: list[FixtureConversation] = Field(default_factory=list)
    usage: list[FixtureUsageEntry] = Field(default_factory=list)
    usage_counters: list[FixtureUsageCounter] = Field(default_factory=list)
    assets: list[FixtureAsset] = Field(default_factory=list)


class PasswordResetTokenRequest(BaseModel):
    email: EmailStr
    ip_address: str | None = None
    user_agent: str | None = None


class PasswordResetTokenResponse(BaseModel):
    token: str
    user_id: str
    expires_at: datetime


class PlaywrightFixtureSpec(BaseModel):
    tenants: list[FixtureTenant] = Field(default_factory=list)
