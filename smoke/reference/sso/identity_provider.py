"""A small OpenID Connect identity provider inside the service.

It signs in the address of `login_hint` at once, without a page: a test cannot fill one in.
OpenID Connect Core 1.0 (code flow, id tokens signed with ES256), PKCE with S256 (RFC 7636).
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from ..database import now

PATH = "/identity-provider"
CLIENT_ID = "api-service"
REDIRECT_URI = "https://app.example.com/auth/sso/callback"
_CODE_LIFETIME = timedelta(minutes=1)
_ID_TOKEN_LIFETIME = timedelta(minutes=5)
# By how much the clocks of the service and of the provider may differ.
_LEEWAY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for until it is redeemed."""

    issuer: str
    email: str
    nonce: str
    code_challenge: str
    expires_at: datetime


class IdentityProvider:
    """Hands out codes, and an id token for each."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._grants: dict[str, Grant] = {}

    def grant(self, issuer: str, email: str, nonce: str, code_challenge: str) -> str:
        """Return a code for a user that is signed in."""
        code = secrets.token_urlsafe(24)
        self._grants[code] = Grant(issuer, email, nonce, code_challenge, now() + _CODE_LIFETIME)
        return code

    def redeem(self, code: str, code_verifier: str) -> str | None:
        """Return the id token of a code; None when code or verifier is wrong, used or late."""
        grant = self._grants.pop(code, None)
        if grant is None or grant.expires_at < now():
            return None
        if not hmac.compare_digest(challenge_of(code_verifier), grant.code_challenge):
            return None
        claims = {
            "iss": grant.issuer,
            "aud": CLIENT_ID,
            "sub": hashlib.sha256(grant.email.encode()).hexdigest(),
            "email": grant.email,
            "email_verified": True,
            "nonce": grant.nonce,
            "iat": now(),
            "exp": now() + _ID_TOKEN_LIFETIME,
        }
        return jwt.encode(claims, self._key, algorithm="ES256")

    def claims_of(self, id_token: str, issuer: str) -> dict[str, str]:
        """Return the claims of an id token; PyJWTError when anything in it is wrong."""
        claims: dict[str, str] = jwt.decode(
            id_token,
            self._key.public_key(),
            algorithms=["ES256"],
            audience=CLIENT_ID,
            issuer=issuer,
            leeway=_LEEWAY,
        )
        return claims


def challenge_of(code_verifier: str) -> str:
    """Return the S256 code challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(code_verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
