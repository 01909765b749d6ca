"""Sign-up: who may register, registering, and asking for access."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..auth.service import open_session
from ..billing.catalogue import PLAN_CODES
from ..credentials.service import Purpose, issue_token
from ..schemas import TenantRole
from ..security.passwords import hash_password
from ..security.principals import Principal, signed_in
from ..service import OpenSession, Running, Service
from ..settings import SignupPolicy
from ..tenants.models import Tenant
from ..tenants.service import free_slug
from ..users.models import Membership, User
from ..web.client_info import ClientInfo, From
from ..web.errors import bad_request, conflict, not_found, too_many_requests
from ..web.limits import SIGNUP_ADDRESS, SIGNUP_DOMAIN, SIGNUP_EMAIL
from ..web.paging import Offset
from .models import SignupInvite, SignupRequest
from .schemas import (
    SignupAccessPolicyResponse,
    SignupInviteIssueRequest,
    SignupInviteIssueResponse,
    SignupInviteListResponse,
    SignupInviteResponse,
    SignupInviteStatus,
    SignupRequestApprovalRequest,
    SignupRequestDecisionResponse,
    SignupRequestListResponse,
    SignupRequestPublicRequest,
    SignupRequestRejectionRequest,
    SignupRequestResponse,
    SignupRequestStatus,
    UserRegisterRequest,
    UserRegisterResponse,
)
from .service import has_status, issue_signup_invite, redeem_signup_invite, signup_invite_view

router = APIRouter(prefix="/api/v1/auth", tags=["auth", "auth"])
_PENDING_PER_ADDRESS = 3


@router.get("/signup-policy")
async def get_signup_access_policy(service: Running) -> SignupAccessPolicyResponse:
    """Whether an invitation is needed to register, and whether one may ask for it."""
    return _policy(service)


@router.post("/register", status_code=201)
async def register_tenant(
    body: UserRegisterRequest, service: Running, client: From
) -> UserRegisterResponse:
    """A tenant, its owner with an address not verified yet, and a session."""
    if body.plan_code not in (None, *PLAN_CODES):
        raise bad_request(f"The plan {body.plan_code!r} is unknown. Use starter or pro.")
    _count(service, body.email, client)
    password_hash = hash_password(body.password)
    async with service.database.writing() as session:
        _require_leave(service, session, body)
        user = User(
            email=body.email.lower(), password_hash=password_hash, display_name=body.display_name
        )
        slug = free_slug(session, body.tenant_name)
        tenant = Tenant(slug=slug, name=body.tenant_name, plan_code=body.plan_code)
        session.add_all([user, tenant])
        session.flush()
        membership = Membership(tenant_id=tenant.id, user_id=user.id, role=str(TenantRole.OWNER))
        session.add(membership)
        issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
        record_activity(session, tenant.id, user.id, "tenant.registered", object_name=tenant.name)
        answer = open_session(service, session, user, membership, client)
    return UserRegisterResponse(**answer.model_dump(), tenant_slug=tenant.slug)


@router.post("/request-access", status_code=202)
async def submit_access_request(
    body: SignupRequestPublicRequest, service: Running, session: OpenSession, client: From
) -> SignupAccessPolicyResponse:
    """
    A request that an operator decides; who fills the field that people do not see is not heard.
    """
    _count(service, body.email, client)
    if not body.honeypot:
        _require_few_pending(service, session, client)
        session.add(
            SignupRequest(
                email=body.email.lower(),
                organization=body.organization,
                full_name=body.full_name,
                message=body.message,
                ip_address=client.ip_address,
            )
        )
    return _policy(service)


def _count(service: Service, email: str, client: ClientInfo) -> None:
    for limit in SIGNUP_ADDRESS:
        service.limits.count(limit, client.ip_address)
    service.limits.count(SIGNUP_EMAIL, email)
    service.limits.count(SIGNUP_DOMAIN, email.rpartition("@")[2])


def _require_leave(service: Service, session: Session, body: UserRegisterRequest) -> None:
    """Refuse an address that has an account (409), and those who need an invitation (403)."""
    email = body.email.lower()
    if session.scalar(select(User.id).where(User.email == email)):
        raise conflict("The e-mail address has an account.")
    if service.settings.signup_access_policy is not SignupPolicy.PUBLIC or body.invite_token:
        redeem_signup_invite(session, body.invite_token, email)


def _require_few_pending(service: Service, session: Session, client: ClientInfo) -> None:
    if not service.settings.enable_rate_limits:
        return
    query = select(func.count()).where(
        SignupRequest.ip_address == client.ip_address, SignupRequest.status == "pending"
    )
    if (session.scalar(query) or 0) >= _PENDING_PER_ADDRESS:
        raise too_many_requests("Too many requests of this address wait for a decision.")


def _policy(service: Service) -> SignupAccessPolicyResponse:
    policy = service.settings.signup_access_policy
    return SignupAccessPolicyResponse(
        policy=str(policy),
        invite_required=policy is not SignupPolicy.PUBLIC,
        request_access_enabled=policy is not SignupPolicy.PUBLIC,
    )


Decider = Annotated[Principal, Depends(signed_in(scope="auth:signup_requests"))]


@router.get("/signup-requests")
async def list_signup_requests(
    _operator: Decider,
    session: OpenSession,
    status: Annotated[SignupRequestStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> SignupRequestListResponse:
    """The requests, newest first."""
    query = select(SignupRequest)
    if status is not None:
        query = query.where(SignupRequest.status == str(status))
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(SignupRequest.created_at.desc(), SignupRequest.id)
    rows = session.scalars(page.limit(limit).offset(offset))
    return SignupRequestListResponse(
        requests=[_request_view(row) for row in rows], total=total or 0
    )


@router.post("/signup-requests/{request_id}/approve")
async def approve_signup_request(
    request_id: UUID, operator: Decider, body: SignupRequestApprovalRequest, session: OpenSession
) -> SignupRequestDecisionResponse:
    """The request is approved, and there is an invitation for its address."""
    row = _pending(session, request_id)
    wanted = SignupInviteIssueRequest(
        invited_email=row.email,
        max_redemptions=1,
        expires_in_hours=body.invite_expires_in_hours,
        note=body.note,
        signup_request_id=row.id,
    )
    invite = issue_signup_invite(session, wanted)
    row.status, row.decided_by, row.decision_reason = "approved", operator.user_id, body.note
    row.invite_token_hint = invite.token_hint
    return SignupRequestDecisionResponse(request=_request_view(row), invite=invite)


@router.post("/signup-requests/{request_id}/reject")
async def reject_signup_request(
    request_id: UUID, operator: Decider, body: SignupRequestRejectionRequest, session: OpenSession
) -> SignupRequestDecisionResponse:
    """The request is rejected."""
    row = _pending(session, request_id)
    row.status, row.decided_by, row.decision_reason = "rejected", operator.user_id, body.reason
    return SignupRequestDecisionResponse(request=_request_view(row))


def _pending(session: Session, request_id: UUID) -> SignupRequest:
    row = session.get(SignupRequest, request_id)
    if row is None:
        raise not_found("Request")
    if row.status != SignupRequestStatus.PENDING:
        raise conflict(f"The request is {row.status} already.")
    return row


def _request_view(row: SignupRequest) -> SignupRequestResponse:
    names = SignupRequestResponse.model_fields
    return SignupRequestResponse(**{name: getattr(row, name) for name in names})


Operator = Annotated[Principal, Depends(signed_in(scope="auth:invites"))]


@router.get("/invites")
async def list_invites(
    _operator: Operator,
    session: OpenSession,
    status: Annotated[SignupInviteStatus | None, Query()] = None,
    email: Annotated[str | None, Query()] = None,
    request_id: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> SignupInviteListResponse:
    """The invitations, newest first."""
    query = select(SignupInvite)
    if status is not None:
        query = query.where(has_status(status))
    if email is not None:
        query = query.where(SignupInvite.invited_email == email.lower())
    if request_id is not None:
        query = query.where(SignupInvite.signup_request_id == request_id)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(SignupInvite.created_at.desc(), SignupInvite.id)
    rows = session.scalars(page.limit(limit).offset(offset))
    invites = [signup_invite_view(row) for row in rows]
    return SignupInviteListResponse(invites=invites, total=total or 0)


@router.post("/invites", status_code=201)
async def issue_invite(
    _operator: Operator, body: SignupInviteIssueRequest, session: OpenSession
) -> SignupInviteIssueResponse:
    """An invitation, and its token, which is told only once."""
    if body.signup_request_id and not session.get(SignupRequest, body.signup_request_id):
        raise not_found("Request")
    return issue_signup_invite(session, body)


@router.post("/invites/{invite_id}/revoke")
async def revoke_invite(
    invite_id: UUID, _operator: Operator, session: OpenSession
) -> SignupInviteResponse:
    """Nobody can register with the invitation any more."""
    row = session.get(SignupInvite, invite_id)
    if row is None:
        raise not_found("Invite")
    row.status = "revoked"
    return signup_invite_view(row)
