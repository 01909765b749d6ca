"""
The members of the caller's tenant.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select

from ..models.shared import TenantRole
from ..models.tenants import TeamMemberListResponse, TeamMemberResponse
from ..paging import Offset
from ..service import Session
from ..tables.users import Membership, User
from ..tenancy import Caller, in_tenant

router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN))]


@router.get("/members")
async def list_members(
    caller: Admin,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> TeamMemberListResponse:
    """
    The members, in the order of joining.
    """
    ours = Membership.tenant_id == caller.tenant_id
    total = await session.scalar(select(func.count()).select_from(Membership).where(ours))
    owners = await session.scalar(
        select(func.count()).select_from(Membership).where(ours, Membership.role == "owner")
    )
    rows = await session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(ours)
        .order_by(Membership.joined_at, Membership.user_id)
        .limit(limit)
        .offset(offset)
    )
    members = [member_view(membership, user) for membership, user in rows]
    return TeamMemberListResponse(members=members, total=total or 0, owner_count=owners or 0)


def member_view(membership: Membership, user: User) -> TeamMemberResponse:
    """
    Return a member as it is answered.
    """
    return TeamMemberResponse(
        user_id=user.id,
        tenant_id=membership.tenant_id,
        email=user.email,
        display_name=user.display_name,
        role=TenantRole(membership.role),
        status="disabled" if user.disabled_at else membership.status,
        email_verified=user.email_verified,
        joined_at=membership.joined_at,
    )
