"""Passwords: forgotten, changed by their owner, reset by an admin; e-mail addresses verified."""

from fastapi import APIRouter

from .. import schemas
from ..security.principals import SignedIn
from ..service import OpenSession, Running
from ..web.client_info import From
from ..web.limits import FORGOT
from . import service as credentials

router = APIRouter(prefix="/api/v1/auth", tags=["auth", "auth"])


@router.post("/password/forgot", status_code=202)
async def request_password_reset(
    body: schemas.PasswordForgotRequest, service: Running, session: OpenSession, client: From
) -> schemas.SuccessNoDataResponse:
    service.limits.count_each(FORGOT, body.email, client.ip_address)
    credentials.forget_password(session, body.email)
    return schemas.SuccessNoDataResponse(message="If the address is known, a mail is on its way.")


@router.post("/password/confirm")
async def confirm_password_reset(
    body: schemas.PasswordResetConfirmRequest, service: Running, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    credentials.confirm_password(service, session, body.token, body.new_password)
    return schemas.SuccessNoDataResponse(message="Password reset.")


@router.post("/password/change")
async def change_password(
    caller: SignedIn, body: schemas.PasswordChangeRequest, service: Running, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    credentials.change_password(
        service, session, caller.user_id, body.current_password, body.new_password
    )
    return schemas.SuccessNoDataResponse(message="Password changed.")


@router.post("/password/reset")
async def admin_reset_password(
    admin: SignedIn, body: schemas.PasswordResetRequest, service: Running, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    credentials.reset_password(service, session, admin, body.user_id, body.new_password)
    return schemas.SuccessNoDataResponse(message="Password reset.")


@router.post("/email/send", status_code=202)
async def send_email_verification(
    caller: SignedIn, service: Running, session: OpenSession, client: From
) -> schemas.EmailVerificationSendSuccessResponse:
    verified = credentials.send_verification(service, session, caller.user_id, client)
    return schemas.EmailVerificationSendSuccessResponse(
        message="The address is verified." if verified else "A mail is on its way.",
        data=schemas.EmailVerificationStatusResponseData(email_verified=verified),
    )


@router.post("/email/verify")
async def verify_email_token(
    body: schemas.EmailVerificationConfirmRequest, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    credentials.verify_email(session, body.token)
    return schemas.SuccessNoDataResponse(message="E-mail address verified.")
