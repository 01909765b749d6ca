"""Seeding users: made by e-mail address, reset where they exist."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..auth.models import LoginFailure
from ..schemas import TenantRole
from ..security.passwords import hash_password
from ..tenants.models import Tenant
from ..users.models import Membership, User
from ..web.errors import bad_request
from .schemas import FixtureUser, FixtureUserResult


def hashed_passwords(wanted: Sequence[FixtureUser]) -> list[str]:
    """Return the hash of each user's password."""
    return [hash_password(user.password) for user in wanted]


def seed_users(
    session: Session, tenant: Tenant, wanted: Sequence[FixtureUser], hashes: Sequence[str]
) -> dict[str, FixtureUserResult]:
    """Make or reset users: password, lock, state, verification, platform role, membership."""
    results: dict[str, FixtureUserResult] = {}
    for one, password_hash in zip(wanted, hashes, strict=True):
        user = _user(session, one, password_hash)
        membership = session.get(Membership, (tenant.id, user.id))
        if membership is None:
            membership = Membership(tenant_id=tenant.id, user_id=user.id)
            session.add(membership)
        membership.role, membership.status = str(TenantRole(one.role)), "active"
        results[one.email] = FixtureUserResult(user_id=str(user.id), role=one.role)
    session.flush()
    return results


def user_id_of(session: Session, email: str | None) -> UUID | None:
    """Return the id of the user that something seeded belongs to; None for nobody.

    Raises:
        Refusal: 400, there is no such user.
    """
    if email is None:
        return None
    user_id = session.scalar(select(User.id).where(User.email == email.lower()))
    if user_id is None:
        raise bad_request(f"The user {email!r} is unknown. Name it among the users first.")
    return user_id


def _user(session: Session, wanted: FixtureUser, password_hash: str) -> User:
    email = wanted.email.lower()
    user = session.scalar(select(User).where(User.email == email))
    if user is None:
        user = User(email=email)
        session.add(user)
    user.password_hash = password_hash
    user.display_name = wanted.display_name or user.display_name
    user.email_verified = wanted.verify_email
    user.platform_role = str(wanted.platform_role) if wanted.platform_role else None
    user.disabled_at = None
    session.flush()
    session.execute(delete(LoginFailure).where(LoginFailure.user_id == user.id))
    return user
