"""Second factors: enrol, verify, use, take away."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from ..auth.service import open_session, wrong_credentials
from ..database import now
from ..schemas import SuccessNoDataResponse, UserSessionResponse
from ..security.principals import SignedIn
from ..security.tokens import ISSUER
from ..service import OpenSession, Running
from ..users.models import Membership, User
from ..web.client_info import From
from ..web.errors import bad_request, forbidden, not_found, unauthorized
from ..web.limits import MFA
from .models import MfaMethod
from .schemas import (
    MfaChallengeCompleteRequest,
    MfaMethodView,
    RecoveryCodesResponse,
    TotpEnrollResponse,
    TotpVerifyRequest,
)
from .service import challenged, method_view, methods_of, new_recovery_codes, prove
from .totp import new_secret, otpauth_url

router = APIRouter(prefix="/api/v1/auth/mfa", tags=["auth", "auth"])


@router.get("")
async def list_mfa_methods(principal: SignedIn, session: OpenSession) -> list[MfaMethodView]:
    """The caller's second factors, verified or not."""
    return [method_view(row) for row in methods_of(session, principal.user_id)]


@router.post("/totp/enroll", status_code=201)
async def start_totp_enrollment(
    principal: SignedIn, session: OpenSession, label: Annotated[str | None, Query()] = None
) -> TotpEnrollResponse:
    """A new secret for an authenticator app; it counts once a code of it was verified."""
    user = session.get(User, principal.user_id)
    if user is None:
        raise not_found("User")
    row = MfaMethod(user_id=user.id, label=label, secret=new_secret())
    session.add(row)
    session.flush()
    url = otpauth_url(row.secret, ISSUER, user.email)
    return TotpEnrollResponse(secret=row.secret, method_id=row.id, otpauth_url=url)


@router.post("/totp/verify")
async def verify_totp(
    principal: SignedIn, body: TotpVerifyRequest, service: Running, client: From
) -> SuccessNoDataResponse:
    """The second factor counts from now on: the next sign-in asks for it."""
    service.limits.count_each(MFA, str(principal.user_id), client.ip_address)
    wrong = bad_request("The code is wrong, or the method unknown.")
    await prove(service, principal.user_id, body.method_id, body.code, wrong)
    return SuccessNoDataResponse(message="Method verified.")


@router.post("/recovery/regenerate")
async def regenerate_recovery_codes(
    principal: SignedIn, session: OpenSession
) -> RecoveryCodesResponse:
    """New recovery codes; the old ones are worth nothing from now on."""
    return RecoveryCodesResponse(codes=new_recovery_codes(session, principal.user_id))


@router.post("/complete")
async def complete_mfa_challenge(
    body: MfaChallengeCompleteRequest, service: Running, client: From
) -> UserSessionResponse:
    """The session that the challenge of a sign-in stood for."""
    user_id, tenant_id = challenged(service, body.challenge_token)
    service.limits.count_each(MFA, str(user_id), client.ip_address)
    wrong = unauthorized("The code is wrong, or the method unknown.", challenge=False)
    await prove(service, user_id, body.method_id, body.code, wrong)
    async with service.database.writing() as session:
        user = session.get(User, user_id)
        membership = session.get(Membership, (tenant_id, user_id))
        if user is None or membership is None:
            raise wrong_credentials()
        if user.disabled_at:
            raise forbidden("The account is disabled.")
        return open_session(service, session, user, membership, client)


@router.delete("/{method_id}")
async def revoke_mfa_method(
    method_id: UUID, principal: SignedIn, session: OpenSession
) -> SuccessNoDataResponse:
    """
    The second factor is revoked, if it is the caller's; its secret is worth nothing from now on.
    """
    row = session.get(MfaMethod, method_id)
    if row is not None and row.user_id == principal.user_id and row.revoked_at is None:
        row.revoked_at = now()
    return SuccessNoDataResponse(message="Method revoked.")
