"""The doors for tests: seeding, and the tokens that a deployment would send by mail."""

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..credentials.service import Purpose, issue_token
from ..database import now
from ..service import OpenSession, Running
from ..users.models import User
from ..web.errors import bad_request
from .schemas import (
    EmailVerificationTokenRequest,
    EmailVerificationTokenResponse,
    FixtureApplyResult,
    PasswordResetTokenRequest,
    PasswordResetTokenResponse,
    PlaywrightFixtureSpec,
)
from .tenants import seed_tenant

router = APIRouter(prefix="/api/v1/test-fixtures", tags=["test-fixtures"])


@router.post("/apply", status_code=201)
async def apply_test_fixtures(body: PlaywrightFixtureSpec, service: Running) -> FixtureApplyResult:
    """What is named exists as named, made or reset; what is not named is left alone."""
    if not body.tenants:
        raise bad_request("There is no tenant to seed. Name at least one.")
    tenants = {wanted.slug: await seed_tenant(service, wanted) for wanted in body.tenants}
    return FixtureApplyResult(tenants=tenants, generated_at=now())


@router.post("/email-verification-token", status_code=201)
async def issue_email_verification_token(
    body: EmailVerificationTokenRequest, session: OpenSession
) -> EmailVerificationTokenResponse:
    """The token that the verification mail would carry; 400 when there is nothing to verify."""
    user = _user(session, body.email)
    if user.email_verified:
        raise bad_request("The e-mail address is verified already.")
    token, expires_at = issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
    return EmailVerificationTokenResponse(token=token, user_id=str(user.id), expires_at=expires_at)


@router.post("/password-reset-token", status_code=201)
async def issue_password_reset_token(
    body: PasswordResetTokenRequest, session: OpenSession
) -> PasswordResetTokenResponse:
    """The token that the reset mail would carry."""
    user = _user(session, body.email)
    token, expires_at = issue_token(session, user.id, Purpose.PASSWORD_RESET)
    return PasswordResetTokenResponse(token=token, user_id=str(user.id), expires_at=expires_at)


def _user(session: Session, email: str) -> User:
    user = session.scalar(select(User).where(User.email == email.lower()))
    if user is None:
        raise bad_request("The user is unknown.")
    return user
