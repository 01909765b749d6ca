"""
Slugs of tenants.
"""

import re
import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import bad_request, conflict
from .tables.tenants import Tenant

_LONGEST = 64
_SUFFIX_BYTES = 3


async def free_slug(session: AsyncSession, name: str) -> str:
    """
    Return a slug made of a name that no tenant has.
    """
    stem = _slugified(name)[: _LONGEST - 2 * _SUFFIX_BYTES - 1].strip("-") or "tenant"
    slug = stem
    while await _is_taken(session, slug):
        slug = f"{stem}-{secrets.token_hex(_SUFFIX_BYTES)}"
    return slug


async def wanted_slug(session: AsyncSession, slug: str) -> str:
    """
    Return a slug that somebody chose, in its normal form.

    Raises:
        Refusal: 400, it has no letter or digit; 409, a tenant has it.
    """
    normal = _slugified(slug)
    if not normal:
        raise bad_request(f"The slug {slug!r} has no letter or digit. Use a-z, 0-9 and hyphens.")
    if await _is_taken(session, normal):
        raise conflict(f"The slug {normal!r} is taken.")
    return normal


def _slugified(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST]


async def _is_taken(session: AsyncSession, slug: str) -> bool:
    return await session.scalar(select(Tenant.id).where(Tenant.slug == slug)) is not None
