"""All tenants, as platform operators make, find, move and change them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..database import now
from ..features.service import Feature, is_enabled
from ..schemas import TenantAccountStatus
from ..settings import Settings
from ..tenants.models import Tenant, TenantFeature
from ..tenants.service import free_slug, tenant_or_404, wanted_slug
from ..web.errors import bad_request, conflict
from ..web.paging import Offsets, filtered


def tenants_page(
    session: Session, status: TenantAccountStatus | None, text: str | None, page: Offsets
) -> tuple[list[Tenant], int]:
    """Return a page of the tenants with a text in name or slug, and how many there are."""
    query = filtered(select(Tenant), status=status)
    if text:
        found = Tenant.name.icontains(text, autoescape=True)
        query = query.where(found | Tenant.slug.icontains(text, autoescape=True))
    return page.counted(session, query, Tenant.created_at, Tenant.id)


def create_tenant(session: Session, operator_id: UUID, name: str, slug: str | None) -> Tenant:
    """Make a tenant without members; its slug is made of its name unless given."""
    slug = free_slug(session, name) if slug is None else wanted_slug(session, slug)
    tenant = Tenant(slug=slug, name=name, status_updated_at=now(), status_updated_by=operator_id)
    session.add(tenant)
    session.flush()
    return tenant


def update_tenant(session: Session, tenant_id: UUID, name: str | None, slug: str | None) -> Tenant:
    """Give a tenant another name or slug; 400 when neither is sent."""
    if name is None and slug is None:
        raise bad_request("There is nothing to change. Send name or slug.")
    tenant = tenant_or_404(session, tenant_id)
    if slug is not None and slug != tenant.slug:
        tenant.slug = wanted_slug(session, slug)
    tenant.name = name or tenant.name
    session.flush()
    return tenant


def move_tenant(
    session: Session, tenant_id: UUID, status: TenantAccountStatus, operator_id: UUID, reason: str
) -> Tenant:
    """Move a tenant to a state; there is no way back from deprovisioned, and staying is no move."""
    tenant = tenant_or_404(session, tenant_id)
    if tenant.status == status:
        return tenant
    if tenant.status == TenantAccountStatus.DEPROVISIONED:
        raise conflict("The tenant is deprovisioned for good.")
    tenant.status, tenant.status_reason = str(status), reason
    tenant.status_updated_at, tenant.status_updated_by = now(), operator_id
    if status is TenantAccountStatus.SUSPENDED:
        tenant.suspended_at = now()
    if status is TenantAccountStatus.DEPROVISIONED:
        tenant.deprovisioned_at = now()
    record_activity(session, tenant.id, operator_id, f"tenant.{status}", object_id=tenant.id)
    session.flush()
    return tenant


def features_of(session: Session, settings: Settings, tenant_id: UUID) -> dict[str, bool]:
    """Return which features are open to a tenant."""
    tenant_or_404(session, tenant_id)
    return {str(feature): is_enabled(session, settings, tenant_id, feature) for feature in Feature}


def set_features(session: Session, tenant_id: UUID, flags: Mapping[str, bool | None]) -> None:
    """Open or shut features for a tenant; None leaves one to the service again."""
    tenant_or_404(session, tenant_id)
    unknown = sorted(set(flags) - {str(feature) for feature in Feature})
    if unknown:
        known = ", ".join(Feature)
        raise bad_request(f"Unknown features: {', '.join(unknown)}. Use some of: {known}.")
    for feature, enabled in flags.items():
        row = session.get(TenantFeature, (tenant_id, feature))
        if enabled is not None:
            session.merge(TenantFeature(tenant_id=tenant_id, feature=feature, enabled=enabled))
        elif row is not None:
            session.delete(row)
    session.flush()
