"""Optional features: switched off for the whole service by its settings, or for one tenant."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from ..database import Database
from ..settings import Settings
from ..tenants.models import TenantFeature
from ..web.errors import Refusal, forbidden


class Feature(StrEnum):
    """An optional feature of a tenant."""

    BILLING = "billing"
    BILLING_STREAM = "billing_stream"
    AI = "ai"
    VECTOR_STORES = "vector_stores"
    CONTAINERS = "containers"
    STORAGE = "storage"


class Standing(NamedTuple):
    """The state of a tenant, None for an unknown one, and whether it has a feature."""

    status: str | None
    has_feature: bool


_STANDING = """
    SELECT status, (SELECT enabled FROM tenant_features WHERE tenant_id = id AND feature = ?)
    FROM tenants WHERE id = ?
"""


def standing_of(database: Database, tenant_id: UUID, feature: Feature | None) -> Standing:
    """Return what every request of a tenant must know of it, in one read."""
    status, enabled = database.row(_STANDING, feature, tenant_id.hex) or (None, None)
    return Standing(status, enabled is None or bool(enabled))


def is_served(settings: Settings, feature: Feature) -> bool:
    """Tell whether the service has a feature at all."""
    if feature is Feature.BILLING_STREAM:
        return settings.enable_billing and settings.enable_billing_stream
    return settings.enable_billing if feature is Feature.BILLING else not settings.lacks(feature)


def is_enabled(session: Session, settings: Settings, tenant_id: UUID, feature: Feature) -> bool:
    """Tell whether a feature is open for a tenant: by the service, and not shut for the tenant."""
    own = session.get(TenantFeature, (tenant_id, str(feature)))
    return is_served(settings, feature) and (own is None or own.enabled)


def require_feature(
    session: Session, settings: Settings, tenant_id: UUID, feature: Feature
) -> None:
    """Refuse the use of a feature that is shut: 403."""
    if not is_enabled(session, settings, tenant_id, feature):
        raise closed(feature)


def closed(feature: Feature) -> Refusal:
    """Return the refusal of a feature that is shut."""
    return forbidden(f"The feature {str(feature)!r} is not enabled.")
