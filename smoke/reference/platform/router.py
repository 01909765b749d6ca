"""All tenants, for platform operators: make, find, change, suspend, close."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from .. import schemas
from ..schemas import TenantAccountStatus
from ..security.principals import Principal, signed_in
from ..security.roles import OPERATOR_SCOPE
from ..service import OpenSession, Running
from ..tenants.service import tenant_or_404
from ..views import shown
from ..web.paging import Offsets50
from . import service as platform

router = APIRouter(prefix="/api/v1/platform/tenants", tags=["platform"])
Operator = Annotated[Principal, Depends(signed_in(scope=OPERATOR_SCOPE))]


@router.get("")
async def list_tenants(
    _operator: Operator,
    session: OpenSession,
    page: Offsets50,
    status: TenantAccountStatus | None = None,
    q: str | None = None,
) -> schemas.TenantAccountListResponse:
    rows, total = platform.tenants_page(session, status, q, page)
    accounts = [shown(schemas.TenantAccountOperatorResponse, row) for row in rows]
    return schemas.TenantAccountListResponse(accounts=accounts, total=total)


@router.post("", status_code=201)
async def create_tenant(
    operator: Operator, body: schemas.TenantAccountCreateRequest, session: OpenSession
) -> schemas.TenantAccountOperatorResponse:
    tenant = platform.create_tenant(session, operator.user_id, body.name, body.slug)
    return shown(schemas.TenantAccountOperatorResponse, tenant)


@router.get("/{tenant_id}")
async def get_tenant(
    tenant_id: UUID, _operator: Operator, session: OpenSession
) -> schemas.TenantAccountOperatorResponse:
    return shown(schemas.TenantAccountOperatorResponse, tenant_or_404(session, tenant_id))


@router.patch("/{tenant_id}")
async def update_tenant(
    tenant_id: UUID,
    _operator: Operator,
    body: schemas.TenantAccountUpdateRequest,
    session: OpenSession,
) -> schemas.TenantAccountOperatorResponse:
    tenant = platform.update_tenant(session, tenant_id, body.name, body.slug)
    return shown(schemas.TenantAccountOperatorResponse, tenant)


def _moves(action: str, status: TenantAccountStatus) -> None:
    """Add the operation that moves a tenant to a state."""

    @router.post(f"/{{tenant_id}}/{action}", name=f"{action}_tenant")
    async def move_tenant(
        tenant_id: UUID,
        operator: Operator,
        body: schemas.TenantAccountLifecycleRequest,
        session: OpenSession,
    ) -> schemas.TenantAccountOperatorResponse:
        tenant = platform.move_tenant(session, tenant_id, status, operator.user_id, body.reason)
        return shown(schemas.TenantAccountOperatorResponse, tenant)


_moves("suspend", TenantAccountStatus.SUSPENDED)
_moves("reactivate", TenantAccountStatus.ACTIVE)
_moves("deprovision", TenantAccountStatus.DEPROVISIONED)


@router.get("/{tenant_id}/features")
async def get_tenant_feature_entitlements(
    tenant_id: UUID, _operator: Operator, service: Running, session: OpenSession
) -> schemas.TenantFeatureEntitlementsResponse:
    flags = platform.features_of(session, service.settings, tenant_id)
    return schemas.TenantFeatureEntitlementsResponse(tenant_id=str(tenant_id), flags=flags)


@router.put("/{tenant_id}/features")
async def update_tenant_feature_entitlements(
    tenant_id: UUID,
    _operator: Operator,
    body: schemas.TenantFeatureEntitlementsUpdateRequest,
    service: Running,
    session: OpenSession,
) -> schemas.TenantFeatureEntitlementsResponse:
    platform.set_features(session, tenant_id, body.flags)
    flags = platform.features_of(session, service.settings, tenant_id)
    return schemas.TenantFeatureEntitlementsResponse(tenant_id=str(tenant_id), flags=flags)
