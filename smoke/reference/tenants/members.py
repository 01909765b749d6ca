"""Members of tenants: who may give which role, and the owner that every tenant keeps."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..auth.service import revoke_sessions
from ..database import count
from ..schemas import TenantRole
from ..security.tenancy import Caller
from ..users.accounts import membership_of, user_by_email
from ..users.models import Membership, User
from ..web.errors import conflict, forbidden, found
from ..web.paging import Offsets

Member = tuple[Membership, User]


def members_page(session: Session, tenant_id: UUID, page: Offsets) -> tuple[list[Member], int, int]:
    """Return a page of members in the order of joining, how many there are, and owners of them."""
    ours = Membership.tenant_id == tenant_id
    total = count(session, ours)
    owners = count(session, ours, Membership.role == str(TenantRole.OWNER))
    query = select(Membership, User).join(User, User.id == Membership.user_id).where(ours)
    order = (Membership.joined_at, Membership.user_id)
    rows = session.execute(query.order_by(*order).limit(page.limit).offset(page.offset))
    return [(membership, user) for membership, user in rows], total, owners


def add_member(session: Session, caller: Caller, email: str, role: TenantRole) -> Member:
    """Make somebody who has an account a member; 404 without an account, 409 for a member."""
    require_owner_for(caller.role, role)
    user = found(user_by_email(session, email), "User")
    if membership_of(session, caller.tenant_id, user.id) is not None:
        raise conflict("The user is a member already.")
    membership = Membership(tenant_id=caller.tenant_id, user_id=user.id, role=str(role))
    session.add(membership)
    _record(session, caller, membership, "added")
    session.flush()
    return membership, user


def change_role(session: Session, caller: Caller, user_id: UUID, role: TenantRole) -> Member:
    """Give a member another role; tokens issued from now on carry its scopes."""
    membership = _member(session, caller, user_id)
    if membership.role != role:
        require_owner_for(caller.role, membership.role, role)
        require_another_owner(session, membership)
        membership.role = str(role)
        _record(session, caller, membership, "role_changed")
    return membership, session.get_one(User, user_id)


def remove_member(session: Session, caller: Caller, user_id: UUID) -> None:
    """Take a member out of the tenant, and end its sessions there; 409 for the last owner."""
    membership = _member(session, caller, user_id)
    require_owner_for(caller.role, membership.role)
    require_another_owner(session, membership)
    _record(session, caller, membership, "removed")
    session.delete(membership)
    revoke_sessions(session, user_id, caller.tenant_id)


def is_last_owner(session: Session, membership: Membership) -> bool:
    """Tell whether a tenant has no other owner who can still sign in."""
    if membership.role != TenantRole.OWNER:
        return False
    return not count(
        session,
        Membership.tenant_id == membership.tenant_id,
        Membership.user_id != membership.user_id,
        Membership.role == str(TenantRole.OWNER),
        Membership.user_id == User.id,
        User.disabled_at.is_(None),
    )


def require_another_owner(session: Session, membership: Membership) -> None:
    """Refuse what would leave a tenant without an owner: 409."""
    if is_last_owner(session, membership):
        raise conflict("The tenant needs an owner. Make another one first.")


def require_owner_for(caller: TenantRole, *roles: str) -> None:
    """Refuse that anybody but an owner gives or takes the role of an owner: 403."""
    if str(TenantRole.OWNER) in roles and caller is not TenantRole.OWNER:
        raise forbidden("Only an owner may give or take the role of an owner.")


def _member(session: Session, caller: Caller, user_id: UUID) -> Membership:
    return found(membership_of(session, caller.tenant_id, user_id), "Member")


def _record(session: Session, caller: Caller, membership: Membership, what: str) -> None:
    more = {"role": membership.role}
    caller.record(session, f"tenant.member.{what}", "user", membership.user_id, metadata=more)
