"""Which optional surfaces are open for the caller's tenant."""

from typing import Annotated

from fastapi import APIRouter, Depends

from ..schemas import TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession, Running
from .schemas import FeatureSnapshotResponse
from .service import Feature, is_enabled

router = APIRouter(prefix="/api/v1/features", tags=["features"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]


@router.get("")
async def get_feature_snapshot(
    caller: Viewer, session: OpenSession, service: Running
) -> FeatureSnapshotResponse:
    """What is open, by the service and by the tenant."""
    settings, tenant_id = service.settings, caller.tenant_id
    billing = is_enabled(session, settings, tenant_id, Feature.BILLING)
    stream = is_enabled(session, settings, tenant_id, Feature.BILLING_STREAM)
    return FeatureSnapshotResponse(
        billing_enabled=billing, billing_stream_enabled=billing and stream
    )
