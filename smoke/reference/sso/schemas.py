"""Single sign-on."""

from pydantic import BaseModel, Field


class SsoCallbackRequest(BaseModel):
    """Callback payload used to exchange code + state for tokens."""

    code: str = Field(min_length=1)
    state: str = Field(min_length=1)


class SsoProviderView(BaseModel):
    """Public view of an enabled SSO provider."""

    provider_key: str
    display_name: str


class SsoProviderListResponse(BaseModel):
    """List of enabled SSO providers for a tenant."""

    providers: list[SsoProviderView]


class SsoStartRequest(BaseModel):
    """Begin an SSO login by generating an authorize URL."""

    tenant_id: str | None = None
    tenant_slug: str | None = None
    login_hint: str | None = None


class SsoStartResponse(BaseModel):
    """SSO authorize URL response."""

    authorize_url: str
