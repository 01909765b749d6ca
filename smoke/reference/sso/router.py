"""Single sign-on: the providers, the start, the callback."""

from fastapi import APIRouter, Request, Response

from .. import schemas
from ..auth.service import session_or_challenge
from ..service import OpenSession, Running
from ..web.client_info import From
from ..web.limits import SSO_CALLBACK, SSO_START
from .provider_router import issuer_of
from .service import begin, complete, providers_of, tenant_of

router = APIRouter(prefix="/api/v1/auth/sso", tags=["auth", "auth"])


@router.get("/providers")
async def list_sso_providers(
    service: Running,
    session: OpenSession,
    tenant_id: str | None = None,
    tenant_slug: str | None = None,
) -> schemas.SsoProviderListResponse:
    tenant_of(session, tenant_id, tenant_slug)
    views = [
        schemas.SsoProviderView(provider_key=key, display_name=name)
        for key, name in providers_of(service).items()
    ]
    return schemas.SsoProviderListResponse(providers=views)


@router.post("/{provider}/start")
async def start_sso(
    provider: str,
    body: schemas.SsoStartRequest,
    request: Request,
    service: Running,
    session: OpenSession,
    client: From,
) -> schemas.SsoStartResponse:
    tenant = tenant_of(session, body.tenant_id, body.tenant_slug)
    service.limits.count_each(SSO_START, str(tenant.id), client.ip_address)
    url = begin(service, session, tenant, provider, issuer_of(request), body.login_hint)
    return schemas.SsoStartResponse(authorize_url=url)


@router.post("/{provider}/callback", responses={202: {"model": schemas.MfaChallengeResponse}})
async def complete_sso(
    provider: str,
    body: schemas.SsoCallbackRequest,
    request: Request,
    response: Response,
    service: Running,
    session: OpenSession,
    client: From,
) -> schemas.UserSessionResponse | schemas.MfaChallengeResponse:
    service.limits.count(SSO_CALLBACK, client.ip_address)
    issuer = issuer_of(request)
    user, membership = complete(service, session, provider, issuer, body.code, body.state)
    answer = session_or_challenge(service, session, user, membership, client)
    if isinstance(answer, schemas.MfaChallengeResponse):
        response.status_code = 202
    return answer
