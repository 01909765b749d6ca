"""Invitations to register a tenant: their issue, their redemption, their end."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import now
from ..enums import SignupInviteStatus
from ..security.tokens import digest_of, new_token
from ..web.errors import forbidden, not_found
from ..web.paging import counted_page
from .models import SignupInvite, SignupRequest


def invites_page(
    session: Session,
    status: SignupInviteStatus | None,
    email: str | None,
    request_id: UUID | None,
    *,
    limit: int,
    offset: int,
) -> tuple[list[SignupInvite], int]:
    """Return a page of the invitations, and how many there are."""
    query = select(SignupInvite)
    if status is not None:
        query = query.where(_has_status(status))
    if email is not None:
        query = query.where(SignupInvite.invited_email == email.lower())
    if request_id is not None:
        query = query.where(SignupInvite.signup_request_id == request_id)
    key = (SignupInvite.created_at, SignupInvite.id)
    return counted_page(session, query, key, limit=limit, offset=offset)


def issue_invite(
    session: Session, body: schemas.SignupInviteIssueRequest
) -> tuple[SignupInvite, str]:
    """Make an invitation and return it with its token, which is shown only once.

    Raises:
        Refusal: 404, the request that it answers is unknown.
    """
    if body.signup_request_id and not session.get(SignupRequest, body.signup_request_id):
        raise not_found("Request")
    token, hours = new_token(), body.expires_in_hours
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
    return row, token.text


def redeem_invite(session: Session, token: str | None, email: str) -> None:
    """Use an invitation once.

    Raises:
        Refusal: 403, there is none for the address that is still good.
    """
    query = select(SignupInvite).where(SignupInvite.digest == digest_of(token or ""))
    row = session.scalar(query)
    if row is None or row.state != SignupInviteStatus.ACTIVE:
        raise forbidden("A good invite is needed to register.")
    if row.invited_email not in (None, email):
        raise forbidden("The invite is for another e-mail address.")
    row.redeemed_count += 1


def revoke_invite(session: Session, invite_id: UUID) -> SignupInvite:
    """Let nobody register with an invitation any more."""
    row = session.get(SignupInvite, invite_id)
    if row is None:
        raise not_found("Invite")
    row.status = "revoked"
    return row


def _has_status(status: SignupInviteStatus) -> ColumnElement[bool]:
    """Return the condition that an invitation is in a state now; compare `SignupInvite.state`."""
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
