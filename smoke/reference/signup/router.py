"""Registration, requests for access, and the invitations that operators issue."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from .. import schemas
from ..schemas import SignupInviteStatus, SignupRequestStatus
from ..security.principals import Principal, signed_in
from ..service import OpenSession, Running, Service
from ..settings import SignupPolicy
from ..views import shown
from ..web.client_info import From
from ..web.paging import Offsets50
from . import invites
from . import service as signup
from .models import SignupInvite

router = APIRouter(prefix="/api/v1/auth", tags=["auth", "auth"])
Decider = Annotated[Principal, Depends(signed_in(scope="auth:signup_requests"))]
Inviter = Annotated[Principal, Depends(signed_in(scope="auth:invites"))]


@router.get("/signup-policy")
async def get_signup_access_policy(service: Running) -> schemas.SignupAccessPolicyResponse:
    return _policy(service)


@router.post("/register", status_code=201)
async def register_tenant(
    body: schemas.UserRegisterRequest, service: Running, session: OpenSession, client: From
) -> schemas.UserRegisterResponse:
    answer, tenant = signup.register(service, session, body, client)
    return schemas.UserRegisterResponse(**answer.model_dump(), tenant_slug=tenant.slug)


@router.post("/request-access", status_code=202)
async def submit_access_request(
    body: schemas.SignupRequestPublicRequest, service: Running, session: OpenSession, client: From
) -> schemas.SignupAccessPolicyResponse:
    signup.request_access(service, session, body, client)
    return _policy(service)


@router.get("/signup-requests")
async def list_signup_requests(
    _operator: Decider,
    session: OpenSession,
    page: Offsets50,
    status: SignupRequestStatus | None = None,
) -> schemas.SignupRequestListResponse:
    rows, total = signup.requests_page(session, status, page)
    requests = [shown(schemas.SignupRequestResponse, row) for row in rows]
    return schemas.SignupRequestListResponse(requests=requests, total=total)


@router.post("/signup-requests/{request_id}/approve")
async def approve_signup_request(
    request_id: UUID,
    operator: Decider,
    body: schemas.SignupRequestApprovalRequest,
    session: OpenSession,
) -> schemas.SignupRequestDecisionResponse:
    hours = body.invite_expires_in_hours
    row, invite, token = signup.approve(session, request_id, operator.user_id, body.note, hours)
    return schemas.SignupRequestDecisionResponse(
        request=shown(schemas.SignupRequestResponse, row), invite=_issued(invite, token)
    )


@router.post("/signup-requests/{request_id}/reject")
async def reject_signup_request(
    request_id: UUID,
    operator: Decider,
    body: schemas.SignupRequestRejectionRequest,
    session: OpenSession,
) -> schemas.SignupRequestDecisionResponse:
    row = signup.reject(session, request_id, operator.user_id, body.reason)
    return schemas.SignupRequestDecisionResponse(request=shown(schemas.SignupRequestResponse, row))


@router.get("/invites")
async def list_invites(
    _operator: Inviter,
    session: OpenSession,
    page: Offsets50,
    status: SignupInviteStatus | None = None,
    email: str | None = None,
    request_id: UUID | None = None,
) -> schemas.SignupInviteListResponse:
    rows, total = invites.invites_page(session, status, email, request_id, page)
    return schemas.SignupInviteListResponse(invites=[_invite(row) for row in rows], total=total)


@router.post("/invites", status_code=201)
async def issue_invite(
    _operator: Inviter, body: schemas.SignupInviteIssueRequest, session: OpenSession
) -> schemas.SignupInviteIssueResponse:
    return _issued(*invites.issue_invite(session, body))


@router.post("/invites/{invite_id}/revoke")
async def revoke_invite(
    invite_id: UUID, _operator: Inviter, session: OpenSession
) -> schemas.SignupInviteResponse:
    return _invite(invites.revoke_invite(session, invite_id))


def _policy(service: Service) -> schemas.SignupAccessPolicyResponse:
    policy = service.settings.signup_access_policy
    closed = policy is not SignupPolicy.PUBLIC
    return schemas.SignupAccessPolicyResponse(
        policy=str(policy), invite_required=closed, request_access_enabled=closed
    )


def _invite(row: SignupInvite) -> schemas.SignupInviteResponse:
    return shown(schemas.SignupInviteResponse, row, status=row.state)


def _issued(row: SignupInvite, token: str) -> schemas.SignupInviteIssueResponse:
    return shown(schemas.SignupInviteIssueResponse, row, status=row.state, invite_token=token)
