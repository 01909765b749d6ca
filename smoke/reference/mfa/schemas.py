"""The second factor."""

from uuid import UUID

from pydantic import BaseModel, Field


class MfaChallengeCompleteRequest(BaseModel):
    challenge_token: str = Field(min_length=10)
    method_id: UUID
    code: str = Field(min_length=6, max_length=8)


class MfaMethodView(BaseModel):
    id: UUID
    method_type: str
    label: str | None = None
    verified_at: str | None = None
    last_used_at: str | None = None
    revoked_at: str | None = None


class MfaChallengeResponse(BaseModel):
    mfa_required: bool = True
    challenge_token: str
    methods: list[MfaMethodView]


class RecoveryCodesResponse(BaseModel):
    codes: list[str]


class TotpEnrollResponse(BaseModel):
    secret: str
    method_id: UUID
    otpauth_url: str | None = None


class TotpVerifyRequest(BaseModel):
    method_id: UUID
    code: str = Field(min_length=6, max_length=8)
