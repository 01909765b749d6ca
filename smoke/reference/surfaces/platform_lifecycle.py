"""
The life of a tenant, moved by platform operators: active, suspended, deprovisioned.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from ..activity import record_activity
from ..database import now
from ..errors import conflict
from ..models.platform import TenantAccountLifecycleRequest, TenantAccountOperatorResponse
from ..models.shared import TenantAccountStatus
from ..principals import Principal, signed_in
from ..roles import OPERATOR_SCOPE
from ..service import Session
from .platform_tenants import tenant_of, tenant_view

router = APIRouter(prefix="/api/v1/platform/tenants/{tenant_id}", tags=["platform"])
Operator = Annotated[Principal, Depends(signed_in(scope=OPERATOR_SCOPE))]


@router.post("/suspend")
async def suspend_tenant(
    tenant_id: UUID, operator: Operator, body: TenantAccountLifecycleRequest, session: Session
) -> TenantAccountOperatorResponse:
    """
    The tenant's users are locked out of it until it is reactivated.
    """
    return await _move(session, tenant_id, operator, body, TenantAccountStatus.SUSPENDED)


@router.post("/reactivate")
async def reactivate_tenant(
    tenant_id: UUID, operator: Operator, body: TenantAccountLifecycleRequest, session: Session
) -> TenantAccountOperatorResponse:
    """
    The tenant's users are let in again.
    """
    return await _move(session, tenant_id, operator, body, TenantAccountStatus.ACTIVE)


@router.post("/deprovision")
async def deprovision_tenant(
    tenant_id: UUID, operator: Operator, body: TenantAccountLifecycleRequest, session: Session
) -> TenantAccountOperatorResponse:
    """
    The tenant is closed for good.
    """
    return await _move(session, tenant_id, operator, body, TenantAccountStatus.DEPROVISIONED)


async def _move(
    session: AsyncSession,
    tenant_id: UUID,
    operator: Principal,
    body: TenantAccountLifecycleRequest,
    status: TenantAccountStatus,
) -> TenantAccountOperatorResponse:
    """
    Move a tenant to a state; there is no way back from deprovisioned, and staying is no move.
    """
    tenant = await tenant_of(session, tenant_id)
    if tenant.status == status:
        return tenant_view(tenant)
    if tenant.status == TenantAccountStatus.DEPROVISIONED:
        raise conflict("The tenant is deprovisioned for good.")
    tenant.status, tenant.status_reason = str(status), body.reason
    tenant.status_updated_at, tenant.status_updated_by = now(), operator.user_id
    if status is TenantAccountStatus.SUSPENDED:
        tenant.suspended_at = now()
    if status is TenantAccountStatus.DEPROVISIONED:
        tenant.deprovisioned_at = now()
    record_activity(session, tenant.id, operator.user_id, f"tenant.{status}", object_id=tenant.id)
    await session.flush()
    return tenant_view(tenant)
