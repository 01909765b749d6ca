"""Second factors: enrol, verify, use, take away."""

from uuid import UUID

from fastapi import APIRouter

from .. import schemas
from ..auth.service import complete_challenge
from ..security.principals import SignedIn
from ..service import OpenSession, Running
from ..web.client_info import From
from ..web.errors import bad_request
from ..web.limits import MFA
from . import service as second_factors

router = APIRouter(prefix="/api/v1/auth/mfa", tags=["auth", "auth"])


@router.get("")
async def list_mfa_methods(caller: SignedIn, session: OpenSession) -> list[schemas.MfaMethodView]:
    rows = second_factors.methods_of(session, caller.user_id)
    return [second_factors.method_view(row) for row in rows]


@router.post("/totp/enroll", status_code=201)
async def start_totp_enrollment(
    caller: SignedIn, session: OpenSession, label: str | None = None
) -> schemas.TotpEnrollResponse:
    row, url = second_factors.enroll(session, caller.user_id, label)
    return schemas.TotpEnrollResponse(secret=row.secret, method_id=row.id, otpauth_url=url)


@router.post("/totp/verify")
async def verify_totp(
    caller: SignedIn, body: schemas.TotpVerifyRequest, service: Running, client: From
) -> schemas.SuccessNoDataResponse:
    service.limits.count_each(MFA, str(caller.user_id), client.ip_address)
    wrong = bad_request("The code is wrong, or the method unknown.")
    await second_factors.prove(service, caller.user_id, body.method_id, body.code, wrong)
    return schemas.SuccessNoDataResponse(message="Method verified.")


@router.post("/recovery/regenerate")
async def regenerate_recovery_codes(
    caller: SignedIn, session: OpenSession
) -> schemas.RecoveryCodesResponse:
    return schemas.RecoveryCodesResponse(
        codes=second_factors.new_recovery_codes(session, caller.user_id)
    )


@router.post("/complete")
async def complete_mfa_challenge(
    body: schemas.MfaChallengeCompleteRequest, service: Running, client: From
) -> schemas.UserSessionResponse:
    return await complete_challenge(
        service, body.challenge_token, body.method_id, body.code, client
    )


@router.delete("/{method_id}")
async def revoke_mfa_method(
    method_id: UUID, caller: SignedIn, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    second_factors.revoke(session, caller.user_id, method_id)
    return schemas.SuccessNoDataResponse(message="Method revoked.")
