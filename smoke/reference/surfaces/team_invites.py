"""
Invitations into the caller's tenant.
"""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select

from ..activity import record_activity
from ..database import now
from ..errors import conflict, not_found
from ..memberships import require_owner_for
from ..models.shared import TenantRole
from ..models.tenants import (
    TeamInviteIssueRequest,
    TeamInviteIssueResponse,
    TeamInviteListResponse,
    TeamInvitePolicyResponse,
    TeamInviteResponse,
    TeamInviteStatus,
)
from ..opaque_tokens import new_token
from ..paging import Offset
from ..service import Session
from ..tables.invites import TeamInvite
from ..tables.users import Membership, User
from ..team_invites import DEFAULT_HOURS, MAX_HOURS, has_status, invite_view, status_of
from ..tenancy import Caller, in_tenant

router = APIRouter(prefix="/api/v1/tenants/invites", tags=["tenants"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN))]


@router.get("/policy")
async def get_invite_policy(_caller: Viewer) -> TeamInvitePolicyResponse:
    """
    How long invitations last.
    """
    return TeamInvitePolicyResponse(
        default_expires_hours=DEFAULT_HOURS, max_expires_hours=MAX_HOURS
    )


@router.get("")
async def list_invites(
    caller: Admin,
    session: Session,
    status: Annotated[TeamInviteStatus | None, Query()] = None,
    email: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> TeamInviteListResponse:
    """
    The tenant's invitations, newest first.
    """
    query = select(TeamInvite).where(TeamInvite.tenant_id == caller.tenant_id)
    if status is not None:
        query = query.where(has_status(status))
    if email is not None:
        query = query.where(TeamInvite.invited_email == email.lower())
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(TeamInvite.created_at.desc(), TeamInvite.id)
    rows = await session.scalars(page.limit(limit).offset(offset))
    invites = [TeamInviteResponse(**invite_view(row)) for row in rows]
    return TeamInviteListResponse(invites=invites, total=total or 0)


@router.post("", status_code=201)
async def issue_invite(
    caller: Admin, body: TeamInviteIssueRequest, session: Session
) -> TeamInviteIssueResponse:
    """
    An invitation, and its token, which is told only once; 409 for a member.
    """
    require_owner_for(caller.role, body.role)
    email = body.invited_email.lower()
    ours = Membership.tenant_id == caller.tenant_id
    members = select(User.id).join(Membership, Membership.user_id == User.id).where(ours)
    if await session.scalar(members.where(User.email == email)):
        raise conflict("The user is a member already.")
    token = new_token()
    hours = body.expires_in_hours or DEFAULT_HOURS
    row = TeamInvite(
        tenant_id=caller.tenant_id,
        digest=token.digest,
        token_hint=token.hint,
        invited_email=email,
        role=str(body.role),
        created_by_user_id=caller.user_id,
        expires_at=now() + timedelta(hours=hours),
    )
    session.add(row)
    record_activity(
        session, caller.tenant_id, caller.user_id, "tenant.invite.issued", actor_role=caller.role,
        object_type="invite", object_id=row.id, object_name=email,
    )  # fmt: skip
    await session.flush()
    return TeamInviteIssueResponse(**invite_view(row, invite_token=token.text))


@router.post("/{invite_id}/revoke")
async def revoke_invite(invite_id: UUID, caller: Admin, session: Session) -> TeamInviteResponse:
    """
    An invitation cannot be accepted any more; 409 once it was accepted or revoked.
    """
    row = await session.get(TeamInvite, invite_id)
    if row is None or row.tenant_id != caller.tenant_id:
        raise not_found("Invite")
    if row.status != TeamInviteStatus.ACTIVE:
        raise conflict(f"The invite is {status_of(row)}.")
    row.status, row.revoked_at, row.revoked_reason = "revoked", now(), "revoked by an admin"
    return TeamInviteResponse(**invite_view(row))
