"""Seeding users: made by e-mail address, reset where they exist."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from .. import schemas
from ..auth.models import LoginFailure
from ..database import found_or_made
from ..schemas import TenantRole
from ..service import Service
from ..tenants.models import Tenant
from ..users.accounts import user_by_email
from ..users.models import Membership, User
from ..web.errors import bad_request


def seed_users(
    service: Service, session: Session, tenant: Tenant, wanted: Sequence[schemas.FixtureUser]
) -> dict[str, schemas.FixtureUserResult]:
    """Make or reset users: password, lock, state, verification, platform role, membership."""
    results: dict[str, schemas.FixtureUserResult] = {}
    for one in wanted:
        user = _user(session, one, service.passwords.hash(one.password))
        membership = found_or_made(session, Membership, tenant_id=tenant.id, user_id=user.id)
        membership.role, membership.status = str(TenantRole(one.role)), "active"
        results[one.email] = schemas.FixtureUserResult(user_id=str(user.id), role=one.role)
    session.flush()
    return results


def user_id_of(session: Session, email: str | None) -> UUID | None:
    """Return the id of the user of an address, if one is given; 400 for an unknown one."""
    return None if email is None else seeded_user(session, email).id


def seeded_user(session: Session, email: str) -> User:
    """Return the user of an address; 400 where there is none."""
    user = user_by_email(session, email)
    if user is None:
        raise bad_request(f"The user {email!r} is unknown. Name it among the users first.")
    return user


def _user(session: Session, wanted: schemas.FixtureUser, password_hash: str) -> User:
    user = found_or_made(session, User, email=wanted.email.lower())
    user.password_hash = password_hash
    user.display_name = wanted.display_name or user.display_name
    user.email_verified = wanted.verify_email
    user.platform_role = str(wanted.platform_role) if wanted.platform_role else None
    user.disabled_at = None
    session.flush()
    session.execute(delete(LoginFailure).where(LoginFailure.user_id == user.id))
    return user
