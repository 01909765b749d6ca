"""
All tenants, for platform operators: make, find, change.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..database import now
from ..errors import bad_request, not_found
from ..models.platform import (
    TenantAccountCreateRequest,
    TenantAccountListResponse,
    TenantAccountOperatorResponse,
    TenantAccountUpdateRequest,
)
from ..models.shared import TenantAccountStatus
from ..paging import Offset
from ..principals import Principal, signed_in
from ..roles import OPERATOR_SCOPE
from ..service import Session
from ..slugs import free_slug, wanted_slug
from ..tables.tenants import Tenant

router = APIRouter(prefix="/api/v1/platform/tenants", tags=["platform"])
Operator = Annotated[Principal, Depends(signed_in(scope=OPERATOR_SCOPE))]


@router.get("")
async def list_tenants(
    _operator: Operator,
    session: Session,
    status: Annotated[TenantAccountStatus | None, Query()] = None,
    q: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> TenantAccountListResponse:
    """
    The tenants, newest first; `q` is looked for in name and slug.
    """
    query = select(Tenant)
    if status is not None:
        query = query.where(Tenant.status == str(status))
    if q:
        found = Tenant.name.icontains(q, autoescape=True)
        query = query.where(found | Tenant.slug.icontains(q, autoescape=True))
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(Tenant.created_at.desc(), Tenant.id).limit(limit).offset(offset)
    accounts = [tenant_view(row) for row in await session.scalars(page)]
    return TenantAccountListResponse(accounts=accounts, total=total or 0)


@router.post("", status_code=201)
async def create_tenant(
    operator: Operator, body: TenantAccountCreateRequest, session: Session
) -> TenantAccountOperatorResponse:
    """
    A tenant without members; its slug is made of its name unless given.
    """
    slug = await (
        free_slug(session, body.name) if body.slug is None else wanted_slug(session, body.slug)
    )
    tenant = Tenant(
        slug=slug, name=body.name, status_updated_at=now(), status_updated_by=operator.user_id
    )
    session.add(tenant)
    await session.flush()
    return tenant_view(tenant)


@router.get("/{tenant_id}")
async def get_tenant(
    tenant_id: UUID, _operator: Operator, session: Session
) -> TenantAccountOperatorResponse:
    """
    One tenant.
    """
    return tenant_view(await tenant_of(session, tenant_id))


@router.patch("/{tenant_id}")
async def update_tenant(
    tenant_id: UUID, _operator: Operator, body: TenantAccountUpdateRequest, session: Session
) -> TenantAccountOperatorResponse:
    """
    A tenant is renamed, or has another slug; at least one field is needed.
    """
    if body.name is None and body.slug is None:
        raise bad_request("There is nothing to change. Send name or slug.")
    tenant = await tenant_of(session, tenant_id)
    if body.slug is not None and body.slug != tenant.slug:
        tenant.slug = await wanted_slug(session, body.slug)
    tenant.name = body.name or tenant.name
    await session.flush()
    return tenant_view(tenant)


async def tenant_of(session: AsyncSession, tenant_id: UUID) -> Tenant:
    """
    Return a tenant in whatever state; 404 where there is none.
    """
    tenant = await session.get(Tenant, tenant_id)
    if tenant is None:
        raise not_found("Tenant")
    return tenant


def tenant_view(tenant: Tenant) -> TenantAccountOperatorResponse:
    """
    Return a tenant as operators see it.
    """
    names = TenantAccountOperatorResponse.model_fields
    return TenantAccountOperatorResponse(**{name: getattr(tenant, name) for name in names})
