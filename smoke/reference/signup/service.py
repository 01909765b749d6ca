"""Invitations to register a tenant: their state, their issue, their redemption."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..database import now
from ..security.tokens import digest_of, new_token
from ..web.errors import forbidden
from .models import SignupInvite
from .schemas import (
    SignupInviteIssueRequest,
    SignupInviteIssueResponse,
    SignupInviteResponse,
    SignupInviteStatus,
)


def status_of(row: SignupInvite) -> SignupInviteStatus:
    """Return the state of an invitation now."""
    if row.status == "revoked":
        return SignupInviteStatus.REVOKED
    if row.redeemed_count >= row.max_redemptions:
        return SignupInviteStatus.EXHAUSTED
    if row.expires_at is not None and row.expires_at <= now():
        return SignupInviteStatus.EXPIRED
    return SignupInviteStatus.ACTIVE


def has_status(status: SignupInviteStatus) -> ColumnElement[bool]:
    """Return the condition that an invitation is in a state now."""
    revoked = SignupInvite.status == "revoked"
    exhausted = SignupInvite.redeemed_count >= SignupInvite.max_redemptions
    expired = SignupInvite.expires_at.is_not(None) & (SignupInvite.expires_at <= now())
    conditions = {
        SignupInviteStatus.REVOKED: revoked,
        SignupInviteStatus.EXHAUSTED: ~revoked & exhausted,
        SignupInviteStatus.EXPIRED: ~revoked & ~exhausted & expired,
        SignupInviteStatus.ACTIVE: ~revoked & ~exhausted & ~expired,
    }
    return conditions[status]


def issue_signup_invite(
    session: Session, body: SignupInviteIssueRequest
) -> SignupInviteIssueResponse:
    """Make an invitation and return it with its token, which is told only once."""
    token = new_token()
    hours = body.expires_in_hours
    row = SignupInvite(
        digest=token.digest,
        token_hint=token.hint,
        invited_email=body.invited_email.lower() if body.invited_email else None,
        max_redemptions=body.max_redemptions,
        signup_request_id=body.signup_request_id,
        note=body.note,
        expires_at=now() + timedelta(hours=hours) if hours else None,
    )
    session.add(row)
    session.flush()
    return SignupInviteIssueResponse(**_fields(row), invite_token=token.text)


def redeem_signup_invite(session: Session, token: str | None, email: str) -> None:
    """Use an invitation once.

    Raises:
        Refusal: 403, there is none for the address that is still good.
    """
    query = select(SignupInvite).where(SignupInvite.digest == digest_of(token or ""))
    row = session.scalar(query)
    if row is None or status_of(row) is not SignupInviteStatus.ACTIVE:
        raise forbidden("A good invite is needed to register.")
    if row.invited_email not in (None, email):
        raise forbidden("The invite is for another e-mail address.")
    row.redeemed_count += 1


def signup_invite_view(row: SignupInvite) -> SignupInviteResponse:
    """Return an invitation as it is answered, without its token."""
    return SignupInviteResponse(**_fields(row))


def _fields(row: SignupInvite) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in SignupInviteResponse.model_fields}
    return values | {"status": str(status_of(row))}
