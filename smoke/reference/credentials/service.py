"""Passwords and e-mail addresses: which ones a user may choose, and how they change."""

from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from ..auth.models import LoginFailure
from ..auth.service import revoke_sessions
from ..database import existing
from ..schemas import TenantRole
from ..security.principals import Principal, require_verified
from ..security.roles import reaches, require_role
from ..service import Service
from ..users.accounts import membership_of, user_by_email
from ..users.models import User
from ..web.client_info import ClientInfo
from ..web.errors import bad_request, not_found, unauthorized
from ..web.limits import EMAIL_SEND
from .models import FormerPassword
from .one_time_tokens import Purpose, issue_token, redeem_token

# How many passwords, the present one among them, must not be chosen again.
REMEMBERED = 5


def forget_password(session: Session, email: str) -> None:
    """Make a reset token for the user of an address, if there is one who can sign in."""
    user = user_by_email(session, email)
    if user is not None and user.disabled_at is None:
        issue_token(session, user.id, Purpose.PASSWORD_RESET)


def confirm_password(service: Service, session: Session, token: str, password: str) -> None:
    """Give the user of a reset token a new password."""
    user = redeem_token(session, token, Purpose.PASSWORD_RESET)
    replace_password(service, session, user, password)


def change_password(
    service: Service, session: Session, user_id: UUID, current: str, password: str
) -> None:
    """Give a user who knows the present password a new one."""
    user = confirmed_user(service, session, user_id, current)
    replace_password(service, session, user, password)


def reset_password(
    service: Service, session: Session, admin: Principal, user_id: UUID, password: str
) -> None:
    """Give a member of an admin's tenant a new password; 403 for others than admins, or 404."""
    require_verified(admin)
    require_role(admin.role, TenantRole.ADMIN)
    member = membership_of(session, admin.tenant_id, user_id)
    if member is None or not reaches(admin.role, TenantRole(member.role)):
        raise not_found("Member")
    replace_password(service, session, session.get_one(User, user_id), password)


def confirmed_user(service: Service, session: Session, user_id: UUID, password: str) -> User:
    """Return a user who knows the present password; 401 without a challenge."""
    user = session.get(User, user_id)
    if not service.passwords.matches(user.password_hash if user else None, password):
        raise unauthorized("The current password is wrong.", challenge=False)
    return session.get_one(User, user_id)


def replace_password(service: Service, session: Session, user: User, password: str) -> None:
    """Replace a password with one not among the last five (400); every session and lock ends."""
    former = list(session.scalars(_newest_former(user.id)))
    stored = [user.password_hash] + [row.password_hash for row in former[: REMEMBERED - 1]]
    if any(service.passwords.matches(one, password) for one in stored):
        raise bad_request("The password was used before. Choose another one.")
    session.add(FormerPassword(user_id=user.id, password_hash=user.password_hash))
    for row in former[REMEMBERED - 2 :]:
        session.delete(row)
    user.password_hash = service.passwords.hash(password)
    revoke_sessions(session, user.id)
    session.execute(delete(LoginFailure).where(LoginFailure.user_id == user.id))


def send_verification(
    service: Service, session: Session, user_id: UUID, client: ClientInfo
) -> bool:
    """Make a verification token, unless the address is verified already; tell whether it is."""
    user = existing(session, User, user_id, "User")
    if not user.email_verified:
        service.limits.count_each(EMAIL_SEND, str(user.id), client.ip_address)
        issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
    return user.email_verified


def verify_email(session: Session, token: str) -> None:
    """Verify the address of a token's user; tokens issued later say so, and every session ends."""
    user = redeem_token(session, token, Purpose.EMAIL_VERIFICATION)
    user.email_verified = True
    revoke_sessions(session, user.id)


def _newest_former(user_id: UUID) -> Select[FormerPassword]:
    query = select(FormerPassword).where(FormerPassword.user_id == user_id)
    return query.order_by(FormerPassword.id.desc())
