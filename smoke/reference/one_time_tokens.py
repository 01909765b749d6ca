"""
Single-use tokens that prove an e-mail address: `<id>.<secret>`, stored as a digest.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from .database import now
from .tables.auth import OneTimeToken


class Purpose(StrEnum):
    """
    What a token may be redeemed for.
    """

    EMAIL_VERIFICATION = "email_verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # a purpose, not a password


LIFETIME = timedelta(hours=1)


def issue_token(session: AsyncSession, user_id: UUID, purpose: Purpose) -> tuple[str, datetime]:
    """
    Return a new token and when it expires; earlier ones stay good.
    """
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


async def redeem_token(session: AsyncSession, token: str, purpose: Purpose) -> UUID | None:
    """
    Use up a token and return its user; None when it is unknown, used or expired.
    """
    text, _, secret = token.partition(".")
    try:
        row = await session.get(OneTimeToken, UUID(text))
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
