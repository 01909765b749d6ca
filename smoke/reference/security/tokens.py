"""Access and refresh tokens: JSON Web Tokens signed with Ed25519 (RFC 7519, RFC 8037).

An access token is stateless: it is good until it expires, whatever happens to its session.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from ..database import now
from .keys import Keys

ISSUER = "api-service"
AUDIENCE = [
    "agent-api",
    "analytics-service",
    "billing-worker",
    "support-console",
    "synthetic-monitor",
]
ACCESS_LIFETIME = timedelta(minutes=30)
REFRESH_LIFETIME = timedelta(days=30)
_REMEMBERED = 1000  # tokens with a signature that need not be verified again


class TokenError(ValueError):
    """A token is not one of ours, not of the wanted use, or not valid now."""


@dataclass(frozen=True, slots=True)
class Subject:
    """For whom tokens are issued: a user in a tenant, with a role, in a session."""

    user_id: UUID
    tenant_id: UUID
    role: str
    scopes: tuple[str, ...]
    email_verified: bool
    session_id: UUID


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A signed token, the id of its key, and when it expires."""

    text: str
    kid: str
    expires_at: datetime


class Tokens:
    """Issues and verifies the service's tokens."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: dict[tuple[str, str], dict[str, Any]] = {}

    def access(self, subject: Subject) -> IssuedToken:
        """Return a new access token."""
        own = {"roles": [subject.role], "aud": AUDIENCE}
        return self.signed(_claims(subject, "access") | own, ACCESS_LIFETIME)

    def refresh(self, subject: Subject) -> IssuedToken:
        """Return a new refresh token."""
        own = {"account": f"user:{subject.user_id}"}
        return self.signed(_claims(subject, "refresh") | own, REFRESH_LIFETIME)

    def signed(self, claims: dict[str, Any], lifetime: timedelta) -> IssuedToken:
        """
        Return the claims signed by the active key; issuer, id and times (whole seconds) are added.
        """
        issued_at = int(now().timestamp())
        expires_at = issued_at + int(lifetime.total_seconds())
        times = {"iat": issued_at, "nbf": issued_at, "exp": expires_at}
        key = self._keys.active
        whole = claims | {"iss": ISSUER, "jti": uuid4().hex} | times
        text = jwt.encode(whole, key.private, algorithm="EdDSA", headers={"kid": key.kid})
        return IssuedToken(text, key.kid, datetime.fromtimestamp(expires_at, now().tzinfo))

    def verified(self, text: str, use: str) -> dict[str, Any]:
        """Return the claims of a token of the given use ("access" or "refresh").

        Raises:
            TokenError: the signature, key, algorithm, issuer, audience, use or time is wrong.
        """
        claims = self._known.get((text, use))
        if claims is None:
            claims = self._checked(text, use)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[text, use] = claims
        # A signature stays good, a time does not.
        elif claims["exp"] <= now().timestamp():
            raise TokenError("The token has expired.")
        return dict(claims)

    def _checked(self, text: str, use: str) -> dict[str, Any]:
        audience = AUDIENCE if use == "access" else None
        try:
            key = self._keys.by_kid(jwt.get_unverified_header(text).get("kid"))
            if key is None:
                raise TokenError("The token is signed with an unknown key.")
            claims: dict[str, Any] = jwt.decode(
                text,
                key.private.public_key(),
                algorithms=["EdDSA"],
                issuer=ISSUER,
                audience=audience,
                options={"require": ["exp", "iat", "sub", "jti"], "verify_aud": bool(audience)},
            )
        except jwt.PyJWTError as error:
            raise TokenError("The token is invalid or has expired.") from error
        if claims.get("token_use") != use:
            raise TokenError(f"The token is not usable as {use} token.")
        return claims


def _claims(subject: Subject, use: str) -> dict[str, Any]:
    return {
        "sub": f"user:{subject.user_id}",
        "tenant_id": str(subject.tenant_id),
        "scope": " ".join(subject.scopes),
        "token_use": use,
        "email_verified": subject.email_verified,
        "sid": str(subject.session_id),
    }


_HINT_LENGTH = 6


@dataclass(frozen=True, slots=True)
class OpaqueToken:
    """A new token: its text, the digest to keep, and a hint by which people tell tokens apart."""

    text: str
    digest: str
    hint: str


def new_token() -> OpaqueToken:
    """Return a new random token of 256 bits."""
    text = secrets.token_urlsafe(32)
    return OpaqueToken(text, digest_of(text), text[:_HINT_LENGTH])


def digest_of(text: str) -> str:
    """Return the digest under which a token is kept."""
    return hashlib.sha256(text.encode()).hexdigest()
