"""
The members of the caller's tenant.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..activity import record_activity
from ..errors import conflict, not_found
from ..memberships import require_another_owner, require_owner_for
from ..models.shared import SuccessNoDataResponse, TenantRole
from ..models.tenants import (
    TeamMemberAddRequest,
    TeamMemberListResponse,
    TeamMemberResponse,
    TeamMemberRoleUpdateRequest,
)
from ..paging import Offset
from ..service import Session
from ..sign_in import revoke_sessions
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


@router.post("/members", status_code=201)
async def add_member(
    caller: Admin, body: TeamMemberAddRequest, session: Session
) -> TeamMemberResponse:
    """
    Somebody who has an account becomes a member; 404 without an account, 409 for a member.
    """
    require_owner_for(caller.role, body.role)
    user = await session.scalar(select(User).where(User.email == body.email.lower()))
    if user is None:
        raise not_found("User")
    if await session.get(Membership, (caller.tenant_id, user.id)) is not None:
        raise conflict("The user is a member already.")
    membership = Membership(tenant_id=caller.tenant_id, user_id=user.id, role=str(body.role))
    session.add(membership)
    _record(session, caller, membership, "tenant.member.added")
    await session.flush()
    return member_view(membership, user)


@router.patch("/members/{user_id}/role")
async def update_member_role(
    user_id: UUID, caller: Admin, body: TeamMemberRoleUpdateRequest, session: Session
) -> TeamMemberResponse:
    """
    A member has another role; tokens issued from now on carry its scopes.
    """
    membership = await _member(session, caller, user_id)
    if membership.role != body.role:
        require_owner_for(caller.role, membership.role, body.role)
        await require_another_owner(session, membership)
        membership.role = str(body.role)
        _record(session, caller, membership, "tenant.member.role_changed")
    return member_view(membership, await session.get_one(User, user_id))


@router.delete("/members/{user_id}")
async def remove_member(user_id: UUID, caller: Admin, session: Session) -> SuccessNoDataResponse:
    """
    A member belongs to the tenant no longer, and its sessions there end; 409 for the last owner.
    """
    membership = await _member(session, caller, user_id)
    require_owner_for(caller.role, membership.role)
    await require_another_owner(session, membership)
    _record(session, caller, membership, "tenant.member.removed")
    await session.delete(membership)
    await revoke_sessions(session, user_id, caller.tenant_id)
    return SuccessNoDataResponse(message="Member removed.")


async def _member(session: AsyncSession, caller: Caller, user_id: UUID) -> Membership:
    membership = await session.get(Membership, (caller.tenant_id, user_id))
    if membership is None:
        raise not_found("Member")
    return membership


def _record(session: AsyncSession, caller: Caller, membership: Membership, action: str) -> None:
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        action,
        actor_role=caller.role,
        object_type="user",
        object_id=membership.user_id,
        metadata={"role": membership.role},
    )


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
