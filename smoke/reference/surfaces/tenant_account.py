"""
The caller's tenant account.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from ..activity import record_activity
from ..errors import not_found
from ..models.shared import TenantRole
from ..models.tenants import TenantAccountResponse, TenantAccountSelfUpdateRequest
from ..service import Session
from ..tables.tenants import Tenant
from ..tenancy import Caller, in_tenant

router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN))]


@router.get("/account")
async def get_tenant_account(caller: Admin, session: Session) -> TenantAccountResponse:
    """
    The account of the caller's tenant.
    """
    return _view(await _tenant(session, caller))


@router.patch("/account")
async def update_tenant_account(
    caller: Admin, body: TenantAccountSelfUpdateRequest, session: Session
) -> TenantAccountResponse:
    """
    The tenant is renamed.
    """
    tenant = await _tenant(session, caller)
    tenant.name = body.name
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        "tenant.account.updated",
        actor_role=caller.role,
        object_type="tenant",
        object_id=tenant.id,
        object_name=tenant.name,
    )
    await session.flush()
    return _view(tenant)


async def _tenant(session: AsyncSession, caller: Caller) -> Tenant:
    tenant = await session.get(Tenant, caller.tenant_id)
    if tenant is None:
        raise not_found("Tenant")
    return tenant


def _view(tenant: Tenant) -> TenantAccountResponse:
    names = TenantAccountResponse.model_fields
    return TenantAccountResponse(**{name: getattr(tenant, name) for name in names})
