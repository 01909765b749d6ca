"""Sign in, refresh, sign out, and the list of one's sessions."""

from uuid import UUID

from fastapi import APIRouter, Response

from ..mfa.schemas import MfaChallengeResponse
from ..schemas import UserSessionResponse, shown
from ..security.principals import SignedIn
from ..service import OpenSession, Running
from ..web.client_info import From, masked
from ..web.paging import Limit100, Offset
from . import service as sessions
from .schemas import (
    CurrentUserInfoResponseData,
    CurrentUserInfoSuccessResponse,
    LogoutAllSessionsSuccessResponse,
    LogoutSessionSuccessResponse,
    SessionClientInfo,
    SessionLogoutAllResponseData,
    SessionLogoutResponseData,
    SessionRevokeByIdSuccessResponse,
    UserLoginRequest,
    UserLogoutRequest,
    UserRefreshRequest,
    UserSessionItem,
    UserSessionListResponse,
)

router = APIRouter(prefix="/api/v1/auth", tags=["auth", "auth"])


@router.post("/token", responses={202: {"model": MfaChallengeResponse}})
async def login_for_access_token(
    body: UserLoginRequest, service: Running, client: From, response: Response
) -> UserSessionResponse | MfaChallengeResponse:
    """Begin a session; a challenge where a second factor is needed."""
    answer = await sessions.sign_in(service, body.email, body.password, body.tenant_id, client)
    if isinstance(answer, MfaChallengeResponse):
        response.status_code = 202
    return answer


@router.post("/refresh")
async def refresh_access_token(
    body: UserRefreshRequest, service: Running, session: OpenSession
) -> UserSessionResponse:
    """Return a new pair of tokens for a refresh token, which is dead from then on."""
    return sessions.renew_session(service, session, body.refresh_token)


@router.post("/logout")
async def logout_session(
    body: UserLogoutRequest, caller: SignedIn, service: Running, session: OpenSession
) -> LogoutSessionSuccessResponse:
    """Revoke the session of one's own refresh token; `revoked` is false if it was dead already."""
    revoked = sessions.close_session(service, session, caller.user_id, body.refresh_token)
    return LogoutSessionSuccessResponse(
        message="Session revoked." if revoked else "Session was not active.",
        data=SessionLogoutResponseData(revoked=revoked),
    )


@router.post("/logout/all")
async def logout_all_sessions(
    caller: SignedIn, session: OpenSession
) -> LogoutAllSessionsSuccessResponse:
    """Revoke every session of the caller."""
    revoked = sessions.revoke_sessions(session, caller.user_id)
    return LogoutAllSessionsSuccessResponse(
        message="Sessions revoked.", data=SessionLogoutAllResponseData(revoked=revoked)
    )


@router.get("/sessions")
async def list_user_sessions(
    caller: SignedIn,
    session: OpenSession,
    include_revoked: bool = False,
    limit: Limit100 = 20,
    offset: Offset = 0,
    tenant_id: UUID | None = None,
) -> UserSessionListResponse:
    """Return the caller's sessions, newest first."""
    rows, total = sessions.sessions_page(
        session,
        caller.user_id,
        tenant_id,
        include_revoked=include_revoked,
        limit=limit,
        offset=offset,
    )
    items = [
        shown(
            UserSessionItem,
            row,
            ip_address_masked=masked(row.ip_address),
            client=SessionClientInfo(user_agent=row.user_agent),
            current=row.id == caller.session_id,
        )
        for row in rows
    ]
    return UserSessionListResponse(sessions=items, total=total, limit=limit, offset=offset)


@router.delete("/sessions/{session_id}")
async def revoke_user_session(
    session_id: UUID, caller: SignedIn, session: OpenSession
) -> SessionRevokeByIdSuccessResponse:
    """Revoke one session of the caller."""
    sessions.revoke_session(session, caller.user_id, session_id)
    return SessionRevokeByIdSuccessResponse(
        message="Session revoked.", data=SessionLogoutResponseData(revoked=True)
    )


@router.get("/me")
async def get_current_user_info(caller: SignedIn) -> CurrentUserInfoSuccessResponse:
    """Return what the caller's token says."""
    data = CurrentUserInfoResponseData(user_id=str(caller.user_id), token_payload=caller.claims)
    return CurrentUserInfoSuccessResponse(message="Current user.", data=data)
