"""Which optional features are open for the caller's tenant."""

from fastapi import APIRouter

from .. import schemas
from ..security.tenancy import Viewer
from ..service import OpenSession, Running
from .service import Feature, is_enabled

router = APIRouter(prefix="/api/v1/features", tags=["features"])


@router.get("")
async def get_feature_snapshot(
    caller: Viewer, session: OpenSession, service: Running
) -> schemas.FeatureSnapshotResponse:
    billing, stream = (
        is_enabled(session, service.settings, caller.tenant_id, feature)
        for feature in (Feature.BILLING, Feature.BILLING_STREAM)
    )
    return schemas.FeatureSnapshotResponse(
        billing_enabled=billing, billing_stream_enabled=billing and stream
    )
