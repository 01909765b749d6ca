"""Seeding, and the tokens that a deployment would send by mail."""

from fastapi import APIRouter

from .. import schemas
from ..credentials.one_time_tokens import Purpose, issue_token
from ..database import now
from ..service import OpenSession, Running
from ..web.errors import bad_request
from .tenants import seed_tenant
from .users import seeded_user

router = APIRouter(prefix="/api/v1/test-fixtures", tags=["test-fixtures"])


@router.post("/apply", status_code=201)
async def apply_test_fixtures(
    body: schemas.PlaywrightFixtureSpec, service: Running
) -> schemas.FixtureApplyResult:
    if not body.tenants:
        raise bad_request("There is no tenant to seed. Name at least one.")
    tenants = {wanted.slug: await seed_tenant(service, wanted) for wanted in body.tenants}
    return schemas.FixtureApplyResult(tenants=tenants, generated_at=now())


@router.post("/email-verification-token", status_code=201)
async def issue_email_verification_token(
    body: schemas.EmailVerificationTokenRequest, session: OpenSession
) -> schemas.EmailVerificationTokenResponse:
    user = seeded_user(session, body.email)
    if user.email_verified:
        raise bad_request("The e-mail address is verified already.")
    token, expires_at = issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
    return schemas.EmailVerificationTokenResponse(
        token=token, user_id=str(user.id), expires_at=expires_at
    )


@router.post("/password-reset-token", status_code=201)
async def issue_password_reset_token(
    body: schemas.PasswordResetTokenRequest, session: OpenSession
) -> schemas.PasswordResetTokenResponse:
    user = seeded_user(session, body.email)
    token, expires_at = issue_token(session, user.id, Purpose.PASSWORD_RESET)
    return schemas.PasswordResetTokenResponse(
        token=token, user_id=str(user.id), expires_at=expires_at
    )
