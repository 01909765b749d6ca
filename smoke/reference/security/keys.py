"""The service's own keys: two Ed25519 signing keys and one secret for presigned URLs.

They live in the database, so tokens and URLs stay good over a restart.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..database import Database, Dated, Table, now


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key pair with its id."""

    kid: str
    private: Ed25519PrivateKey

    def public_jwk(self) -> dict[str, str]:
        """Return the public half as a JSON Web Key (RFC 8037)."""
        x = base64.urlsafe_b64encode(self.private.public_key().public_bytes_raw())
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": self.kid,
            "x": x.rstrip(b"=").decode(),
            "use": "sig",
            "alg": "EdDSA",
        }


@dataclass(frozen=True, slots=True)
class Keys:
    """The key that signs, the one that will sign next, and the secret of presigned URLs."""

    active: SigningKey
    next: SigningKey
    url_secret: bytes
    created_at: datetime

    def by_kid(self, kid: object) -> SigningKey | None:
        """Return the published key of that id."""
        return {key.kid: key for key in (self.active, self.next)}.get(str(kid))

    def key_set(self) -> dict[str, Any]:
        """Return the published JSON Web Key Set, the signing key first."""
        return {"keys": [self.active.public_jwk(), self.next.public_jwk()]}

    def etag(self) -> str:
        """Return the strong ETag of the key set."""
        return f'"{hashlib.sha256(json.dumps(self.key_set()).encode()).hexdigest()}"'


async def open_keys(database: Database) -> Keys:
    """Return the stored keys, made on the first start."""
    async with database.writing() as session:
        active, created_at = _secret(session, "signing-key/active")
        following, _ = _secret(session, "signing-key/next")
        url_secret, _ = _secret(session, "url-secret")
    return Keys(_signing_key(active), _signing_key(following), url_secret, created_at)


def _secret(session: Session, name: str) -> tuple[bytes, datetime]:
    """Return 32 stored random bytes: the seed of an Ed25519 key, or an HMAC secret."""
    row = session.get(Secret, name)
    if row is None:
        row = Secret(name=name, value=secrets.token_bytes(32), created_at=now())
        session.add(row)
    return row.value, row.created_at


def _signing_key(seed: bytes) -> SigningKey:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    digest = hashlib.sha256(private.public_key().public_bytes_raw()).hexdigest()
    return SigningKey(f"ed25519-{digest[:16]}", private)


class Secret(Dated, Table):
    """Key material of the service itself: the private signing keys and the URL-signing secret."""

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]
