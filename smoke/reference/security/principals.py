"""Who calls: the bearer of a verified access token."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from ..schemas import TenantRole
from ..service import Service, service_of
from ..web.errors import Refusal, forbidden, unauthorized
from .tokens import TokenError


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


class _Bearer(SecurityBase):
    """The documented bearer scheme, and the principal behind its token: one dependency for both."""

    def __init__(self, *, needed: bool) -> None:
        self.model = HTTPBearer()
        self.scheme_name = "HTTPBearer"
        self._needed = needed

    async def __call__(self, request: Request) -> Principal | None:
        """Return the bearer of the request's token; 401 for a bad one, and for none if needed."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return principal_of(service_of(request), token.strip())
        if self._needed:
            raise anonymous(service_of(request))
        return None


# The caller, or None without a token; 401 for a token that is not good.
Anybody = Annotated[Principal | None, Security(_Bearer(needed=False))]

# The caller, who may be unverified; 401 without a good access token.
SignedIn = Annotated[Principal, Security(_Bearer(needed=True))]


def principal_of(service: Service, token: str) -> Principal:
    """Return the bearer of an access token; 401 for one that is not good."""
    try:
        return _read(service.tokens.verified(token, "access"))
    except (TokenError, KeyError, ValueError) as error:
        raise unauthorized("The bearer token is invalid or has expired.") from error


def anonymous(service: Service) -> Refusal:
    """Return the refusal of a caller without a token: 401, or 403 in one variant."""
    if service.settings.reference_variant.anonymous_status == 403:
        return forbidden("Not authenticated.")
    return unauthorized("A bearer token is needed.")


def signed_in(*, scope: str | None = None) -> Callable[..., Awaitable[Principal]]:
    """Return the dependency on a caller with a scope (403) and a verified e-mail address (403).

    For operations that do not resolve a tenant; the others use `tenancy.InTenant`.
    """

    async def checked(principal: SignedIn) -> Principal:
        require_scope(principal, scope)
        require_verified(principal)
        return principal

    return checked


# A caller with a verified e-mail address.
Verified = Annotated[Principal, Depends(signed_in())]


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
