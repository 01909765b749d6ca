"""Single-use tokens that prove an e-mail address: `<id>.<secret>`, stored as a digest."""

import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from ..database import now
from ..security.tokens import digest_of
from ..users.models import User
from ..web.errors import bad_request
from .models import OneTimeToken

LIFETIME = timedelta(hours=1)


class Purpose(StrEnum):
    """What a token may be redeemed for."""

    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # a purpose, not a password


def issue_token(session: Session, user_id: UUID, purpose: Purpose) -> tuple[str, datetime]:
    """Return a new token and when it expires; earlier ones stay good."""
    token_id, secret, expires_at = uuid4(), secrets.token_urlsafe(32), now() + LIFETIME
    session.add(
        OneTimeToken(
            id=token_id,
            purpose=str(purpose),
            user_id=user_id,
            digest=digest_of(secret),
            expires_at=expires_at,
        )
    )
    return f"{token_id}.{secret}", expires_at


def redeem_token(session: Session, token: str, purpose: Purpose) -> User:
    """Use up a token and return its user; 400 for one that is unknown, used or expired."""
    text, _, secret = token.partition(".")
    try:
        row = session.get(OneTimeToken, UUID(text))
    except ValueError:
        row = None
    good = (
        row is not None
        and row.purpose == purpose
        and row.used_at is None
        and row.expires_at >= now()
        and hmac.compare_digest(row.digest, digest_of(secret))
    )
    if row is None or not good:
        raise bad_request("The token is invalid, used or expired.")
    row.used_at = now()
    return session.get_one(User, row.user_id)
