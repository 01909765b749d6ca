"""
Proving that an e-mail address is one's own.
"""

from fastapi import APIRouter

from ..client_info import From
from ..errors import bad_request, not_found
from ..limits import EMAIL_SEND
from ..models.auth.passwords import (
    EmailVerificationConfirmRequest,
    EmailVerificationSendSuccessResponse,
    EmailVerificationStatusResponseData,
)
from ..models.shared import SuccessNoDataResponse
from ..one_time_tokens import Purpose, issue_token, redeem_token
from ..principals import SignedIn
from ..service import Running, Session
from ..sign_in import revoke_sessions
from ..tables.users import User

router = APIRouter(prefix="/api/v1/auth/email", tags=["auth"])


@router.post("/send", status_code=202)
async def send_email_verification(
    principal: SignedIn, service: Running, session: Session, client: From
) -> EmailVerificationSendSuccessResponse:
    """
    A verification token is made, unless the address is verified already.
    """
    user = await session.get(User, principal.user_id)
    if user is None:
        raise not_found("User")
    if not user.email_verified:
        service.limits.count_each(EMAIL_SEND, str(user.id), client.ip_address)
        issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
    return EmailVerificationSendSuccessResponse(
        message="The address is verified." if user.email_verified else "A mail is on its way.",
        data=EmailVerificationStatusResponseData(email_verified=user.email_verified),
    )


@router.post("/verify")
async def verify_email_token(
    body: EmailVerificationConfirmRequest, session: Session
) -> SuccessNoDataResponse:
    """
    The token's user is verified; tokens issued from now on say so, and every session ends.
    """
    user_id = await redeem_token(session, body.token, Purpose.EMAIL_VERIFICATION)
    user = await session.get(User, user_id) if user_id else None
    if user is None:
        raise bad_request("The token is invalid, used or expired.")
    user.email_verified = True
    await revoke_sessions(session, user.id)
    return SuccessNoDataResponse(message="E-mail address verified.")
