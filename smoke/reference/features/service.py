"""Optional surfaces: switched off for the whole service by its settings, or for one tenant."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..settings import Settings
from ..tenants.models import TenantFeature
from ..web.errors import forbidden


class Feature(StrEnum):
    """An optional surface; the setting `enable_<value>` opens it for the service."""

    BILLING = "billing"
    BILLING_STREAM = "billing_stream"
    AI = "ai"
    VECTOR_STORES = "vector_stores"
    CONTAINERS = "containers"
    STORAGE = "storage"


async def is_enabled(
    session: AsyncSession, settings: Settings, tenant_id: UUID, feature: Feature
) -> bool:
    """Tell whether a feature is open for a tenant: by the service, and not shut for the tenant."""
    if not getattr(settings, f"enable_{feature}"):
        return False
    own = await session.get(TenantFeature, (tenant_id, str(feature)))
    return own is None or own.enabled


async def require_feature(
    session: AsyncSession, settings: Settings, tenant_id: UUID, feature: Feature | None
) -> None:
    """Refuse the use of a feature that is shut: 403."""
    if feature and not await is_enabled(session, settings, tenant_id, feature):
        raise forbidden(f"The feature {str(feature)!r} is not enabled.")
