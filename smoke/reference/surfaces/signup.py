"""
Sign-up: who may register, registering, and asking for access.
"""

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..activity import record_activity
from ..billing_plans import PLAN_CODES
from ..client_info import ClientInfo, From
from ..errors import bad_request, conflict, too_many_requests
from ..limits import SIGNUP_ADDRESS, SIGNUP_DOMAIN, SIGNUP_EMAIL
from ..models.auth.signup import (
    SignupAccessPolicyResponse,
    SignupRequestPublicRequest,
    UserRegisterRequest,
    UserRegisterResponse,
)
from ..models.shared import TenantRole
from ..one_time_tokens import Purpose, issue_token
from ..passwords import hash_password
from ..service import Running, Service, Session
from ..settings import SignupPolicy
from ..sign_in import open_session
from ..signup_invites import redeem_signup_invite
from ..slugs import free_slug
from ..tables.signup import SignupRequest
from ..tables.tenants import Tenant
from ..tables.users import Membership, User

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])
_PENDING_PER_ADDRESS = 3


@router.get("/signup-policy")
async def get_signup_access_policy(service: Running) -> SignupAccessPolicyResponse:
    """
    Whether an invitation is needed to register, and whether one may ask for it.
    """
    return _policy(service)


@router.post("/register", status_code=201)
async def register_tenant(
    body: UserRegisterRequest, service: Running, client: From
) -> UserRegisterResponse:
    """
    A tenant, its owner with an address not verified yet, and a session.
    """
    if body.plan_code not in (None, *PLAN_CODES):
        raise bad_request(f"The plan {body.plan_code!r} is unknown. Use starter or pro.")
    _count(service, body.email, client)
    password_hash = await hash_password(body.password)
    async with service.database.writing() as session:
        await _require_leave(service, session, body)
        user = User(
            email=body.email.lower(), password_hash=password_hash, display_name=body.display_name
        )
        slug = await free_slug(session, body.tenant_name)
        tenant = Tenant(slug=slug, name=body.tenant_name, plan_code=body.plan_code)
        session.add_all([user, tenant])
        await session.flush()
        membership = Membership(tenant_id=tenant.id, user_id=user.id, role=str(TenantRole.OWNER))
        session.add(membership)
        issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
        record_activity(session, tenant.id, user.id, "tenant.registered", object_name=tenant.name)
        answer = open_session(service, session, user, membership, client)
    return UserRegisterResponse(**answer.model_dump(), tenant_slug=tenant.slug)


@router.post("/request-access", status_code=202)
async def submit_access_request(
    body: SignupRequestPublicRequest, service: Running, session: Session, client: From
) -> SignupAccessPolicyResponse:
    """
    A request that an operator decides; who fills the field that people do not see is not heard.
    """
    _count(service, body.email, client)
    if not body.honeypot:
        await _require_few_pending(service, session, client)
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


async def _require_leave(
    service: Service, session: AsyncSession, body: UserRegisterRequest
) -> None:
    """
    Refuse an address that has an account (409), and those who need an invitation (403).
    """
    email = body.email.lower()
    if await session.scalar(select(User.id).where(User.email == email)):
        raise conflict("The e-mail address has an account.")
    if service.settings.signup_access_policy is not SignupPolicy.PUBLIC or body.invite_token:
        await redeem_signup_invite(session, body.invite_token, email)


async def _require_few_pending(service: Service, session: AsyncSession, client: ClientInfo) -> None:
    if not service.settings.enable_rate_limits:
        return
    query = select(func.count()).where(
        SignupRequest.ip_address == client.ip_address, SignupRequest.status == "pending"
    )
    if (await session.scalar(query) or 0) >= _PENDING_PER_ADDRESS:
        raise too_many_requests("Too many requests of this address wait for a decision.")


def _policy(service: Service) -> SignupAccessPolicyResponse:
    policy = service.settings.signup_access_policy
    return SignupAccessPolicyResponse(
        policy=str(policy),
        invite_required=policy is not SignupPolicy.PUBLIC,
        request_access_enabled=policy is not SignupPolicy.PUBLIC,
    )
