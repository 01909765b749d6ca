"""Members of tenants: who may give which role, and the owner that every tenant keeps."""

import re
import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..schemas import TenantRole
from ..users.models import Membership, User
from ..web.errors import bad_request, conflict, forbidden
from .models import Tenant


def is_last_owner(session: Session, membership: Membership) -> bool:
    """Tell whether a tenant has no other owner who can still sign in."""
    if membership.role != TenantRole.OWNER:
        return False
    others = (
        select(func.count())
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.tenant_id == membership.tenant_id,
            Membership.user_id != membership.user_id,
            Membership.role == str(TenantRole.OWNER),
            User.disabled_at.is_(None),
        )
    )
    return not session.scalar(others)


def require_another_owner(session: Session, membership: Membership) -> None:
    """Refuse what would leave a tenant without an owner: 409."""
    if is_last_owner(session, membership):
        raise conflict("The tenant needs an owner. Make another one first.")


def require_owner_for(caller: TenantRole, *roles: str) -> None:
    """Refuse that anybody but an owner gives or takes the role of an owner: 403."""
    if str(TenantRole.OWNER) in roles and caller is not TenantRole.OWNER:
        raise forbidden("Only an owner may give or take the role of an owner.")


_LONGEST = 64
_SUFFIX_BYTES = 3


def free_slug(session: Session, name: str) -> str:
    """Return a slug made of a name that no tenant has."""
    stem = _slugified(name)[: _LONGEST - 2 * _SUFFIX_BYTES - 1].strip("-") or "tenant"
    slug = stem
    while _is_taken(session, slug):
        slug = f"{stem}-{secrets.token_hex(_SUFFIX_BYTES)}"
    return slug


def wanted_slug(session: Session, slug: str) -> str:
    """Return a slug that somebody chose, in its normal form.

    Raises:
        Refusal: 400, it has no letter or digit; 409, a tenant has it.
    """
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
