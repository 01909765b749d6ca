"""
The caller's own account: its e-mail address, and its end.
"""

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..database import now
from ..errors import conflict
from ..memberships import is_last_owner
from ..models.users import (
    UserAccountDisableRequest,
    UserAccountDisableResponseData,
    UserAccountDisableSuccessResponse,
    UserEmailChangeRequest,
    UserEmailChangeResponseData,
    UserEmailChangeSuccessResponse,
)
from ..one_time_tokens import Purpose, issue_token
from ..password_rules import require_password
from ..principals import SignedIn
from ..service import Running
from ..sign_in import revoke_sessions
from ..tables.users import Membership, User

router = APIRouter(prefix="/api/v1/users/me", tags=["users"])


@router.patch("/email")
async def change_current_user_email(
    principal: SignedIn, body: UserEmailChangeRequest, service: Running
) -> UserEmailChangeSuccessResponse:
    """
    The caller has another address, not verified yet, and every session ends.
    """
    await require_password(service, principal.user_id, body.current_password)
    email = body.new_email.lower()
    async with service.database.writing() as session:
        holder = await session.scalar(select(User.id).where(User.email == email))
        if holder not in (None, principal.user_id):
            raise conflict("The e-mail address belongs to another account.")
        user = await session.get_one(User, principal.user_id)
        user.email, user.email_verified = email, False
        issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
        await revoke_sessions(session, user.id)
    data = UserEmailChangeResponseData(
        user_id=str(user.id), email=email, email_verified=False, verification_sent=True
    )
    return UserEmailChangeSuccessResponse(message="E-mail address changed.", data=data)


@router.post("/disable")
async def disable_current_user_account(
    principal: SignedIn, body: UserAccountDisableRequest, service: Running
) -> UserAccountDisableSuccessResponse:
    """
    The caller cannot sign in any more, and every session ends; 409 for the last owner of a tenant.
    """
    await require_password(service, principal.user_id, body.current_password)
    async with service.database.writing() as session:
        user = await session.get_one(User, principal.user_id)
        if user.disabled_at is None and await _owns_alone(session, user.id):
            raise conflict("The last owner of a tenant cannot be disabled. Make another owner.")
        user.disabled_at = user.disabled_at or now()
        revoked = await revoke_sessions(session, user.id)
    data = UserAccountDisableResponseData(
        user_id=str(user.id), disabled=True, revoked_sessions=revoked
    )
    return UserAccountDisableSuccessResponse(message="Account disabled.", data=data)


async def _owns_alone(session: AsyncSession, user_id: UUID) -> bool:
    rows = await session.scalars(select(Membership).where(Membership.user_id == user_id))
    return any([await is_last_owner(session, row) for row in rows])
