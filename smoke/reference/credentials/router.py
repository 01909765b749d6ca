"""Passwords: forgotten, changed by their owner, reset by an admin."""

from fastapi import APIRouter
from sqlalchemy import select

from ..auth.service import revoke_sessions
from ..schemas import SuccessNoDataResponse, TenantRole
from ..security.principals import SignedIn, require_verified
from ..security.roles import reaches
from ..service import OpenSession, Running
from ..users.models import Membership, User
from ..web.client_info import From
from ..web.errors import Refusal, bad_request, forbidden, not_found
from ..web.limits import EMAIL_SEND, FORGOT
from .schemas import (
    EmailVerificationConfirmRequest,
    EmailVerificationSendSuccessResponse,
    EmailVerificationStatusResponseData,
    PasswordChangeRequest,
    PasswordForgotRequest,
    PasswordResetConfirmRequest,
    PasswordResetRequest,
)
from .service import (
    Purpose,
    hash_of_new,
    issue_token,
    redeem_token,
    replace_password,
    require_password,
)

router = APIRouter(prefix="/api/v1/auth", tags=["auth", "auth"])


@router.post("/password/forgot", status_code=202)
async def request_password_reset(
    body: PasswordForgotRequest, service: Running, session: OpenSession, client: From
) -> SuccessNoDataResponse:
    """
    A reset token is made for whoever has the address; the answer tells not whether anybody has.
    """
    service.limits.count_each(FORGOT, body.email, client.ip_address)
    user = session.scalar(select(User).where(User.email == body.email.lower()))
    if user is not None and user.disabled_at is None:
        issue_token(session, user.id, Purpose.PASSWORD_RESET)
    return SuccessNoDataResponse(message="If the address is known, a mail is on its way.")


@router.post("/password/confirm")
async def confirm_password_reset(
    body: PasswordResetConfirmRequest, service: Running
) -> SuccessNoDataResponse:
    """The token's user has the new password; the token is used up, and every session ends."""
    with service.database.reading() as session:  # looked at only; used up below
        user_id = redeem_token(session, body.token, Purpose.PASSWORD_RESET)
    if user_id is None:
        raise _dead_token()
    password_hash = hash_of_new(service, user_id, body.new_password)
    async with service.database.writing() as session:
        user_id = redeem_token(session, body.token, Purpose.PASSWORD_RESET)
        user = session.get(User, user_id) if user_id else None
        if user is None:
            raise _dead_token()
        replace_password(session, user, password_hash)
    return SuccessNoDataResponse(message="Password reset.")


@router.post("/password/change")
async def change_password(
    principal: SignedIn, body: PasswordChangeRequest, service: Running
) -> SuccessNoDataResponse:
    """The caller has the new password, and every session ends."""
    require_password(service, principal.user_id, body.current_password)
    password_hash = hash_of_new(service, principal.user_id, body.new_password)
    async with service.database.writing() as session:
        user = session.get_one(User, principal.user_id)
        replace_password(session, user, password_hash)
    return SuccessNoDataResponse(message="Password changed.")


@router.post("/password/reset")
async def admin_reset_password(
    admin: SignedIn, body: PasswordResetRequest, service: Running
) -> SuccessNoDataResponse:
    """
    A member of the caller's tenant has the new password, and every session of the member ends.
    """
    require_verified(admin)
    if not reaches(admin.role, TenantRole.ADMIN):
        raise forbidden("The role 'admin' is needed.")
    with service.database.reading() as session:
        member = session.get(Membership, (admin.tenant_id, body.user_id))
        if member is None or not reaches(admin.role, TenantRole(member.role)):
            raise not_found("Member")
    password_hash = hash_of_new(service, body.user_id, body.new_password)
    async with service.database.writing() as session:
        user = session.get_one(User, body.user_id)
        replace_password(session, user, password_hash)
    return SuccessNoDataResponse(message="Password reset.")


def _dead_token() -> Refusal:
    return bad_request("The token is invalid, used or expired.")


@router.post("/email/send", status_code=202)
async def send_email_verification(
    principal: SignedIn, service: Running, session: OpenSession, client: From
) -> EmailVerificationSendSuccessResponse:
    """A verification token is made, unless the address is verified already."""
    user = session.get(User, principal.user_id)
    if user is None:
        raise not_found("User")
    if not user.email_verified:
        service.limits.count_each(EMAIL_SEND, str(user.id), client.ip_address)
        issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
    return EmailVerificationSendSuccessResponse(
        message="The address is verified." if user.email_verified else "A mail is on its way.",
        data=EmailVerificationStatusResponseData(email_verified=user.email_verified),
    )


@router.post("/email/verify")
async def verify_email_token(
    body: EmailVerificationConfirmRequest, session: OpenSession
) -> SuccessNoDataResponse:
    """The token's user is verified; tokens issued from now on say so, and every session ends."""
    user_id = redeem_token(session, body.token, Purpose.EMAIL_VERIFICATION)
    user = session.get(User, user_id) if user_id else None
    if user is None:
        raise bad_request("The token is invalid, used or expired.")
    user.email_verified = True
    revoke_sessions(session, user.id)
    return SuccessNoDataResponse(message="E-mail address verified.")
