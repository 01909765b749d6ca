"""Access tokens, verified against the service's own key set (RFC 7519 §7.2, RFC 7517)."""

from typing import Any

import jwt

from smoke.config.rules import Token
from smoke.errors import BrokenError, UnverifiedError
from smoke.http.client import Client, Request

# Exceptions from reading a token or a key: the service may send anything for either.
UNREADABLE = (
    jwt.PyJWTError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip


class Verifier:
    """Verifies access tokens against the live JWKS (RFC 7517, RFC 7519 §7.2)."""

    def __init__(self, client: Client, token: Token | None) -> None:
        self._client = client
        self._token = token
        self._keys: jwt.PyJWKSet | None = None

    async def claims(self, access: str, kid: str | None = None) -> dict[str, Any]:
        """
        Return the verified claims; empty if the rules declare no [login.token].

        Raises:
            BrokenError: the token's signature, `kid`, algorithm, issuer, audience or times are
                wrong, or the JWKS cannot be read.
            UnverifiedError: the JWKS request got no response.
        """
        if self._token is None:
            return {}
        try:
            named = jwt.get_unverified_header(access).get("kid")
            return self._decode(access, named, await self._jwks(named), kid)
        except UNREADABLE as error:
            raise BrokenError(
                "Signing drift: the service hands out a token that its own JWKS "
                f"({self._token.jwks}) cannot verify: {str(error) or type(error).__name__}"
            ) from error

    def _decode(
        self, access: str, named: Any, keys: jwt.PyJWKSet, kid: str | None
    ) -> dict[str, Any]:
        assert self._token is not None  # noqa: S101  (claims() returns early)
        if not named or named not in _published(keys):
            raise jwt.InvalidTokenError(f"kid {named!r} is not among the keys {_published(keys)}")
        if kid is not None and kid != named:
            raise jwt.InvalidTokenError(
                f"the response has kid {kid!r}, but the token has kid {named!r}"
            )
        claims: dict[str, Any] = jwt.decode(
            access,
            keys[named],
            algorithms=list(self._token.algorithms),
            issuer=self._token.issuer or None,
            audience=self._token.audience or None,
            leeway=self._token.leeway_s,
            options={"require": ["exp", "iat", "sub"], "verify_aud": bool(self._token.audience)},
        )
        return claims

    async def _jwks(self, named: Any) -> jwt.PyJWKSet:
        """The key set, fetched again if it lacks that key: the service may have rotated keys."""
        assert self._token is not None  # noqa: S101
        if self._keys is None or named not in _published(self._keys):
            exchange = await self._client.send(Request(operation=f"GET {self._token.jwks}"))
            if exchange.status is None:
                raise UnverifiedError(
                    f"Tokens cannot be verified: {exchange.method} {exchange.url}: {exchange.error}"
                )
            try:
                self._keys = jwt.PyJWKSet.from_dict(exchange.json or {})
            except UNREADABLE as error:
                raise BrokenError(
                    f"Tokens cannot be verified: GET {self._token.jwks} answered "
                    f"{exchange.status or exchange.error}: {error}"
                ) from error
        return self._keys


def _published(keys: jwt.PyJWKSet) -> list[str | None]:
    return [key.key_id for key in keys.keys]
