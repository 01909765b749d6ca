"""The caller's own profile."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..auth.service import revoke_sessions
from ..credentials.service import Purpose, issue_token, require_password
from ..database import now
from ..schemas import SuccessNoDataResponse, TenantRole
from ..security.principals import Principal, SignedIn
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession, Running
from ..tenants.service import is_last_owner
from ..web.errors import bad_request, conflict, forbidden
from .models import Consent, Membership, NotificationPreference, User
from .schemas import (
    ConsentRequest,
    ConsentView,
    CurrentUserProfileResponseData,
    CurrentUserProfileSuccessResponse,
    NotificationPreferenceRequest,
    NotificationPreferenceView,
    UserAccountDisableRequest,
    UserAccountDisableResponseData,
    UserAccountDisableSuccessResponse,
    UserEmailChangeRequest,
    UserEmailChangeResponseData,
    UserEmailChangeSuccessResponse,
    UserProfileUpdateRequest,
)

router = APIRouter(prefix="/api/v1/users", tags=["users"])


@router.get("/me")
async def get_current_user_profile(
    principal: SignedIn, session: OpenSession
) -> CurrentUserProfileSuccessResponse:
    """The caller's profile, as stored now; 403 once removed from the token's tenant."""
    user, membership = _self(session, principal)
    return _answer(user, membership, "Profile.")


@router.patch("/me/profile")
async def update_current_user_profile(
    principal: SignedIn, body: UserProfileUpdateRequest, session: OpenSession
) -> CurrentUserProfileSuccessResponse:
    """The fields that were sent are changed; at least one is needed."""
    changes = body.model_dump(exclude_unset=True)
    if not changes:
        raise bad_request("There is nothing to change. Send at least one field.")
    user, membership = _self(session, principal)
    for name, value in changes.items():
        setattr(user, name, value)
    return _answer(user, membership, "Profile updated.")


def _self(session: Session, principal: Principal) -> tuple[User, Membership]:
    user = session.get(User, principal.user_id)
    membership = session.get(Membership, (principal.tenant_id, principal.user_id))
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


@router.patch("/me/email")
async def change_current_user_email(
    principal: SignedIn, body: UserEmailChangeRequest, service: Running
) -> UserEmailChangeSuccessResponse:
    """The caller has another address, not verified yet, and every session ends."""
    require_password(service, principal.user_id, body.current_password)
    email = body.new_email.lower()
    async with service.database.writing() as session:
        holder = session.scalar(select(User.id).where(User.email == email))
        if holder not in (None, principal.user_id):
            raise conflict("The e-mail address belongs to another account.")
        user = session.get_one(User, principal.user_id)
        user.email, user.email_verified = email, False
        issue_token(session, user.id, Purpose.EMAIL_VERIFICATION)
        revoke_sessions(session, user.id)
    data = UserEmailChangeResponseData(
        user_id=str(user.id), email=email, email_verified=False, verification_sent=True
    )
    return UserEmailChangeSuccessResponse(message="E-mail address changed.", data=data)


@router.post("/me/disable")
async def disable_current_user_account(
    principal: SignedIn, body: UserAccountDisableRequest, service: Running
) -> UserAccountDisableSuccessResponse:
    """
    The caller cannot sign in any more, and every session ends; 409 for the last owner of a tenant.
    """
    require_password(service, principal.user_id, body.current_password)
    async with service.database.writing() as session:
        user = session.get_one(User, principal.user_id)
        if user.disabled_at is None and _owns_alone(session, user.id):
            raise conflict("The last owner of a tenant cannot be disabled. Make another owner.")
        user.disabled_at = user.disabled_at or now()
        revoked = revoke_sessions(session, user.id)
    data = UserAccountDisableResponseData(
        user_id=str(user.id), disabled=True, revoked_sessions=revoked
    )
    return UserAccountDisableSuccessResponse(message="Account disabled.", data=data)


def _owns_alone(session: Session, user_id: UUID) -> bool:
    rows = session.scalars(select(Membership).where(Membership.user_id == user_id))
    return any(is_last_owner(session, row) for row in rows)


@router.get("/consents")
async def list_consents(principal: SignedIn, session: OpenSession) -> list[ConsentView]:
    """The caller's consents, newest first."""
    query = select(Consent).where(Consent.user_id == principal.user_id)
    rows = session.scalars(query.order_by(Consent.accepted_at.desc(), Consent.id))
    return [
        ConsentView(policy_key=row.policy_key, version=row.version, accepted_at=row.accepted_at)
        for row in rows
    ]


@router.post("/consents", status_code=201)
async def record_consent(
    principal: SignedIn, body: ConsentRequest, session: OpenSession
) -> SuccessNoDataResponse:
    """The caller agrees to a version of a policy."""
    session.add(Consent(user_id=principal.user_id, **body.model_dump()))
    return SuccessNoDataResponse(message="Consent recorded.")


Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]


@router.put("/notification-preferences")
async def upsert_notification_preference(
    caller: Viewer, body: NotificationPreferenceRequest, session: OpenSession
) -> NotificationPreferenceView:
    """The caller's wish for a channel and category, everywhere or in the caller's tenant."""
    if body.tenant_id not in (None, caller.tenant_id):
        raise forbidden("The preference is for another tenant.")
    row = session.scalar(
        select(NotificationPreference).where(
            NotificationPreference.user_id == caller.user_id,
            NotificationPreference.tenant_id == body.tenant_id,
            NotificationPreference.channel == body.channel,
            NotificationPreference.category == body.category,
        )
    )
    if row is None:
        row = NotificationPreference(user_id=caller.user_id, **body.model_dump())
        session.add(row)
    row.enabled = body.enabled
    session.flush()
    return _preference_view(row)


@router.get("/notification-preferences")
async def list_notification_preferences(
    caller: Viewer, session: OpenSession
) -> list[NotificationPreferenceView]:
    """The caller's wishes that hold in the caller's tenant."""
    here = NotificationPreference.tenant_id.is_(None) | (
        NotificationPreference.tenant_id == caller.tenant_id
    )
    query = select(NotificationPreference).where(
        NotificationPreference.user_id == caller.user_id, here
    )
    order = (NotificationPreference.channel, NotificationPreference.category)
    return [_preference_view(row) for row in session.scalars(query.order_by(*order))]


def _preference_view(row: NotificationPreference) -> NotificationPreferenceView:
    names = NotificationPreferenceView.model_fields
    return NotificationPreferenceView(**{name: getattr(row, name) for name in names})
