"""The second factor of a sign-in: the challenge, and what answers it."""

import secrets
from datetime import timedelta
from uuid import UUID

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import count, existing, now
from ..security.tokens import ISSUER, TokenError, digest_of
from ..service import Service
from ..users.models import Membership, User
from ..views import shown
from ..web.errors import Refusal, too_many_requests, unauthorized
from .models import MfaMethod, RecoveryCode, WrongCode

CHALLENGE_LIFETIME = timedelta(minutes=5)
_CHALLENGE = "mfa_challenge"
_RECOVERY_CODES = 10
_WRONG_CODES = 10
_WRONG_CODES_WINDOW = timedelta(hours=1)


def methods_of(session: Session, user_id: UUID) -> list[MfaMethod]:
    """Return the second factors of a user that were not revoked, verified or not."""
    query = select(MfaMethod).where(MfaMethod.user_id == user_id, MfaMethod.revoked_at.is_(None))
    return list(session.scalars(query.order_by(MfaMethod.created_at)))


def challenge_for(
    service: Service, session: Session, membership: Membership
) -> schemas.MfaChallengeResponse | None:
    """Return what a user with a verified second factor must answer; None for the others."""
    methods = [row for row in methods_of(session, membership.user_id) if row.verified_at]
    if not methods:
        return None
    claims = {
        "sub": f"user:{membership.user_id}",
        "tenant_id": str(membership.tenant_id),
        "token_use": _CHALLENGE,
    }
    token = service.tokens.signed(claims, CHALLENGE_LIFETIME)
    views = [method_view(row) for row in methods]
    return schemas.MfaChallengeResponse(challenge_token=token.text, methods=views)


def challenged(service: Service, token: str) -> tuple[UUID, UUID]:
    """Return the user and the tenant of a challenge token; 401 for one that is not good."""
    try:
        claims = service.tokens.verified(token, _CHALLENGE)
    except TokenError as error:
        raise unauthorized("The challenge is invalid or has expired.", challenge=False) from error
    return UUID(claims["sub"].partition(":")[2]), UUID(claims["tenant_id"])


async def prove(
    service: Service, user_id: UUID, method_id: UUID, code: str, refusal: Refusal
) -> MfaMethod:
    """Return the second factor that a code proves; 429 after ten wrong ones within an hour."""
    async with service.database.writing() as session:
        if _wrong_codes(session, user_id) >= _WRONG_CODES:
            raise too_many_requests("Too many wrong codes. Try again later.")
        method = session.get(MfaMethod, method_id)
        if method is not None and _is_good(session, method, user_id, code):
            method.last_used_at = now()
            method.verified_at = method.verified_at or now()
            return method
        session.add(WrongCode(user_id=user_id))
    raise refusal


def new_recovery_codes(session: Session, user_id: UUID) -> list[str]:
    """Return new recovery codes of a user; the old ones are worth nothing from now on."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [secrets.token_hex(4) for _ in range(_RECOVERY_CODES)]
    digests = [_recovery_digest(user_id, code) for code in codes]
    session.add_all(RecoveryCode(digest=digest, user_id=user_id) for digest in digests)
    return codes


def enroll(session: Session, user_id: UUID, label: str | None) -> tuple[MfaMethod, str]:
    """Return a new second factor, not verified yet, and the URL for an authenticator app."""
    user = existing(session, User, user_id, "User")
    row = MfaMethod(user_id=user.id, label=label, secret=pyotp.random_base32())
    session.add(row)
    session.flush()
    return row, pyotp.TOTP(row.secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def revoke(session: Session, user_id: UUID, method_id: UUID) -> None:
    """Revoke a second factor, if it is the user's; its secret is worth nothing from now on."""
    row = session.get(MfaMethod, method_id)
    if row is not None and row.user_id == user_id and row.revoked_at is None:
        row.revoked_at = now()


def method_view(row: MfaMethod) -> schemas.MfaMethodView:
    """Return a second factor as it is answered, without its secret."""
    return shown(schemas.MfaMethodView, row)


def _is_good(session: Session, method: MfaMethod, user_id: UUID, code: str) -> bool:
    if method.user_id != user_id or method.revoked_at is not None:
        return False
    if pyotp.TOTP(method.secret).verify(code, valid_window=1):
        return True
    row = session.get(RecoveryCode, _recovery_digest(user_id, code))
    if method.verified_at is None or row is None or row.used_at:
        return False
    row.used_at = now()
    return True


def _wrong_codes(session: Session, user_id: UUID) -> int:
    recent = WrongCode.failed_at > now() - _WRONG_CODES_WINDOW
    return count(session, WrongCode.user_id == user_id, recent)


def _recovery_digest(user_id: UUID, code: str) -> str:
    return digest_of(f"{user_id}:{code}")
