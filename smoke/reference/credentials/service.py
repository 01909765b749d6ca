"""Single-use tokens that prove an e-mail address: `<id>.<secret>`, stored as a digest."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from ..auth.models import LoginFailure
from ..auth.service import revoke_sessions
from ..database import now
from ..security.passwords import hash_password, password_matches
from ..service import Service
from ..users.models import User
from ..web.errors import bad_request, unauthorized
from .models import FormerPassword, OneTimeToken


class Purpose(StrEnum):
    """What a token may be redeemed for."""

    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # a purpose, not a password


LIFETIME = timedelta(hours=1)


def issue_token(session: Session, user_id: UUID, purpose: Purpose) -> tuple[str, datetime]:
    """Return a new token and when it expires; earlier ones stay good."""
    token_id, secret, expires_at = uuid4(), secrets.token_urlsafe(32), now() + LIFETIME
    session.add(
        OneTimeToken(
            id=token_id,
            purpose=str(purpose),
            user_id=user_id,
            digest=_digest(secret),
            expires_at=expires_at,
        )
    )
    return f"{token_id}.{secret}", expires_at


def redeem_token(session: Session, token: str, purpose: Purpose) -> UUID | None:
    """Use up a token and return its user; None when it is unknown, used or expired."""
    text, _, secret = token.partition(".")
    try:
        row = session.get(OneTimeToken, UUID(text))
    except ValueError:
        return None
    if row is None or row.purpose != purpose or row.used_at or row.expires_at < now():
        return None
    if not hmac.compare_digest(row.digest, _digest(secret)):
        return None
    row.used_at = now()
    return row.user_id


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


REMEMBERED = 5
"""How many passwords, the present one among them, must not be chosen again."""


def require_password(service: Service, user_id: UUID, password: str) -> None:
    """Refuse a caller who does not know the user's present password: 401, without a challenge."""
    with service.database.reading() as session:
        user = session.get(User, user_id)
    if not password_matches(user.password_hash if user else None, password):
        raise unauthorized("The current password is wrong.", challenge=False)


def hash_of_new(service: Service, user_id: UUID, password: str) -> str:
    """Return the hash of a password that the user may choose.

    Raises:
        Refusal: 400, it is one of the user's last five.
    """
    with service.database.reading() as session:
        user = session.get(User, user_id)
        former = list(session.scalars(_newest_former(user_id)))
    known = [user.password_hash] if user else []
    for stored in known + [row.password_hash for row in former[: REMEMBERED - 1]]:
        if password_matches(stored, password):
            raise bad_request("The password was used before. Choose another one.")
    return hash_password(password)


def replace_password(session: Session, user: User, password_hash: str) -> None:
    """Give a user a new password; the old one is remembered, and every session and lock ends."""
    session.add(FormerPassword(user_id=user.id, password_hash=user.password_hash))
    session.flush()
    forgotten = list(session.scalars(_newest_former(user.id)))[REMEMBERED - 1 :]
    for row in forgotten:
        session.delete(row)
    user.password_hash = password_hash
    revoke_sessions(session, user.id)
    session.execute(delete(LoginFailure).where(LoginFailure.user_id == user.id))


def _newest_former(user_id: UUID) -> Select[FormerPassword]:
    query = select(FormerPassword).where(FormerPassword.user_id == user_id)
    return query.order_by(FormerPassword.id.desc())
