"""All tenants, for platform operators: make, find, change."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..database import now
from ..features.service import Feature, is_enabled
from ..schemas import TenantAccountStatus
from ..security.principals import Principal, signed_in
from ..security.roles import OPERATOR_SCOPE
from ..service import OpenSession, Running, Service
from ..tenants.models import Tenant, TenantFeature
from ..tenants.service import free_slug, wanted_slug
from ..web.errors import bad_request, conflict, not_found
from ..web.paging import Offset
from .schemas import (
    TenantAccountCreateRequest,
    TenantAccountLifecycleRequest,
    TenantAccountListResponse,
    TenantAccountOperatorResponse,
    TenantAccountUpdateRequest,
    TenantFeatureEntitlementsResponse,
    TenantFeatureEntitlementsUpdateRequest,
)

router = APIRouter(prefix="/api/v1/platform/tenants", tags=["platform"])
Operator = Annotated[Principal, Depends(signed_in(scope=OPERATOR_SCOPE))]


@router.get("")
async def list_tenants(
    _operator: Operator,
    session: OpenSession,
    status: Annotated[TenantAccountStatus | None, Query()] = None,
    q: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> TenantAccountListResponse:
    """The tenants, newest first; `q` is looked for in name and slug."""
    query = select(Tenant)
    if status is not None:
        query = query.where(Tenant.status == str(status))
    if q:
        found = Tenant.name.icontains(q, autoescape=True)
        query = query.where(found | Tenant.slug.icontains(q, autoescape=True))
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(Tenant.created_at.desc(), Tenant.id).limit(limit).offset(offset)
    accounts = [tenant_view(row) for row in session.scalars(page)]
    return TenantAccountListResponse(accounts=accounts, total=total or 0)


@router.post("", status_code=201)
async def create_tenant(
    operator: Operator, body: TenantAccountCreateRequest, session: OpenSession
) -> TenantAccountOperatorResponse:
    """A tenant without members; its slug is made of its name unless given."""
    slug = free_slug(session, body.name) if body.slug is None else wanted_slug(session, body.slug)
    tenant = Tenant(
        slug=slug, name=body.name, status_updated_at=now(), status_updated_by=operator.user_id
    )
    session.add(tenant)
    session.flush()
    return tenant_view(tenant)


@router.get("/{tenant_id}")
async def get_tenant(
    tenant_id: UUID, _operator: Operator, session: OpenSession
) -> TenantAccountOperatorResponse:
    """One tenant."""
    return tenant_view(tenant_of(session, tenant_id))


@router.patch("/{tenant_id}")
async def update_tenant(
    tenant_id: UUID, _operator: Operator, body: TenantAccountUpdateRequest, session: OpenSession
) -> TenantAccountOperatorResponse:
    """A tenant is renamed, or has another slug; at least one field is needed."""
    if body.name is None and body.slug is None:
        raise bad_request("There is nothing to change. Send name or slug.")
    tenant = tenant_of(session, tenant_id)
    if body.slug is not None and body.slug != tenant.slug:
        tenant.slug = wanted_slug(session, body.slug)
    tenant.name = body.name or tenant.name
    session.flush()
    return tenant_view(tenant)


def tenant_of(session: Session, tenant_id: UUID) -> Tenant:
    """Return a tenant in whatever state; 404 where there is none."""
    tenant = session.get(Tenant, tenant_id)
    if tenant is None:
        raise not_found("Tenant")
    return tenant


def tenant_view(tenant: Tenant) -> TenantAccountOperatorResponse:
    """Return a tenant as operators see it."""
    names = TenantAccountOperatorResponse.model_fields
    return TenantAccountOperatorResponse(**{name: getattr(tenant, name) for name in names})


@router.post("/{tenant_id}/suspend")
async def suspend_tenant(
    tenant_id: UUID, operator: Operator, body: TenantAccountLifecycleRequest, session: OpenSession
) -> TenantAccountOperatorResponse:
    """The tenant's users are locked out of it until it is reactivated."""
    return _move(session, tenant_id, operator, body, TenantAccountStatus.SUSPENDED)


@router.post("/{tenant_id}/reactivate")
async def reactivate_tenant(
    tenant_id: UUID, operator: Operator, body: TenantAccountLifecycleRequest, session: OpenSession
) -> TenantAccountOperatorResponse:
    """The tenant's users are let in again."""
    return _move(session, tenant_id, operator, body, TenantAccountStatus.ACTIVE)


@router.post("/{tenant_id}/deprovision")
async def deprovision_tenant(
    tenant_id: UUID, operator: Operator, body: TenantAccountLifecycleRequest, session: OpenSession
) -> TenantAccountOperatorResponse:
    """The tenant is closed for good."""
    return _move(session, tenant_id, operator, body, TenantAccountStatus.DEPROVISIONED)


def _move(
    session: Session,
    tenant_id: UUID,
    operator: Principal,
    body: TenantAccountLifecycleRequest,
    status: TenantAccountStatus,
) -> TenantAccountOperatorResponse:
    """Move a tenant to a state; there is no way back from deprovisioned, and staying is no move."""
    tenant = tenant_of(session, tenant_id)
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
    session.flush()
    return tenant_view(tenant)


@router.get("/{tenant_id}/features")
async def get_tenant_feature_entitlements(
    tenant_id: UUID, _operator: Operator, service: Running, session: OpenSession
) -> TenantFeatureEntitlementsResponse:
    """Which features are open to the tenant."""
    tenant_of(session, tenant_id)
    return _entitlements(session, service, tenant_id)


@router.put("/{tenant_id}/features")
async def update_tenant_feature_entitlements(
    tenant_id: UUID,
    _operator: Operator,
    body: TenantFeatureEntitlementsUpdateRequest,
    service: Running,
    session: OpenSession,
) -> TenantFeatureEntitlementsResponse:
    """The named features are opened or shut for the tenant; null leaves it to the service again."""
    tenant_of(session, tenant_id)
    unknown = sorted(set(body.flags) - {str(feature) for feature in Feature})
    if unknown:
        known = ", ".join(Feature)
        raise bad_request(f"Unknown features: {', '.join(unknown)}. Use some of: {known}.")
    for feature, enabled in body.flags.items():
        _set(session, tenant_id, feature, enabled)
    session.flush()
    return _entitlements(session, service, tenant_id)


def _set(session: Session, tenant_id: UUID, feature: str, enabled: bool | None) -> None:
    row = session.get(TenantFeature, (tenant_id, feature))
    if enabled is None:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = TenantFeature(tenant_id=tenant_id, feature=feature)
        session.add(row)
    row.enabled = enabled


def _entitlements(
    session: Session, service: Service, tenant_id: UUID
) -> TenantFeatureEntitlementsResponse:
    flags = {
        str(feature): is_enabled(session, service.settings, tenant_id, feature)
        for feature in Feature
    }
    return TenantFeatureEntitlementsResponse(tenant_id=str(tenant_id), flags=flags)
