"""Invitations into a tenant: their issue, their acceptance, their end."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import schemas
from ..activity.log import record_activity
from ..auth.service import open_session
from ..database import now
from ..schemas import TeamInviteStatus
from ..security.tenancy import Caller, own
from ..security.tokens import digest_of, new_token
from ..service import Service
from ..tenants.members import require_owner_for
from ..users.accounts import membership_of, user_by_email
from ..users.models import Membership, User
from ..web.client_info import ClientInfo
from ..web.errors import Refusal, conflict, forbidden, found
from ..web.paging import Offsets, filtered
from .models import TeamInvite

DEFAULT_HOURS = 72
MAX_HOURS = 336


def invites_page(
    session: Session,
    tenant_id: UUID,
    status: TeamInviteStatus | None,
    email: str | None,
    page: Offsets,
) -> tuple[list[TeamInvite], int]:
    """Return a page of a tenant's invitations, and how many there are."""
    email = email and email.lower()
    query = filtered(select(TeamInvite), tenant_id=tenant_id, invited_email=email)
    if status is not None:
        query = query.where(_has_status(status))
    return page.counted(session, query, TeamInvite.created_at, TeamInvite.id)


def issue_invite(
    session: Session, caller: Caller, body: schemas.TeamInviteIssueRequest
) -> tuple[TeamInvite, str]:
    """Make an invitation; return it with its token. 403 for an owner's role, 409 for a member."""
    require_owner_for(caller.role, body.role)
    email = body.invited_email.lower()
    user = user_by_email(session, email)
    if user is not None and membership_of(session, caller.tenant_id, user.id) is not None:
        raise conflict("The user is a member already.")
    token = new_token()
    row = TeamInvite(
        tenant_id=caller.tenant_id,
        digest=token.digest,
        token_hint=token.hint,
        invited_email=email,
        role=str(body.role),
        created_by_user_id=caller.user_id,
        expires_at=now() + timedelta(hours=body.expires_in_hours or DEFAULT_HOURS),
    )
    session.add(row)
    session.flush()
    caller.record(session, "tenant.invite.issued", "invite", row.id, email)
    return row, token.text


def revoke_invite(session: Session, caller: Caller, invite_id: UUID) -> TeamInvite:
    """Revoke an invitation; 409 once it was accepted or revoked."""
    row = own(session, caller, TeamInvite, invite_id, "Invite")
    if row.status != TeamInviteStatus.ACTIVE:
        raise conflict(f"The invite is {row.state}.")
    row.status, row.revoked_at, row.revoked_reason = "revoked", now(), "revoked by an admin"
    return row


def accept_as_new_user(
    service: Service, session: Session, body: schemas.TeamInviteAcceptRequest, client: ClientInfo
) -> schemas.UserSessionResponse:
    """Make an account for the invited address, verified by the token, and begin a session."""
    row = _usable(session, body.token)
    if user_by_email(session, row.invited_email):
        raise conflict("The address has an account. Sign in and accept as that user.")
    user = User(
        email=row.invited_email,
        password_hash=service.passwords.hash(body.password),
        display_name=body.display_name,
        email_verified=True,
    )
    session.add(user)
    session.flush()
    membership = _redeemed(session, row, user.id)
    thing = ("invite", row.id)
    action = "tenant.invite.accepted"
    record_activity(session, row.tenant_id, user.id, action, *thing, actor_role=row.role)
    return open_session(service, session, user, membership, client)


def accept_as_user(session: Session, user_id: UUID, token: str) -> TeamInvite:
    """Make a user a member; 403 when another address was invited, 409 for a member."""
    row = _usable(session, token)
    user = session.get(User, user_id)
    if user is None or user.email != row.invited_email:
        raise forbidden("The invite is for another e-mail address.")
    if membership_of(session, row.tenant_id, user.id):
        raise conflict("The caller is a member already.")
    _redeemed(session, row, user.id)
    session.flush()
    return row


def _usable(session: Session, token: str) -> TeamInvite:
    """Return the invitation of a token; 404 unknown, 409 revoked or used, 410 expired."""
    query = select(TeamInvite).where(TeamInvite.digest == digest_of(token))
    row = found(session.scalar(query), "Invite")
    if row.state == TeamInviteStatus.EXPIRED:
        raise Refusal(410, "The invite has expired. Ask for a new one.")
    if row.state != TeamInviteStatus.ACTIVE:
        raise conflict(f"The invite is {row.state}.")
    return row


def _redeemed(session: Session, row: TeamInvite, user_id: UUID) -> Membership:
    row.status, row.accepted_at, row.accepted_by_user_id = "accepted", now(), user_id
    membership = Membership(tenant_id=row.tenant_id, user_id=user_id, role=row.role)
    session.add(membership)
    return membership


def _has_status(status: TeamInviteStatus) -> ColumnElement[bool]:
    """Return the condition that an invitation is in a state now; compare `TeamInvite.state`."""
    if status is TeamInviteStatus.ACTIVE:
        return (TeamInvite.status == "active") & (TeamInvite.expires_at > now())
    if status is TeamInviteStatus.EXPIRED:
        return (TeamInvite.status == "active") & (TeamInvite.expires_at <= now())
    return TeamInvite.status == str(status)
