"""Roles, their order, and the scopes that each puts into a token."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request

from ..features.service import Feature, require_feature
from ..schemas import TenantAccountStatus, TenantRole
from ..service import Running, Service
from ..tenants.models import Tenant
from ..web.errors import bad_request, forbidden, not_found
from .principals import Principal, SignedIn, require_scope, require_verified

_RANK = {TenantRole.VIEWER: 0, TenantRole.MEMBER: 1, TenantRole.ADMIN: 2, TenantRole.OWNER: 3}
_VIEWER = ("conversations:read", "tools:read")
_MEMBER = (*_VIEWER, "conversations:write")
_ADMIN = (
    *_MEMBER,
    "conversations:delete",
    "workflows:delete",
    "billing:read",
    "billing:manage",
    "support:read",
    "activity:read",
)
_SCOPES = {
    TenantRole.VIEWER: _VIEWER,
    TenantRole.MEMBER: _MEMBER,
    TenantRole.ADMIN: _ADMIN,
    TenantRole.OWNER: _ADMIN,
}
OPERATOR_SCOPE = "platform:operator"
_OPERATOR = (OPERATOR_SCOPE, "auth:invites", "auth:signup_requests")


def scopes_of(role: TenantRole, platform_role: str | None) -> tuple[str, ...]:
    """Return the scopes of a tenant role, with those of a platform operator on top."""
    return _SCOPES[role] + (_OPERATOR if platform_role == "platform_operator" else ())


def reaches(role: TenantRole, least: TenantRole) -> bool:
    """Tell whether a role is at least another one."""
    return _RANK[role] >= _RANK[least]


_Header = Annotated[str | None, Header()]


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal acting in a tenant; `role` is the token's, or the lower one asked for."""

    principal: Principal
    tenant_id: UUID
    role: TenantRole

    @property
    def user_id(self) -> UUID:
        """The user's id."""
        return self.principal.user_id


@dataclass(frozen=True, slots=True)
class _TenantHeaders:
    tenant_id: str | None
    role: str | None


@dataclass(frozen=True, slots=True)
class _OperatorHeaders:
    override: str | None
    reason: str | None


_NO_OVERRIDE = _OperatorHeaders(None, None)


async def _tenant_headers(
    x_tenant_id: _Header = None, x_tenant_role: _Header = None
) -> _TenantHeaders:
    return _TenantHeaders(x_tenant_id, x_tenant_role)


async def _operator_headers(
    x_operator_override: _Header = None, x_operator_reason: _Header = None
) -> _OperatorHeaders:
    return _OperatorHeaders(x_operator_override, x_operator_reason)


@dataclass(frozen=True, slots=True)
class _Needs:
    role: TenantRole
    scope: str | None
    feature: Feature | None


def in_tenant(
    role: TenantRole, *, scope: str | None = None, feature: Feature | None = None
) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency on a caller with at least a role in the token's tenant.

    Checked in this order: bearer (401), scope, verified e-mail, tenant and role cap, state of the
    tenant, role, feature (403 each; 404 for a tenant that is gone).
    """
    needs = _Needs(role, scope, feature)

    async def caller(
        request: Request,
        service: Running,
        principal: SignedIn,
        headers: Annotated[_TenantHeaders, Depends(_tenant_headers)],
        operator: Annotated[_OperatorHeaders, Depends(_operator_headers)],
    ) -> Caller:
        return await _resolved(request, service, principal, headers, operator, needs)

    return caller


def in_own_tenant(
    role: TenantRole, *, scope: str | None = None, feature: Feature | None = None
) -> Callable[..., Awaitable[Caller]]:
    """Return the same dependency as `in_tenant`, without the operator's headers.

    Conversations, activity and the service-account doors have no operator override.
    """
    needs = _Needs(role, scope, feature)

    async def caller(
        request: Request,
        service: Running,
        principal: SignedIn,
        headers: Annotated[_TenantHeaders, Depends(_tenant_headers)],
    ) -> Caller:
        return await _resolved(request, service, principal, headers, _NO_OVERRIDE, needs)

    return caller


async def _resolved(
    request: Request,
    service: Service,
    principal: Principal,
    headers: _TenantHeaders,
    operator: _OperatorHeaders,
    needs: _Needs,
) -> Caller:
    require_scope(principal, needs.scope)
    require_verified(principal)
    if headers.tenant_id is not None and headers.tenant_id.lower() != str(principal.tenant_id):
        raise forbidden("X-Tenant-Id is not the tenant of the token.")
    role = _capped(principal.role, headers.role)
    overrides = _overrides(principal, operator)
    async with service.database.reading() as session:
        tenant = await session.get(Tenant, principal.tenant_id)
        _require_open(tenant, reads=request.method == "GET", overrides=overrides)
        if not reaches(role, needs.role):
            raise forbidden(f"The role {str(needs.role)!r} is needed.")
        await require_feature(session, service.settings, principal.tenant_id, needs.feature)
    return Caller(principal, principal.tenant_id, role)


def _capped(own: TenantRole, asked: str | None) -> TenantRole:
    """Return the role for this request; an unknown or empty wish is ignored."""
    word = (asked or "").strip().lower()
    if word not in [str(role) for role in TenantRole]:
        return own
    if not reaches(own, TenantRole(word)):
        raise forbidden("X-Tenant-Role is above the role of the token.")
    return TenantRole(word)


def _overrides(principal: Principal, operator: _OperatorHeaders) -> bool:
    if (operator.override or "").strip().lower() != "true":
        return False
    require_scope(principal, OPERATOR_SCOPE)
    if not (operator.reason or "").strip():
        raise bad_request("X-Operator-Override needs X-Operator-Reason.")
    return True


def _require_open(tenant: Tenant | None, *, reads: bool, overrides: bool) -> None:
    if tenant is None:
        raise not_found("Tenant")
    if tenant.status == TenantAccountStatus.ACTIVE:
        return
    readable = tenant.status == TenantAccountStatus.SUSPENDED and reads and overrides
    if not readable:
        raise forbidden(f"The tenant is {tenant.status}.")
