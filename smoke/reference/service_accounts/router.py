"""Tokens of service accounts: issue, list, revoke."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header

from .. import schemas
from ..schemas import ServiceAccountTokenStatus, TenantRole
from ..security.roles import require_role
from ..security.tenancy import Caller, InOwnTenant
from ..service import OpenSession, Running
from ..views import shown
from ..web.paging import Offsets20
from . import service as accounts
from .models import ServiceAccountToken

router = APIRouter(prefix="/api/v1/auth/service-accounts", tags=["auth", "auth"])


async def _admin_or_operator(caller: Annotated[Caller, Depends(InOwnTenant("viewer"))]) -> Caller:
    if not caller.is_operator:
        require_role(caller.role, TenantRole.ADMIN)
    return caller


Actor = Annotated[Caller, Depends(_admin_or_operator)]


@router.post("/issue", status_code=201)
async def issue_service_account_token(
    body: schemas.ServiceAccountIssueRequest,
    service: Running,
    session: OpenSession,
    authorization: Annotated[str, Header(alias="Authorization")],
    _payload: Annotated[str | None, Header(alias="X-Vault-Payload")] = None,
) -> schemas.ServiceAccountTokenResponse:
    accounts.require_credential(service, authorization)
    return _issued(*accounts.issue_token(service, session, body))


@router.post("/browser-issue", status_code=201)
async def issue_service_account_token_from_browser(
    caller: Actor,
    body: schemas.BrowserServiceAccountIssueRequest,
    service: Running,
    session: OpenSession,
) -> schemas.ServiceAccountTokenResponse:
    return _issued(*accounts.issue_for(service, session, caller, body))


@router.get("/tokens")
async def list_service_account_tokens(
    caller: Actor,
    session: OpenSession,
    page: Offsets20,
    account: str | None = None,
    fingerprint: str | None = None,
    status: ServiceAccountTokenStatus = ServiceAccountTokenStatus.ACTIVE,
    tenant_id: str | None = None,
    include_global: bool = False,
) -> schemas.ServiceAccountTokenListResponse:
    query = accounts.tokens_seen_by(caller, tenant_id, include_global=include_global)
    rows, total = accounts.tokens_page(session, query, account, fingerprint, status, page)
    items = [shown(schemas.ServiceAccountTokenItem, row) for row in rows]
    return schemas.ServiceAccountTokenListResponse(
        items=items, total=total, limit=page.limit, offset=page.offset
    )


@router.post("/tokens/{jti}/revoke")
async def revoke_service_account_token(
    jti: str, caller: Actor, body: schemas.ServiceAccountTokenRevokeRequest, session: OpenSession
) -> schemas.ServiceAccountTokenRevokeSuccessResponse:
    accounts.revoke_token(session, caller, jti, body.reason)
    return schemas.ServiceAccountTokenRevokeSuccessResponse(
        message="Token revoked.", data=schemas.ServiceAccountTokenRevokeResponseData(jti=jti)
    )


def _issued(row: ServiceAccountToken, text: str) -> schemas.ServiceAccountTokenResponse:
    return shown(
        schemas.ServiceAccountTokenResponse,
        row,
        refresh_token=text,
        kid=row.signing_kid,
        token_use="refresh",  # noqa: S106  # a use, not a password
    )
