"""What a user may change about itself: profile, address, account, consents, preferences."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schemas
from ..auth.service import revoke_sessions
from ..credentials.one_time_tokens import Purpose, issue_token
from ..credentials.service import confirmed_user
from ..database import found_or_made, now
from ..security.principals import Principal
from ..security.tenancy import Caller
from ..service import Service
from ..tenants.members import is_last_owner
from ..web.errors import bad_request, conflict, forbidden
from .accounts import membership_of, user_by_email
from .models import Consent, Membership, NotificationPreference, User


def profile_of(session: Session, principal: Principal) -> tuple[User, Membership]:
    """Return a caller as stored now; 403 once removed from the token's tenant."""
    user = session.get(User, principal.user_id)
    membership = membership_of(session, principal.tenant_id, principal.user_id)
    if user is None or membership is None:
        raise forbidden("The caller is not a member of the token's tenant any more.")
    return user, membership


def change_profile(
    session: Session, principal: Principal, body: schemas.UserProfileUpdateRequest
) -> tuple[User, Membership]:
    """Change the fields that were sent; 400 when there is none."""
    changes = body.model_dump(exclude_unset=True)
    if not changes:
        raise bad_request("There is nothing to change. Send at least one field.")
    user, membership = profile_of(session, principal)
    for name, value in changes.items():
        setattr(user, name, value)
    return user, membership


def change_email(
    service: Service, session: Session, user_id: UUID, password: str, email: str
) -> User:
    """Give a user another address, not verified yet; every session ends."""
    user = confirmed_user(service, session, user_id, password)
    holder = user_by_email(session, email)
    if holder is not None and holder.id != user_id:
        raise conflict("The e-mail address belongs to another account.")
    user.email, user.email_verified = email.lower(), False
    issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
    revoke_sessions(session, user.id)
    return user


def disable_account(service: Service, session: Session, user_id: UUID, password: str) -> int:
    """Let a user sign in no more; return how many sessions ended. 409 for a last owner."""
    user = confirmed_user(service, session, user_id, password)
    memberships = session.scalars(select(Membership).where(Membership.user_id == user_id))
    if user.disabled_at is None and any(is_last_owner(session, row) for row in memberships):
        raise conflict("The last owner of a tenant cannot be disabled. Make another owner.")
    user.disabled_at = user.disabled_at or now()
    return revoke_sessions(session, user.id)


def consents_of(session: Session, user_id: UUID) -> Sequence[Consent]:
    """Return a user's consents, newest first."""
    query = select(Consent).where(Consent.user_id == user_id)
    return session.scalars(query.order_by(Consent.accepted_at.desc(), Consent.id)).all()


def save_preference(
    session: Session, caller: Caller, body: schemas.NotificationPreferenceRequest
) -> NotificationPreference:
    """Save a wish for a channel and category, everywhere or in the caller's tenant."""
    if body.tenant_id not in (None, caller.tenant_id):
        raise forbidden("The preference is for another tenant.")
    key = {"user_id": caller.user_id, **body.model_dump(exclude={"enabled"})}
    row = found_or_made(session, NotificationPreference, **key)
    row.enabled = body.enabled
    session.flush()
    return row


def preferences_of(session: Session, caller: Caller) -> Sequence[NotificationPreference]:
    """Return the wishes of a user that hold in the caller's tenant."""
    tenant = NotificationPreference.tenant_id
    query = select(NotificationPreference).where(
        NotificationPreference.user_id == caller.user_id,
        tenant.is_(None) | (tenant == caller.tenant_id),
    )
    order = (NotificationPreference.channel, NotificationPreference.category)
    return session.scalars(query.order_by(*order)).all()
