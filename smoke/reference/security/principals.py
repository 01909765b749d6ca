"""Who calls: the bearer of a verified access token."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ..schemas import TenantRole
from ..service import Running, Service
from ..web.errors import forbidden, unauthorized
from .tokens import TokenError

_bearer = HTTPBearer(auto_error=False)


@dataclass(frozen=True, slots=True)
class Principal:
    """The bearer of an access token, as the token says; the database may have moved on."""

    user_id: UUID
    tenant_id: UUID
    role: TenantRole
    scopes: frozenset[str]
    email_verified: bool
    session_id: UUID | None
    claims: dict[str, Any]


async def _principal(
    service: Running,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    if credentials is None:
        raise unauthorized("A bearer token is needed.")
    return principal_of(service, credentials.credentials)


SignedIn = Annotated[Principal, Depends(_principal)]
"""The caller, who may be unverified; 401 without a good access token."""


def principal_of(service: Service, token: str) -> Principal:
    """Return the bearer of an access token.

    Raises:
        Refusal: 401, the token is not good.
    """
    try:
        claims = service.tokens.verified(token, "access")
        return _read(claims)
    except (TokenError, KeyError, ValueError) as error:
        raise unauthorized("The bearer token is invalid or has expired.") from error


def signed_in(*, scope: str | None = None, verified: bool = True) -> Callable[..., Principal]:
    """Return the dependency on a caller with a scope (403) and a verified e-mail address (403).

    For operations that do not resolve a tenant; the others use `tenancy.in_tenant`.
    """

    def checked(principal: SignedIn) -> Principal:
        require_scope(principal, scope)
        if verified:
            require_verified(principal)
        return principal

    return checked


def require_scope(principal: Principal, scope: str | None) -> None:
    """Refuse a caller whose token lacks the scope: 403."""
    if scope is not None and scope not in principal.scopes:
        raise forbidden(f"The scope {scope!r} is needed.")


def require_verified(principal: Principal) -> None:
    """Refuse a caller whose e-mail address was not verified when the token was issued: 403."""
    if not principal.email_verified:
        raise forbidden("The e-mail address must be verified first.")


def _read(claims: dict[str, Any]) -> Principal:
    kind, _, user_id = claims["sub"].partition(":")
    if kind != "user":
        raise ValueError(kind)
    return Principal(
        user_id=UUID(user_id),
        tenant_id=UUID(claims["tenant_id"]),
        role=TenantRole(claims["roles"][0]),
        scopes=frozenset(claims["scope"].split()),
        email_verified=claims["email_verified"] is True,
        session_id=UUID(claims["sid"]) if claims.get("sid") else None,
        claims=claims,
    )
