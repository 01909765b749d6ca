"""Registering a tenant, and the requests for access that operators decide."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schemas
from ..activity.log import record_activity
from ..auth.service import open_session
from ..billing.catalogue import PLAN_CODES
from ..credentials.one_time_tokens import Purpose, issue_token
from ..database import count, existing, variant_of
from ..schemas import SignupRequestStatus, TenantRole
from ..service import Service
from ..settings import SignupPolicy
from ..tenants.models import Tenant
from ..tenants.service import free_slug
from ..users.accounts import user_by_email
from ..users.models import Membership, User
from ..web.client_info import ClientInfo
from ..web.errors import bad_request, conflict, too_many_requests
from ..web.limits import SIGNUP_ADDRESS, SIGNUP_DOMAIN, SIGNUP_EMAIL
from ..web.paging import Offsets, filtered
from .invites import issue_invite, redeem_invite
from .models import SignupInvite, SignupRequest

_PENDING_PER_ADDRESS = 3


def register(
    service: Service, session: Session, body: schemas.UserRegisterRequest, client: ClientInfo
) -> tuple[schemas.UserSessionResponse, Tenant]:
    """Make a tenant and its owner, and begin a session.

    Raises:
        Refusal: 400 unknown plan, 403 without a good invitation where one is needed, 409 for an
            address that has an account, 429 too often.
    """
    if body.plan_code not in (None, *PLAN_CODES):
        raise bad_request(f"The plan {body.plan_code!r} is unknown. Use starter or pro.")
    count_attempt(service, body.email, client)
    email = body.email.lower()
    if user_by_email(session, email):
        raise conflict("The e-mail address has an account.")
    if service.settings.signup_access_policy is not SignupPolicy.PUBLIC or body.invite_token:
        redeem_invite(session, body.invite_token, email)
    password_hash = service.passwords.hash(body.password)
    user = User(email=email, password_hash=password_hash, display_name=body.display_name)
    slug = free_slug(session, body.tenant_name)
    tenant = Tenant(slug=slug, name=body.tenant_name, plan_code=body.plan_code)
    session.add_all([user, tenant])
    session.flush()
    membership = Membership(tenant_id=tenant.id, user_id=user.id, role=str(TenantRole.OWNER))
    session.add(membership)
    issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
    record_activity(session, tenant.id, user.id, "tenant.registered", object_name=tenant.name)
    return open_session(service, session, user, membership, client), tenant


def request_access(
    service: Service, session: Session, body: schemas.SignupRequestPublicRequest, client: ClientInfo
) -> None:
    """Keep a request, unless the field that only robots fill is filled."""
    count_attempt(service, body.email, client)
    if body.honeypot:
        return
    if service.settings.reference_limits:
        _require_few_pending(session, client)
    session.add(
        SignupRequest(
            email=body.email.lower(),
            organization=body.organization,
            full_name=body.full_name,
            message=body.message,
            ip_address=client.ip_address,
        )
    )


def requests_page(
    session: Session, status: SignupRequestStatus | None, page: Offsets
) -> tuple[list[SignupRequest], int]:
    """Return a page of the requests, and how many there are."""
    query = filtered(select(SignupRequest), status=status)
    return page.counted(session, query, SignupRequest.created_at, SignupRequest.id)


def approve(
    session: Session, request_id: UUID, operator_id: UUID, note: str | None, hours: int | None
) -> tuple[SignupRequest, SignupInvite, str]:
    """Approve a request; return it with the invitation of its address and the token."""
    row = _decided(session, request_id, "approved", operator_id, note)
    wanted = schemas.SignupInviteIssueRequest(
        invited_email=row.email,
        max_redemptions=1,
        expires_in_hours=hours,
        note=note,
        signup_request_id=row.id,
    )
    invite, token = issue_invite(session, wanted)
    row.invite_token_hint = invite.token_hint
    return row, invite, token


def reject(
    session: Session, request_id: UUID, operator_id: UUID, reason: str | None
) -> SignupRequest:
    """Reject a request."""
    return _decided(session, request_id, "rejected", operator_id, reason)


def count_attempt(service: Service, email: str, client: ClientInfo) -> None:
    """Count an attempt to register against its address, network and domain."""
    for limit in SIGNUP_ADDRESS:
        service.limits.count(limit, client.ip_address)
    service.limits.count(SIGNUP_EMAIL, email)
    service.limits.count(SIGNUP_DOMAIN, email.rpartition("@")[2])


def _decided(
    session: Session, request_id: UUID, status: str, operator_id: UUID, reason: str | None
) -> SignupRequest:
    if not variant_of(session).decides_signups:
        raise bad_request("The token is missing subject claim.")
    row = existing(session, SignupRequest, request_id, "Request")
    if row.status != SignupRequestStatus.PENDING:
        raise conflict(f"The request is {row.status} already.")
    row.status, row.decided_by, row.decision_reason = status, operator_id, reason
    return row


def _require_few_pending(session: Session, client: ClientInfo) -> None:
    own, pending = SignupRequest.ip_address == client.ip_address, SignupRequest.status == "pending"
    if count(session, own, pending) >= _PENDING_PER_ADDRESS:
        raise too_many_requests("Too many requests of this address wait for a decision.")
