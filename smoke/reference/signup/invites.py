"""Invitations to register a tenant: their issue, their redemption, their end."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import existing, now
from ..schemas import SignupInviteStatus
from ..security.tokens import digest_of, new_token
from ..web.errors import forbidden
from ..web.paging import Offsets, filtered
from .models import SignupInvite, SignupRequest


def invites_page(
    session: Session,
    status: SignupInviteStatus | None,
    email: str | None,
    request_id: UUID | None,
    page: Offsets,
) -> tuple[list[SignupInvite], int]:
    """Return a page of the invitations, and how many there are."""
    email = email and email.lower()
    query = filtered(select(SignupInvite), invited_email=email, signup_request_id=request_id)
    if status is not None:
        query = query.where(_has_status(status))
    return page.counted(session, query, SignupInvite.created_at, SignupInvite.id)


def issue_invite(
    session: Session, body: schemas.SignupInviteIssueRequest
) -> tuple[SignupInvite, str]:
    """Make an invitation and return it with its token; 404 if the request it answers is unknown."""
    if body.signup_request_id:
        existing(session, SignupRequest, body.signup_request_id, "Request")
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
    """Use an invitation of an address once; 403 without one that is still good."""
    query = select(SignupInvite).where(SignupInvite.digest == digest_of(token or ""))
    row = session.scalar(query)
    if row is None or row.state != SignupInviteStatus.ACTIVE:
        raise forbidden("A good invite is needed to register.")
    if row.invited_email not in (None, email):
        raise forbidden("The invite is for another e-mail address.")
    row.redeemed_count += 1


def revoke_invite(session: Session, invite_id: UUID) -> SignupInvite:
    """Revoke an invitation: it registers no more tenants."""
    row = existing(session, SignupInvite, invite_id, "Invite")
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
