"""Sign in, refresh, sign out, and the list of one's sessions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import func, select

from ..database import now
from ..mfa.schemas import MfaChallengeResponse
from ..schemas import UserSessionResponse
from ..security.principals import Principal, SignedIn
from ..security.tokens import TokenError
from ..service import OpenSession, Running, Service
from ..users.models import Membership, User
from ..web.client_info import From, masked
from ..web.errors import Refusal, forbidden, not_found, unauthorized
from ..web.paging import Offset
from .models import UserSession
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
from .service import (
    authenticated,
    is_current,
    membership_for,
    renew_session,
    revoke_sessions,
    session_or_challenge,
)

router = APIRouter(prefix="/api/v1/auth", tags=["auth", "auth"])


@router.post("/token", responses={202: {"model": MfaChallengeResponse}})
async def login_for_access_token(
    body: UserLoginRequest, service: Running, client: From, response: Response
) -> UserSessionResponse | MfaChallengeResponse:
    """A session for an e-mail address and password; a challenge where a second factor is needed."""
    try:
        user = await authenticated(service, body.email, body.password, client)
    except Refusal:
        service.metrics.logins.labels("failure").inc()
        raise
    async with service.database.writing() as session:
        membership = membership_for(session, user.id, body.tenant_id)
        answer = session_or_challenge(service, session, user, membership, client)
    if isinstance(answer, MfaChallengeResponse):
        response.status_code = 202
    return answer


@router.post("/refresh")
async def refresh_access_token(
    body: UserRefreshRequest, service: Running, session: OpenSession
) -> UserSessionResponse:
    """A new pair of tokens for a refresh token, which is dead from then on."""
    claims = _refresh_claims(service, body.refresh_token)
    row = session.get(UserSession, UUID(claims["sid"])) if claims else None
    if row is None or not is_current(row, body.refresh_token):
        raise _dead_refresh_token()
    user = session.get(User, row.user_id)
    membership = session.get(Membership, (row.tenant_id, row.user_id))
    if user is None or user.disabled_at or membership is None:
        raise _dead_refresh_token()
    return renew_session(service, row, user, membership)


@router.post("/logout")
async def logout_session(
    body: UserLogoutRequest, principal: SignedIn, service: Running, session: OpenSession
) -> LogoutSessionSuccessResponse:
    """
    The session of one's own refresh token is revoked; `revoked` is false if it was dead already.
    """
    claims = _refresh_claims(service, body.refresh_token)
    if claims is None or claims["sub"] != principal.claims["sub"]:
        raise forbidden("The refresh token is not one of the caller's.")
    row = session.get(UserSession, UUID(claims["sid"]))
    revoked = row is not None and is_current(row, body.refresh_token)
    if row is not None and revoked:
        row.revoked_at = now()
    return LogoutSessionSuccessResponse(
        message="Session revoked." if revoked else "Session was not active.",
        data=SessionLogoutResponseData(revoked=revoked),
    )


@router.post("/logout/all")
async def logout_all_sessions(
    principal: SignedIn, session: OpenSession
) -> LogoutAllSessionsSuccessResponse:
    """Every session of the caller is revoked."""
    revoked = revoke_sessions(session, principal.user_id)
    return LogoutAllSessionsSuccessResponse(
        message="Sessions revoked.", data=SessionLogoutAllResponseData(revoked=revoked)
    )


@router.get("/sessions")
async def list_user_sessions(
    principal: SignedIn,
    session: OpenSession,
    include_revoked: Annotated[
        bool, Query(description="When true, include revoked sessions in the response.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
    tenant_id: Annotated[UUID | None, Query()] = None,
) -> UserSessionListResponse:
    """The caller's sessions, newest first."""
    query = select(UserSession).where(UserSession.user_id == principal.user_id)
    if not include_revoked:
        query = query.where(UserSession.revoked_at.is_(None))
    if tenant_id is not None:
        query = query.where(UserSession.tenant_id == tenant_id)
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(UserSession.created_at.desc(), UserSession.id)
    rows = session.scalars(page.limit(limit).offset(offset))
    items = [_session_item(row, principal) for row in rows]
    return UserSessionListResponse(sessions=items, total=total or 0, limit=limit, offset=offset)


@router.delete("/sessions/{session_id}")
async def revoke_user_session(
    session_id: UUID, principal: SignedIn, session: OpenSession
) -> SessionRevokeByIdSuccessResponse:
    """One session of the caller is revoked; 404 when it is not the caller's or revoked already."""
    row = session.get(UserSession, session_id)
    if row is None or row.user_id != principal.user_id or row.revoked_at:
        raise not_found("Session")
    row.revoked_at = now()
    return SessionRevokeByIdSuccessResponse(
        message="Session revoked.", data=SessionLogoutResponseData(revoked=True)
    )


@router.get("/me")
async def get_current_user_info(principal: SignedIn) -> CurrentUserInfoSuccessResponse:
    """What the caller's token says."""
    return CurrentUserInfoSuccessResponse(
        message="Current user.",
        data=CurrentUserInfoResponseData(
            user_id=str(principal.user_id), token_payload=principal.claims
        ),
    )


def _refresh_claims(service: Service, token: str) -> dict[str, Any] | None:
    """Return the claims of a person's refresh token; a service account's has no session."""
    try:
        claims = service.tokens.verified(token, "refresh")
    except TokenError:
        return None
    return claims if claims.get("sid") else None


def _dead_refresh_token() -> Refusal:
    return unauthorized("The refresh token is invalid, used or revoked.", challenge=False)


def _session_item(row: UserSession, principal: Principal) -> UserSessionItem:
    return UserSessionItem(
        id=row.id,
        tenant_id=row.tenant_id,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        revoked_at=row.revoked_at,
        ip_address_masked=masked(row.ip_address),
        client=SessionClientInfo(user_agent=row.user_agent),
        current=row.id == principal.session_id,
    )
