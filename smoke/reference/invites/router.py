"""Invitations into a tenant, and accepting them with a new account or with one's own."""

from uuid import UUID

from fastapi import APIRouter

from .. import schemas
from ..schemas import TeamInviteStatus
from ..security.principals import SignedIn
from ..security.tenancy import Admin, Viewer
from ..service import OpenSession, Running
from ..views import shown
from ..web.client_info import From
from ..web.paging import Offsets50
from . import service as invites
from .models import TeamInvite

router = APIRouter(prefix="/api/v1/tenants/invites", tags=["tenants"])


@router.get("/policy")
async def get_invite_policy(_caller: Viewer) -> schemas.TeamInvitePolicyResponse:
    return schemas.TeamInvitePolicyResponse(
        default_expires_hours=invites.DEFAULT_HOURS, max_expires_hours=invites.MAX_HOURS
    )


@router.get("")
async def list_invites(
    caller: Admin,
    session: OpenSession,
    page: Offsets50,
    status: TeamInviteStatus | None = None,
    email: str | None = None,
) -> schemas.TeamInviteListResponse:
    rows, total = invites.invites_page(session, caller.tenant_id, status, email, page)
    return schemas.TeamInviteListResponse(invites=[_view(row) for row in rows], total=total)


@router.post("", status_code=201)
async def issue_invite(
    caller: Admin, body: schemas.TeamInviteIssueRequest, session: OpenSession
) -> schemas.TeamInviteIssueResponse:
    row, token = invites.issue_invite(session, caller, body)
    return shown(schemas.TeamInviteIssueResponse, row, status=row.state, invite_token=token)


@router.post("/{invite_id}/revoke")
async def revoke_invite(
    invite_id: UUID, caller: Admin, session: OpenSession
) -> schemas.TeamInviteResponse:
    return _view(invites.revoke_invite(session, caller, invite_id))


@router.post("/accept", status_code=201)
async def accept_invite(
    body: schemas.TeamInviteAcceptRequest, service: Running, session: OpenSession, client: From
) -> schemas.UserSessionResponse:
    return invites.accept_as_new_user(service, session, body, client)


@router.post("/accept/current")
async def accept_invite_existing_user(
    caller: SignedIn, body: schemas.TeamInviteAcceptExistingRequest, session: OpenSession
) -> schemas.TeamInviteResponse:
    return _view(invites.accept_as_user(session, caller.user_id, body.token))


def _view(row: TeamInvite) -> schemas.TeamInviteResponse:
    return shown(schemas.TeamInviteResponse, row, status=row.state)
