"""
The optional surfaces of one tenant, for platform operators.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import bad_request
from ..features import Feature, is_enabled
from ..models.platform import (
    TenantFeatureEntitlementsResponse,
    TenantFeatureEntitlementsUpdateRequest,
)
from ..principals import Principal, signed_in
from ..roles import OPERATOR_SCOPE
from ..service import Running, Service, Session
from ..tables.tenants import TenantFeature
from .platform_tenants import tenant_of

router = APIRouter(prefix="/api/v1/platform/tenants/{tenant_id}/features", tags=["platform"])
Operator = Annotated[Principal, Depends(signed_in(scope=OPERATOR_SCOPE))]


@router.get("")
async def get_tenant_feature_entitlements(
    tenant_id: UUID, _operator: Operator, service: Running, session: Session
) -> TenantFeatureEntitlementsResponse:
    """
    Which features are open to the tenant.
    """
    await tenant_of(session, tenant_id)
    return await _entitlements(session, service, tenant_id)


@router.put("")
async def update_tenant_feature_entitlements(
    tenant_id: UUID,
    _operator: Operator,
    body: TenantFeatureEntitlementsUpdateRequest,
    service: Running,
    session: Session,
) -> TenantFeatureEntitlementsResponse:
    """
    The named features are opened or shut for the tenant; null leaves it to the service again.
    """
    await tenant_of(session, tenant_id)
    unknown = sorted(set(body.flags) - {str(feature) for feature in Feature})
    if unknown:
        known = ", ".join(Feature)
        raise bad_request(f"Unknown features: {', '.join(unknown)}. Use some of: {known}.")
    for feature, enabled in body.flags.items():
        await _set(session, tenant_id, feature, enabled)
    await session.flush()
    return await _entitlements(session, service, tenant_id)


async def _set(session: AsyncSession, tenant_id: UUID, feature: str, enabled: bool | None) -> None:
    row = await session.get(TenantFeature, (tenant_id, feature))
    if enabled is None:
        if row is not None:
            await session.delete(row)
        return
    if row is None:
        row = TenantFeature(tenant_id=tenant_id, feature=feature)
        session.add(row)
    row.enabled = enabled


async def _entitlements(
    session: AsyncSession, service: Service, tenant_id: UUID
) -> TenantFeatureEntitlementsResponse:
    flags = {
        str(feature): await is_enabled(session, service.settings, tenant_id, feature)
        for feature in Feature
    }
    return TenantFeatureEntitlementsResponse(tenant_id=str(tenant_id), flags=flags)
