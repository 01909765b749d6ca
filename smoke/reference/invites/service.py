"""Invitations into a tenant: how long they last, what state they are in, how they are redeemed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ..database import now
from ..security.tokens import digest_of
from ..tenants.schemas import TeamInviteResponse, TeamInviteStatus
from ..users.models import Membership
from ..web.errors import Refusal, conflict, not_found
from .models import TeamInvite

DEFAULT_HOURS = 72
MAX_HOURS = 336


def status_of(row: TeamInvite) -> TeamInviteStatus:
    """Return the state of an invitation now."""
    if row.status == TeamInviteStatus.ACTIVE and row.expires_at <= now():
        return TeamInviteStatus.EXPIRED
    return TeamInviteStatus(row.status)


def has_status(status: TeamInviteStatus) -> ColumnElement[bool]:
    """Return the condition that an invitation is in a state now."""
    if status is TeamInviteStatus.ACTIVE:
        return (TeamInvite.status == "active") & (TeamInvite.expires_at > now())
    if status is TeamInviteStatus.EXPIRED:
        return (TeamInvite.status == "active") & (TeamInvite.expires_at <= now())
    return TeamInvite.status == str(status)


def usable_invite(session: Session, token: str) -> TeamInvite:
    """Return the invitation of a token.

    Raises:
        Refusal: 404 unknown, 409 revoked or used, 410 expired.
    """
    query = select(TeamInvite).where(TeamInvite.digest == digest_of(token))
    row = session.scalar(query)
    if row is None:
        raise not_found("Invite")
    status = status_of(row)
    if status is TeamInviteStatus.EXPIRED:
        raise Refusal(410, "The invite has expired. Ask for a new one.")
    if status is not TeamInviteStatus.ACTIVE:
        raise conflict(f"The invite is {status}.")
    return row


def redeem_invite(session: Session, row: TeamInvite, user_id: UUID) -> Membership:
    """Use up an invitation and return the membership it gives."""
    row.status, row.accepted_at, row.accepted_by_user_id = "accepted", now(), user_id
    membership = Membership(tenant_id=row.tenant_id, user_id=user_id, role=row.role)
    session.add(membership)
    return membership


def invite_view(row: TeamInvite, **more: Any) -> dict[str, Any]:
    """Return the fields of an invitation as it is answered."""
    values: dict[str, str | UUID | datetime | None] = {
        name: getattr(row, name) for name in TeamInviteResponse.model_fields
    }
    return values | {"status": str(status_of(row))} | more
