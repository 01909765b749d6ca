"""The caller's own profile, account, consents and preferences."""

from fastapi import APIRouter

from .. import schemas
from ..security.principals import SignedIn
from ..security.tenancy import Viewer
from ..service import OpenSession, Running
from ..views import shown
from . import service as users
from .models import Consent, Membership, User

router = APIRouter(prefix="/api/v1/users", tags=["users"])


@router.get("/me")
async def get_current_user_profile(
    caller: SignedIn, session: OpenSession
) -> schemas.CurrentUserProfileSuccessResponse:
    return _profile("Profile.", *users.profile_of(session, caller))


@router.patch("/me/profile")
async def update_current_user_profile(
    caller: SignedIn, body: schemas.UserProfileUpdateRequest, session: OpenSession
) -> schemas.CurrentUserProfileSuccessResponse:
    return _profile("Profile updated.", *users.change_profile(session, caller, body))


@router.patch("/me/email")
async def change_current_user_email(
    caller: SignedIn, body: schemas.UserEmailChangeRequest, service: Running, session: OpenSession
) -> schemas.UserEmailChangeSuccessResponse:
    user = users.change_email(
        service, session, caller.user_id, body.current_password, body.new_email
    )
    data = schemas.UserEmailChangeResponseData(
        user_id=str(user.id), email=user.email, email_verified=False, verification_sent=True
    )
    return schemas.UserEmailChangeSuccessResponse(message="E-mail address changed.", data=data)


@router.post("/me/disable")
async def disable_current_user_account(
    caller: SignedIn,
    body: schemas.UserAccountDisableRequest,
    service: Running,
    session: OpenSession,
) -> schemas.UserAccountDisableSuccessResponse:
    revoked = users.disable_account(service, session, caller.user_id, body.current_password)
    data = schemas.UserAccountDisableResponseData(
        user_id=str(caller.user_id), disabled=True, revoked_sessions=revoked
    )
    return schemas.UserAccountDisableSuccessResponse(message="Account disabled.", data=data)


@router.get("/consents")
async def list_consents(caller: SignedIn, session: OpenSession) -> list[schemas.ConsentView]:
    return [shown(schemas.ConsentView, row) for row in users.consents_of(session, caller.user_id)]


@router.post("/consents", status_code=201)
async def record_consent(
    caller: SignedIn, body: schemas.ConsentRequest, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    session.add(Consent(user_id=caller.user_id, **body.model_dump()))
    return schemas.SuccessNoDataResponse(message="Consent recorded.")


@router.put("/notification-preferences")
async def upsert_notification_preference(
    caller: Viewer, body: schemas.NotificationPreferenceRequest, session: OpenSession
) -> schemas.NotificationPreferenceView:
    return shown(schemas.NotificationPreferenceView, users.save_preference(session, caller, body))


@router.get("/notification-preferences")
async def list_notification_preferences(
    caller: Viewer, session: OpenSession
) -> list[schemas.NotificationPreferenceView]:
    rows = users.preferences_of(session, caller)
    return [shown(schemas.NotificationPreferenceView, row) for row in rows]


def _profile(
    message: str, user: User, membership: Membership
) -> schemas.CurrentUserProfileSuccessResponse:
    data = shown(
        schemas.CurrentUserProfileResponseData,
        user,
        user_id=user.id,
        tenant_id=membership.tenant_id,
        role=membership.role,
    )
    return schemas.CurrentUserProfileSuccessResponse(message=message, data=data)
