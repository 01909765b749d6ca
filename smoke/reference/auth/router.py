"""Sign in, refresh, sign out, and the list of one's sessions."""

from uuid import UUID

from fastapi import APIRouter, Response

from .. import schemas
from ..security.principals import SignedIn
from ..service import OpenSession, Running
from ..views import shown
from ..web.client_info import From, masked
from ..web.paging import Offsets20
from . import service as sessions

router = APIRouter(prefix="/api/v1/auth", tags=["auth", "auth"])


@router.post("/token", responses={202: {"model": schemas.MfaChallengeResponse}})
async def login_for_access_token(
    body: schemas.UserLoginRequest, service: Running, client: From, response: Response
) -> schemas.UserSessionResponse | schemas.MfaChallengeResponse:
    answer = await sessions.sign_in(service, body.email, body.password, body.tenant_id, client)
    if isinstance(answer, schemas.MfaChallengeResponse):
        response.status_code = 202
    return answer


@router.post("/refresh")
async def refresh_access_token(
    body: schemas.UserRefreshRequest, service: Running, session: OpenSession
) -> schemas.UserSessionResponse:
    return sessions.renew_session(service, session, body.refresh_token)


@router.post("/logout")
async def logout_session(
    body: schemas.UserLogoutRequest, caller: SignedIn, service: Running, session: OpenSession
) -> schemas.LogoutSessionSuccessResponse:
    revoked = sessions.close_session(service, session, caller.user_id, body.refresh_token)
    return schemas.LogoutSessionSuccessResponse(
        message="Session revoked." if revoked else "Session was not active.",
        data=schemas.SessionLogoutResponseData(revoked=revoked),
    )


@router.post("/logout/all")
async def logout_all_sessions(
    caller: SignedIn, session: OpenSession
) -> schemas.LogoutAllSessionsSuccessResponse:
    revoked = sessions.revoke_sessions(session, caller.user_id)
    return schemas.LogoutAllSessionsSuccessResponse(
        message="Sessions revoked.", data=schemas.SessionLogoutAllResponseData(revoked=revoked)
    )


@router.get("/sessions")
async def list_user_sessions(
    caller: SignedIn,
    session: OpenSession,
    page: Offsets20,
    include_revoked: bool = False,
    tenant_id: UUID | None = None,
) -> schemas.UserSessionListResponse:
    rows, total = sessions.sessions_page(
        session, caller.user_id, tenant_id, page, include_revoked=include_revoked
    )
    items = [
        shown(
            schemas.UserSessionItem,
            row,
            ip_address_masked=masked(row.ip_address),
            client=schemas.SessionClientInfo(user_agent=row.user_agent),
            current=row.id == caller.session_id,
        )
        for row in rows
    ]
    return schemas.UserSessionListResponse(
        sessions=items, total=total, limit=page.limit, offset=page.offset
    )


@router.delete("/sessions/{session_id}")
async def revoke_user_session(
    session_id: UUID, caller: SignedIn, session: OpenSession
) -> schemas.SessionRevokeByIdSuccessResponse:
    sessions.revoke_session(session, caller.user_id, session_id)
    return schemas.SessionRevokeByIdSuccessResponse(
        message="Session revoked.", data=schemas.SessionLogoutResponseData(revoked=True)
    )


@router.get("/me")
async def get_current_user_info(caller: SignedIn) -> schemas.CurrentUserInfoSuccessResponse:
    data = schemas.CurrentUserInfoResponseData(
        user_id=str(caller.user_id), token_payload=caller.claims
    )
    return schemas.CurrentUserInfoSuccessResponse(message="Current user.", data=data)
