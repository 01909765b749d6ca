"""Signing in: the password check with its lock, and the sessions that follow from it."""

import hmac
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import schemas
from ..activity.log import record_activity
from ..database import count, now
from ..mfa.service import challenge_for, challenged, prove
from ..schemas import TenantRole
from ..security.roles import scopes_of
from ..security.tokens import Subject, TokenError, digest_of
from ..service import Service
from ..users.accounts import membership_of, user_by_email
from ..users.models import Membership, User
from ..web.client_info import ClientInfo
from ..web.errors import Refusal, bad_request, forbidden, not_found, too_many_requests, unauthorized
from ..web.limits import MFA
from ..web.paging import Offsets, filtered
from .models import LoginFailure, UserSession

LOCK_AFTER = 5
LOCK_FOR = timedelta(hours=1)
_NETWORK_LIMIT = 50
_NETWORK_WINDOW = timedelta(minutes=10)


async def authenticated(service: Service, email: str, password: str, client: ClientInfo) -> User:
    """Return the user of a password; 401 wrong, 403 disabled, 423 locked, 429 busy network."""
    with service.database.reading() as session:
        _refuse_busy_network(session, client)
        user = user_by_email(session, email)
        if user is not None and _failures(session, user.id) >= LOCK_AFTER:
            raise _locked()
    if not service.passwords.matches(user.password_hash if user else None, password):
        await _record_failure(service, user, client)
        raise wrong_credentials()
    assert user is not None  # noqa: S101  # no password matches without a user
    if user.disabled_at is not None:
        raise forbidden("The account is disabled.")
    return user


def membership_for(session: Session, user_id: UUID, tenant_id: str | None) -> Membership:
    """Return the membership to sign in with; 401 without one, 400 for several and none named."""
    rows = list(session.scalars(select(Membership).where(Membership.user_id == user_id)))
    if tenant_id is not None:
        rows = [row for row in rows if str(row.tenant_id) == tenant_id.lower()]
    if not rows:
        raise wrong_credentials()
    if len(rows) > 1:
        raise bad_request("The user belongs to several tenants. Send tenant_id.")
    return rows[0]


async def sign_in(
    service: Service, email: str, password: str, tenant_id: str | None, client: ClientInfo
) -> schemas.UserSessionResponse | schemas.MfaChallengeResponse:
    """Begin a session for an e-mail address and password, or return the challenge."""
    try:
        user = await authenticated(service, email, password, client)
    except Refusal:
        service.metrics.logins.labels("failure").inc()
        raise
    async with service.database.writing() as session:
        membership = membership_for(session, user.id, tenant_id)
        return session_or_challenge(service, session, user, membership, client)


def session_or_challenge(
    service: Service, session: Session, user: User, membership: Membership, client: ClientInfo
) -> schemas.UserSessionResponse | schemas.MfaChallengeResponse:
    """Begin a session, or return the challenge of a user with a second factor."""
    challenge = challenge_for(service, session, membership)
    return challenge or open_session(service, session, user, membership, client)


async def complete_challenge(
    service: Service, token: str, method_id: UUID, code: str, client: ClientInfo
) -> schemas.UserSessionResponse:
    """Begin a challenge's session; 401 wrong token or code, 403 for a user disabled meanwhile."""
    user_id, tenant_id = challenged(service, token)
    service.limits.count_each(MFA, str(user_id), client.ip_address)
    wrong = unauthorized("The code is wrong, or the method unknown.", challenge=False)
    await prove(service, user_id, method_id, code, wrong)
    async with service.database.writing() as session:
        user, membership = session.get(User, user_id), membership_of(session, tenant_id, user_id)
        if user is None or membership is None:
            raise wrong_credentials()
        if user.disabled_at:
            raise forbidden("The account is disabled.")
        return open_session(service, session, user, membership, client)


def open_session(
    service: Service, session: Session, user: User, membership: Membership, client: ClientInfo
) -> schemas.UserSessionResponse:
    """Begin a session and return its first pair of tokens."""
    row = UserSession(
        id=uuid4(),
        user_id=user.id,
        tenant_id=membership.tenant_id,
        ip_address=client.ip_address,
        user_agent=client.user_agent,
    )
    session.add(row)
    thing, role = ("session", row.id), membership.role
    action = "auth.login.success"
    record_activity(session, membership.tenant_id, user.id, action, *thing, actor_role=role)
    service.metrics.logins.labels("success").inc()
    return _token_pair(service, row, user, membership)


def renew_session(
    service: Service, session: Session, refresh_token: str
) -> schemas.UserSessionResponse:
    """Return a new pair of tokens; 401 for a dead refresh token, as this one is from then on."""
    row = session_of(service, session, refresh_token)
    if row is None or not is_current(row, refresh_token):
        raise _dead_refresh_token()
    user = session.get(User, row.user_id)
    membership = session.get(Membership, (row.tenant_id, row.user_id))
    if user is None or user.disabled_at or membership is None:
        raise _dead_refresh_token()
    row.last_seen_at = now()
    return _token_pair(service, row, user, membership)


def close_session(service: Service, session: Session, user_id: UUID, refresh_token: str) -> bool:
    """Revoke the session of a user's own refresh token (403); tell whether it was still open."""
    row = session_of(service, session, refresh_token)
    if row is None or row.user_id != user_id:
        raise forbidden("The refresh token is not one of the caller's.")
    if not is_current(row, refresh_token):
        return False
    row.revoked_at = now()
    return True


def session_of(service: Service, session: Session, refresh_token: str) -> UserSession | None:
    """Return the session of a refresh token, current or not; a service account has none."""
    service.passwords.spend()
    try:
        claims = service.tokens.verified(refresh_token, "refresh")
    except TokenError:
        return None
    return session.get(UserSession, UUID(claims["sid"])) if claims.get("sid") else None


def is_current(row: UserSession, refresh_token: str) -> bool:
    """Tell whether a refresh token is the newest of a session that was not revoked."""
    current = hmac.compare_digest(row.refresh_digest, digest_of(refresh_token))
    return current and row.revoked_at is None


def sessions_page(
    session: Session, user_id: UUID, tenant_id: UUID | None, page: Offsets, *, include_revoked: bool
) -> tuple[list[UserSession], int]:
    """Return a page of a user's sessions, and how many there are."""
    query = filtered(select(UserSession), user_id=user_id, tenant_id=tenant_id)
    if not include_revoked:
        query = query.where(UserSession.revoked_at.is_(None))
    return page.counted(session, query, UserSession.created_at, UserSession.id)


def revoke_session(session: Session, user_id: UUID, session_id: UUID) -> None:
    """Revoke one session of a user; 404 when it is not the user's or revoked already."""
    row = session.get(UserSession, session_id)
    if row is None or row.user_id != user_id or row.revoked_at:
        raise not_found("Session")
    row.revoked_at = now()


def revoke_sessions(session: Session, user_id: UUID, tenant_id: UUID | None = None) -> int:
    """Revoke every session of a user, or those in one tenant, and return how many were open."""
    open_ones = (UserSession.user_id == user_id) & UserSession.revoked_at.is_(None)
    if tenant_id is not None:
        open_ones &= UserSession.tenant_id == tenant_id
    result = session.execute(update(UserSession).where(open_ones).values(revoked_at=now()))
    return int(result.rowcount)  # type: ignore[attr-defined]  # an update has one


def wrong_credentials() -> Refusal:
    """Return the one answer for every wrong sign-in, so that it tells nothing: 401."""
    return unauthorized("The e-mail address, password or tenant is wrong.")


def _token_pair(
    service: Service, row: UserSession, user: User, membership: Membership
) -> schemas.UserSessionResponse:
    role = TenantRole(membership.role)
    scopes = scopes_of(role, user.platform_role)
    subject = Subject(user.id, row.tenant_id, role, scopes, user.email_verified, row.id)
    access, refresh = service.tokens.access(subject), service.tokens.refresh(subject)
    service.passwords.spend()
    row.refresh_digest = digest_of(refresh.text)
    return schemas.UserSessionResponse(
        access_token=access.text,
        refresh_token=refresh.text,
        expires_at=access.expires_at,
        refresh_expires_at=refresh.expires_at,
        kid=access.kid,
        refresh_kid=refresh.kid,
        scopes=list(subject.scopes),
        tenant_id=str(subject.tenant_id),
        user_id=str(subject.user_id),
        email_verified=subject.email_verified,
        session_id=subject.session_id,
    )


async def _record_failure(service: Service, user: User | None, client: ClientInfo) -> None:
    """Count a wrong password; the one that fills the measure is already answered as locked."""
    user_id = user.id if user else None
    async with service.database.writing() as session:
        session.add(LoginFailure(user_id=user_id, network=client.network))
        session.flush()
        failures = _failures(session, user_id) if user_id else 0
    if failures >= LOCK_AFTER:
        raise _locked()


def _failures(session: Session, user_id: UUID) -> int:
    recent = LoginFailure.failed_at > now() - LOCK_FOR
    return count(session, LoginFailure.user_id == user_id, recent)


def _refuse_busy_network(session: Session, client: ClientInfo) -> None:
    recent = LoginFailure.failed_at > now() - _NETWORK_WINDOW
    if count(session, LoginFailure.network == client.network, recent) >= _NETWORK_LIMIT:
        raise too_many_requests("Too many failed sign-ins from this network. Try again later.")


def _locked() -> Refusal:
    return Refusal(423, "The account is locked after too many wrong passwords. Try again later.")


def _dead_refresh_token() -> Refusal:
    return unauthorized("The refresh token is invalid, used or revoked.", challenge=False)
