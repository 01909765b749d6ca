"""
Members of tenants: who may give which role, and the owner that every tenant keeps.
"""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import conflict, forbidden
from .models.shared import TenantRole
from .tables.users import Membership, User


async def is_last_owner(session: AsyncSession, membership: Membership) -> bool:
    """
    Tell whether a tenant has no other owner who can still sign in.
    """
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
    return not await session.scalar(others)


async def require_another_owner(session: AsyncSession, membership: Membership) -> None:
    """
    Refuse what would leave a tenant without an owner: 409.
    """
    if await is_last_owner(session, membership):
        raise conflict("The tenant needs an owner. Make another one first.")


def require_owner_for(caller: TenantRole, *roles: str) -> None:
    """
    Refuse that anybody but an owner gives or takes the role of an owner: 403.
    """
    if str(TenantRole.OWNER) in roles and caller is not TenantRole.OWNER:
        raise forbidden("Only an owner may give or take the role of an owner.")
