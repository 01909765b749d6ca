"""Invitations into a tenant, and accepting them with a new account or with one's own."""

from uuid import UUID

from fastapi import APIRouter

from ..schemas import UserSessionResponse, shown
from ..security.principals import SignedIn
from ..security.tenancy import Admin, Viewer
from ..service import OpenSession, Running
from ..web.client_info import From
from ..web.paging import Limit200, Offset
from . import service as invites
from .models import TeamInvite
from .schemas import (
    TeamInviteAcceptExistingRequest,
    TeamInviteAcceptRequest,
    TeamInviteIssueRequest,
    TeamInviteIssueResponse,
    TeamInviteListResponse,
    TeamInvitePolicyResponse,
    TeamInviteResponse,
    TeamInviteStatus,
)

router = APIRouter(prefix="/api/v1/tenants/invites", tags=["tenants"])


@router.get("/policy")
async def get_invite_policy(_caller: Viewer) -> TeamInvitePolicyResponse:
    """Return how long invitations last."""
    return TeamInvitePolicyResponse(
        default_expires_hours=invites.DEFAULT_HOURS, max_expires_hours=invites.MAX_HOURS
    )


@router.get("")
async def list_invites(
    caller: Admin,
    session: OpenSession,
    status: TeamInviteStatus | None = None,
    email: str | None = None,
    limit: Limit200 = 50,
    offset: Offset = 0,
) -> TeamInviteListResponse:
    """Return the tenant's invitations, newest first."""
    rows, total = invites.invites_page(
        session, caller.tenant_id, status, email, limit=limit, offset=offset
    )
    return TeamInviteListResponse(invites=[_view(row) for row in rows], total=total)


@router.post("", status_code=201)
async def issue_invite(
    caller: Admin, body: TeamInviteIssueRequest, session: OpenSession
) -> TeamInviteIssueResponse:
    """Make an invitation; its token is shown only once."""
    row, token = invites.issue_invite(session, caller, body)
    return shown(TeamInviteIssueResponse, row, status=row.state, invite_token=token)


@router.post("/{invite_id}/revoke")
async def revoke_invite(invite_id: UUID, caller: Admin, session: OpenSession) -> TeamInviteResponse:
    """Let nobody accept an invitation any more."""
    return _view(invites.revoke_invite(session, caller, invite_id))


@router.post("/accept", status_code=201)
async def accept_invite(
    body: TeamInviteAcceptRequest, service: Running, session: OpenSession, client: From
) -> UserSessionResponse:
    """Make an account for the invited address, and begin a session."""
    return invites.accept_as_new_user(service, session, body, client)


@router.post("/accept/current")
async def accept_invite_existing_user(
    caller: SignedIn, body: TeamInviteAcceptExistingRequest, session: OpenSession
) -> TeamInviteResponse:
    """Make the caller a member."""
    return _view(invites.accept_as_user(session, caller.user_id, body.token))


def _view(row: TeamInvite) -> TeamInviteResponse:
    return shown(TeamInviteResponse, row, status=row.state)
