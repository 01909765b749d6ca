"""
The caller's own profile.
"""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import bad_request, forbidden
from ..models.shared import TenantRole
from ..models.users import (
    CurrentUserProfileResponseData,
    CurrentUserProfileSuccessResponse,
    UserProfileUpdateRequest,
)
from ..principals import Principal, SignedIn
from ..service import Session
from ..tables.users import Membership, User

router = APIRouter(prefix="/api/v1/users", tags=["users"])


@router.get("/me")
async def get_current_user_profile(
    principal: SignedIn, session: Session
) -> CurrentUserProfileSuccessResponse:
    """
    The caller's profile, as stored now; 403 once removed from the token's tenant.
    """
    user, membership = await _self(session, principal)
    return _answer(user, membership, "Profile.")


@router.patch("/me/profile")
async def update_current_user_profile(
    principal: SignedIn, body: UserProfileUpdateRequest, session: Session
) -> CurrentUserProfileSuccessResponse:
    """
    The fields that were sent are changed; at least one is needed.
    """
    changes = body.model_dump(exclude_unset=True)
    if not changes:
        raise bad_request("There is nothing to change. Send at least one field.")
    user, membership = await _self(session, principal)
    for name, value in changes.items():
        setattr(user, name, value)
    return _answer(user, membership, "Profile updated.")


async def _self(session: AsyncSession, principal: Principal) -> tuple[User, Membership]:
    user = await session.get(User, principal.user_id)
    membership = await session.get(Membership, (principal.tenant_id, principal.user_id))
    if user is None or membership is None:
        raise forbidden("The caller is not a member of the token's tenant any more.")
    return user, membership


def _answer(user: User, membership: Membership, message: str) -> CurrentUserProfileSuccessResponse:
    data = CurrentUserProfileResponseData(
        user_id=str(user.id),
        tenant_id=str(membership.tenant_id),
        email=user.email,
        display_name=user.display_name,
        given_name=user.given_name,
        family_name=user.family_name,
        avatar_url=user.avatar_url,
        timezone=user.timezone,
        locale=user.locale,
        role=TenantRole(membership.role),
        email_verified=user.email_verified,
    )
    return CurrentUserProfileSuccessResponse(message=message, data=data)
