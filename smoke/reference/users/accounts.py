"""Finding users and their memberships."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Membership, User


def user_by_email(session: Session, email: str) -> User | None:
    """Return the user of an e-mail address, whatever its case."""
    return session.scalar(select(User).where(User.email == email.lower()))


def membership_of(session: Session, tenant_id: UUID, user_id: UUID) -> Membership | None:
    """Return the membership of a user in a tenant."""
    return session.get(Membership, (tenant_id, user_id))
