"""Signing in through an identity provider: the start, the callback, the user behind it."""

import secrets
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import jwt
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..database import now
from ..schemas import TenantRole
from ..security.tokens import digest_of, new_token
from ..service import Service
from ..tenants.models import Tenant
from ..users.accounts import user_by_email
from ..users.models import Membership, User
from ..web.errors import bad_request, forbidden, found, not_found
from .identity_provider import CLIENT_ID, REDIRECT_URI, challenge_of
from .models import SsoState

PROVIDERS = {"reference": "Reference identity provider"}
_STATE_LIFETIME = timedelta(minutes=10)


def tenant_of(session: Session, tenant_id: str | None, slug: str | None) -> Tenant:
    """Return the tenant that exactly one of id and slug names; 400 for none or both, 404."""
    if (tenant_id is None) == (slug is None):
        raise bad_request("Send exactly one of tenant_id and tenant_slug.")
    try:
        named = Tenant.slug == slug if tenant_id is None else Tenant.id == UUID(tenant_id)
    except ValueError as error:
        raise bad_request(f"{tenant_id!r} is not the id of a tenant.") from error
    return found(session.scalar(select(Tenant).where(named)), "Tenant")


def providers_of(service: Service) -> dict[str, str]:
    """Return the display name of each enabled provider by its key."""
    return {} if service.settings.lacks("sso") else PROVIDERS


def begin(service: Service, session: Session, tenant: Tenant, provider: str, issuer: str,
          login_hint: str | None) -> str:  # fmt: skip
    """Remember a sign-in that begins; return where the user must go. 404 without provider."""
    if provider not in providers_of(service):
        raise not_found("Provider")
    state, nonce, verifier = new_token(), secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    session.add(
        SsoState(
            digest=state.digest,
            tenant_id=tenant.id,
            provider_key=provider,
            nonce=nonce,
            code_verifier=verifier,
            expires_at=now() + _STATE_LIFETIME,
        )
    )
    query = {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid email profile",
        "state": state.text,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        **({"login_hint": login_hint} if login_hint else {}),
    }
    return f"{issuer}/authorize?{urlencode(query)}"


def complete(
    service: Service, session: Session, provider: str, issuer: str, code: str, state: str
) -> tuple[User, Membership]:
    """Use up a state and a code (else 400); return the user, perhaps new, and membership."""
    row = session.get(SsoState, digest_of(state))
    if row is None or row.provider_key != provider or row.used_at or row.expires_at < now():
        raise bad_request("The state is unknown, used or expired. Start again.")
    row.used_at = now()
    id_token = service.identity_provider.redeem(code, row.code_verifier)
    try:
        claims = service.identity_provider.claims_of(id_token or "", issuer)
    except jwt.PyJWTError as error:
        raise bad_request("The identity provider did not accept the code. Start again.") from error
    if claims["nonce"] != row.nonce:
        raise bad_request("The id token is not for this sign-in. Start again.")
    return _user_of(service, session, row.tenant_id, claims["email"].lower())


def _user_of(
    service: Service, session: Session, tenant_id: UUID, email: str
) -> tuple[User, Membership]:
    user = user_by_email(session, email)
    if user is None:
        # This password is not kept: the user signs in through the provider.
        unknown = service.passwords.hash(secrets.token_urlsafe(32))
        user = User(email=email, password_hash=unknown, email_verified=True)
        session.add(user)
        session.flush()
    if user.disabled_at is not None:
        raise forbidden("The account is disabled.")
    membership = session.get(Membership, (tenant_id, user.id))
    if membership is None:
        membership = Membership(tenant_id=tenant_id, user_id=user.id, role=str(TenantRole.MEMBER))
        session.add(membership)
        session.flush()
    return user, membership
