"""Tenant accounts, their slugs, and their settings, written with optimistic locking."""

import re
import secrets
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import existing
from ..security.tenancy import Caller
from ..web.errors import Refusal, bad_request, conflict
from .models import Tenant, TenantSettings

_LONGEST = 64
_SUFFIX_BYTES = 3


def tenant_or_404(session: Session, tenant_id: UUID) -> Tenant:
    """Return a tenant in whatever state, or refuse with 404."""
    return existing(session, Tenant, tenant_id, "Tenant")


def rename(session: Session, caller: Caller, name: str) -> Tenant:
    """Give the caller's tenant another name."""
    tenant = tenant_or_404(session, caller.tenant_id)
    tenant.name = name
    caller.record(session, "tenant.account.updated", "tenant", tenant.id, tenant.name)
    session.flush()
    return tenant


def settings_of(session: Session, tenant_id: UUID) -> TenantSettings:
    """Return a tenant's settings; those of version 0 before the first write."""
    row = session.get(TenantSettings, tenant_id)
    return row or TenantSettings(
        tenant_id=tenant_id, billing_contacts=[], plan_metadata={}, flags={}, version=0
    )


def replace_settings(
    session: Session,
    caller: Caller,
    if_match: str | None,
    body: schemas.TenantSettingsUpdateRequest,
) -> TenantSettings:
    """Replace the settings of the version in `If-Match`; 428 without, 400, 409 for another."""
    wanted = _version(if_match)
    row = settings_of(session, caller.tenant_id)
    if wanted != row.version:
        raise conflict(f"The settings are at version {row.version}, not {wanted}. Read them again.")
    row.billing_contacts = [contact.model_dump() for contact in body.billing_contacts]
    row.billing_webhook_url = str(body.billing_webhook_url) if body.billing_webhook_url else None
    row.plan_metadata = body.plan_metadata
    row.flags = {k: v for k, v in body.flags.items() if not k.startswith("feature.")}
    row.version += 1
    session.add(row)
    caller.record(session, "tenant.settings.updated", "tenant", caller.tenant_id)
    session.flush()
    return row


def free_slug(session: Session, name: str) -> str:
    """Return a slug made of a name that no tenant has."""
    stem = _slugified(name)[: _LONGEST - 2 * _SUFFIX_BYTES - 1].strip("-") or "tenant"
    slug = stem
    while _is_taken(session, slug):
        slug = f"{stem}-{secrets.token_hex(_SUFFIX_BYTES)}"
    return slug


def wanted_slug(session: Session, slug: str) -> str:
    """Return a chosen slug in its normal form; 400 without letters or digits, 409 if taken."""
    normal = _slugified(slug)
    if not normal:
        raise bad_request(f"The slug {slug!r} has no letter or digit. Use a-z, 0-9 and hyphens.")
    if _is_taken(session, normal):
        raise conflict(f"The slug {normal!r} is taken.")
    return normal


def _slugified(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST]


def _is_taken(session: Session, slug: str) -> bool:
    return session.scalar(select(Tenant.id).where(Tenant.slug == slug)) is not None


def _version(if_match: str | None) -> int:
    """Return the version in `3`, `"3"` or `W/"3"`."""
    if if_match is None:
        raise Refusal(428, "If-Match is needed. Send the ETag of the settings.")
    match = re.fullmatch(r'(?:W/)?"(\d{1,9})"|(\d{1,9})', if_match.strip())
    if match is None:
        raise bad_request(f"If-Match {if_match!r} is not a version. Send the ETag of the settings.")
    return int(match[1] or match[2])
