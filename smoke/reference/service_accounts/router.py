"""Tokens of service accounts: issue, list, revoke."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from sqlalchemy import Select, func, select

from ..activity.log import record_activity
from ..database import now
from ..schemas import TenantRole
from ..security.roles import OPERATOR_SCOPE, reaches
from ..security.tenancy import Caller, in_own_tenant
from ..service import OpenSession, Running, Service
from ..web.errors import Refusal, forbidden, unauthorized
from ..web.paging import Offset
from .models import ServiceAccountToken
from .schemas import (
    BrowserServiceAccountIssueRequest,
    ServiceAccountIssueRequest,
    ServiceAccountTokenItem,
    ServiceAccountTokenListResponse,
    ServiceAccountTokenResponse,
    ServiceAccountTokenRevokeRequest,
    ServiceAccountTokenRevokeResponseData,
    ServiceAccountTokenRevokeSuccessResponse,
    ServiceAccountTokenStatus,
)
from .service import issue_service_token

router = APIRouter(prefix="/api/v1/auth/service-accounts", tags=["auth", "auth"])
DEMO_CREDENTIAL = "dev-demo"


async def _admin_or_operator(
    caller: Annotated[Caller, Depends(in_own_tenant(TenantRole.VIEWER))],
) -> Caller:
    if not reaches(caller.role, TenantRole.ADMIN) and not _operates(caller):
        raise forbidden("The role 'admin' is needed.")
    return caller


Actor = Annotated[Caller, Depends(_admin_or_operator)]


@router.post("/issue", status_code=201)
async def issue_service_account_token(
    body: ServiceAccountIssueRequest,
    service: Running,
    session: OpenSession,
    authorization: Annotated[str, Header(alias="Authorization")],
    _payload: Annotated[str | None, Header(alias="X-Vault-Payload")] = None,
) -> ServiceAccountTokenResponse:
    """A token for whoever shows the credential that stands in for a signing vault."""
    _require_credential(service, authorization)
    return issue_service_token(service, session, body)


@router.post("/browser-issue", status_code=201)
async def issue_service_account_token_from_browser(
    caller: Actor, body: BrowserServiceAccountIssueRequest, service: Running, session: OpenSession
) -> ServiceAccountTokenResponse:
    """A token for an admin, in the admin's tenant; an operator names any tenant, or none."""
    tenant_id = body.tenant_id
    if not _operates(caller):
        if tenant_id not in (None, str(caller.tenant_id)):
            raise forbidden("The token is for another tenant.")
        tenant_id = str(caller.tenant_id)
    wanted = ServiceAccountIssueRequest(
        **body.model_dump(exclude={"reason", "tenant_id"}), tenant_id=tenant_id
    )
    answer = issue_service_token(service, session, wanted, body.reason)
    record_activity(
        session, caller.tenant_id, caller.user_id, "service_account.token.issued",
        actor_role=caller.role, object_type="service_account", object_name=body.account,
    )  # fmt: skip
    return answer


@router.get("/tokens")
async def list_service_account_tokens(
    caller: Actor,
    session: OpenSession,
    account: Annotated[
        str | None, Query(description="Part of the name of the service account.")
    ] = None,
    fingerprint: Annotated[str | None, Query(description="The fingerprint.")] = None,
    status: Annotated[
        ServiceAccountTokenStatus, Query(description="Which tokens: active, revoked or all.")
    ] = ServiceAccountTokenStatus.ACTIVE,
    tenant_id: Annotated[str | None, Query(description="A tenant; operators only.")] = None,
    include_global: Annotated[
        bool, Query(description="Tokens without a tenant too; operators only.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> ServiceAccountTokenListResponse:
    """The tokens of the caller's tenant, newest first; an operator's own choice of tenants."""
    query = _visible(caller, tenant_id, include_global)
    if account:
        query = query.where(ServiceAccountToken.account.icontains(account, autoescape=True))
    if fingerprint:
        query = query.where(ServiceAccountToken.fingerprint == fingerprint)
    if status is not ServiceAccountTokenStatus.ALL:
        revoked = ServiceAccountToken.revoked_at.is_not(None)
        query = query.where(revoked if status is ServiceAccountTokenStatus.REVOKED else ~revoked)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(ServiceAccountToken.issued_at.desc(), ServiceAccountToken.jti)
    rows = session.scalars(page.limit(limit).offset(offset))
    items = [_item(row) for row in rows]
    return ServiceAccountTokenListResponse(
        items=items, total=total or 0, limit=limit, offset=offset
    )


@router.post("/tokens/{jti}/revoke")
async def revoke_service_account_token(
    jti: str, caller: Actor, body: ServiceAccountTokenRevokeRequest, session: OpenSession
) -> ServiceAccountTokenRevokeSuccessResponse:
    """The token is worth nothing any more, if the caller may see it."""
    row = session.get(ServiceAccountToken, jti)
    visible = row is not None and (_operates(caller) or row.tenant_id == caller.tenant_id)
    if row is not None and visible and row.revoked_at is None:
        row.revoked_at, row.revoked_reason = now(), body.reason
    return ServiceAccountTokenRevokeSuccessResponse(
        message="Token revoked.", data=ServiceAccountTokenRevokeResponseData(jti=jti)
    )


def _operates(caller: Caller) -> bool:
    return OPERATOR_SCOPE in caller.principal.scopes


def _require_credential(service: Service, authorization: str) -> None:
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized("A bearer credential is needed.")
    if credential.startswith("vault:"):
        raise Refusal(503, "There is no vault that could verify the signature.")
    if credential.strip() != DEMO_CREDENTIAL or service.settings.vault_verify_enabled:
        raise unauthorized("A credential signed by the vault is needed.")


def _visible(
    caller: Caller, tenant_id: str | None, include_global: bool
) -> Select[ServiceAccountToken]:
    query, column = select(ServiceAccountToken), ServiceAccountToken.tenant_id
    if not _operates(caller):
        if tenant_id not in (None, str(caller.tenant_id)) or include_global:
            raise forbidden("Only an operator sees tokens of other tenants.")
        return query.where(column == caller.tenant_id)
    wanted = column.is_not(None) if tenant_id is None else column == _uuid(tenant_id)
    return query.where(wanted | column.is_(None) if include_global else wanted)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refusal(400, f"{text!r} is not the id of a tenant.") from error


def _item(row: ServiceAccountToken) -> ServiceAccountTokenItem:
    names = ServiceAccountTokenItem.model_fields
    values = {name: getattr(row, name) for name in names}
    return ServiceAccountTokenItem(
        **values | {"tenant_id": str(row.tenant_id) if row.tenant_id else None}
    )
