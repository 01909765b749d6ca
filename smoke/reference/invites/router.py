"""Invitations into the caller's tenant."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select

from ..activity.log import record_activity
from ..auth.service import open_session
from ..database import now
from ..schemas import TenantRole, UserSessionResponse
from ..security.passwords import hash_password
from ..security.principals import SignedIn
from ..security.tenancy import Caller, in_tenant
from ..security.tokens import new_token
from ..service import OpenSession, Running
from ..tenants.schemas import (
    TeamInviteAcceptExistingRequest,
    TeamInviteAcceptRequest,
    TeamInviteIssueRequest,
    TeamInviteIssueResponse,
    TeamInviteListResponse,
    TeamInvitePolicyResponse,
    TeamInviteResponse,
    TeamInviteStatus,
)
from ..tenants.service import require_owner_for
from ..users.models import Membership, User
from ..web.client_info import From
from ..web.errors import conflict, forbidden, not_found
from ..web.paging import Offset
from .models import TeamInvite
from .service import (
    DEFAULT_HOURS,
    MAX_HOURS,
    has_status,
    invite_view,
    redeem_invite,
    status_of,
    usable_invite,
)

router = APIRouter(prefix="/api/v1/tenants/invites", tags=["tenants"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN))]


@router.get("/policy")
async def get_invite_policy(_caller: Viewer) -> TeamInvitePolicyResponse:
    """How long invitations last."""
    return TeamInvitePolicyResponse(
        default_expires_hours=DEFAULT_HOURS, max_expires_hours=MAX_HOURS
    )


@router.get("")
async def list_invites(
    caller: Admin,
    session: OpenSession,
    status: Annotated[TeamInviteStatus | None, Query()] = None,
    email: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> TeamInviteListResponse:
    """The tenant's invitations, newest first."""
    query = select(TeamInvite).where(TeamInvite.tenant_id == caller.tenant_id)
    if status is not None:
        query = query.where(has_status(status))
    if email is not None:
        query = query.where(TeamInvite.invited_email == email.lower())
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(TeamInvite.created_at.desc(), TeamInvite.id)
    rows = session.scalars(page.limit(limit).offset(offset))
    invites = [TeamInviteResponse(**invite_view(row)) for row in rows]
    return TeamInviteListResponse(invites=invites, total=total or 0)


@router.post("", status_code=201)
async def issue_invite(
    caller: Admin, body: TeamInviteIssueRequest, session: OpenSession
) -> TeamInviteIssueResponse:
    """An invitation, and its token, which is told only once; 409 for a member."""
    require_owner_for(caller.role, body.role)
    email = body.invited_email.lower()
    ours = Membership.tenant_id == caller.tenant_id
    members = select(User.id).join(Membership, Membership.user_id == User.id).where(ours)
    if session.scalar(members.where(User.email == email)):
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
    session.flush()
    return TeamInviteIssueResponse(**invite_view(row, invite_token=token.text))


@router.post("/{invite_id}/revoke")
async def revoke_invite(invite_id: UUID, caller: Admin, session: OpenSession) -> TeamInviteResponse:
    """An invitation cannot be accepted any more; 409 once it was accepted or revoked."""
    row = session.get(TeamInvite, invite_id)
    if row is None or row.tenant_id != caller.tenant_id:
        raise not_found("Invite")
    if row.status != TeamInviteStatus.ACTIVE:
        raise conflict(f"The invite is {status_of(row)}.")
    row.status, row.revoked_at, row.revoked_reason = "revoked", now(), "revoked by an admin"
    return TeamInviteResponse(**invite_view(row))


@router.post("/accept", status_code=201)
async def accept_invite(
    body: TeamInviteAcceptRequest, service: Running, client: From
) -> UserSessionResponse:
    """An account is made for the invited address, verified by the token, and a session begins."""
    with service.database.reading() as session:
        usable_invite(session, body.token)
    password_hash = hash_password(body.password)
    async with service.database.writing() as session:
        row = usable_invite(session, body.token)
        if session.scalar(select(User.id).where(User.email == row.invited_email)):
            raise conflict("The address has an account. Sign in and accept as that user.")
        user = User(
            email=row.invited_email,
            password_hash=password_hash,
            display_name=body.display_name,
            email_verified=True,
        )
        session.add(user)
        session.flush()
        membership = redeem_invite(session, row, user.id)
        record_activity(
            session, row.tenant_id, user.id, "tenant.invite.accepted", actor_role=row.role,
            object_type="invite", object_id=row.id,
        )  # fmt: skip
        return open_session(service, session, user, membership, client)


@router.post("/accept/current")
async def accept_invite_existing_user(
    principal: SignedIn, body: TeamInviteAcceptExistingRequest, session: OpenSession
) -> TeamInviteResponse:
    """The caller becomes a member; 403 when somebody else was invited, 409 for a member."""
    row = usable_invite(session, body.token)
    user = session.get(User, principal.user_id)
    if user is None or user.email != row.invited_email:
        raise forbidden("The invite is for another e-mail address.")
    if session.get(Membership, (row.tenant_id, user.id)):
        raise conflict("The caller is a member already.")
    redeem_invite(session, row, user.id)
    session.flush()
    return TeamInviteResponse(**invite_view(row))
