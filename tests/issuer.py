"""A token issuer for tests: a test sets what it signs and what its key set holds."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.loopback import Heard, answer


@dataclass
class Issuer:
    """Signs in whoever asks; `claims` and `header` are laid over what is right."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    published: list[Ed25519PrivateKey] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    kid: str = "k1"
    status: int = 200
    signed_in: int = 0
    refreshed: int = 0

    def token(self) -> str:
        """An access token, valid for half an hour unless the claims say otherwise."""
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + 1800}
        claims = {"sub": "user:1", "iss": "shelf", "aud": ["readers"], **times, **self.claims}
        return jwt.encode(claims, self.key, "EdDSA", {"kid": "k1", **self.header})

    def jwks(self) -> dict[str, Any]:
        """The published keys, in order `k1`, `k2`, … (RFC 7517 §5)."""
        keys = []
        for number, key in enumerate(self.published or [self.key], 1):
            row = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key()))
            keys.append({**row, "kid": f"k{number}", "alg": "EdDSA", "use": "sig"})
        return {"keys": keys}

    async def __call__(self, heard: Heard, writer: asyncio.StreamWriter) -> None:
        """Answer as a service with a sign-in would."""
        path = heard.line.split()[1]
        body: dict[str, Any] = {"error": "no"}
        status = self.status
        if path == "/jwks":
            status, body = 200, self.jwks()
        elif path in ("/token", "/refresh") and self.status == 200:
            self.signed_in += path == "/token"
            self.refreshed += path == "/refresh"
            body = {"access": self.token(), "refresh": f"refresh-{self.refreshed}", "kid": self.kid}
        elif self.status == 200:
            body = {"authorization": heard.headers.get("authorization")}
        await answer(status, json.dumps(body).encode())(heard, writer)
