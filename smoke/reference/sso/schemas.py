"""Single sign-on."""

from pydantic import BaseModel, Field


class SsoCallbackRequest(BaseModel):
    code: str = Field(min_length=1)
    state: str = Field(min_length=1)


class SsoProviderView(BaseModel):
    provider_key: str
    display_name: str


class SsoProviderListResponse(BaseModel):
    providers: list[SsoProviderView]


class SsoStartRequest(BaseModel):
    tenant_id: str | None = None
    tenant_slug: str | None = None
    login_hint: str | None = None


class SsoStartResponse(BaseModel):
    authorize_url: str
