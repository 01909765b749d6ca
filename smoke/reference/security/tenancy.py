"""In which tenant a caller acts, and with which role.

The tenant is the token's. `X-Tenant-Id` may repeat it; `X-Tenant-Role` may lower the role for one
request; `X-Operator-Override` lets a platform operator read a suspended tenant.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Header, Request

from ..features.service import Feature, Standing, closed, is_served, standing_of
from ..schemas import TenantAccountStatus, TenantRole
from ..service import service_of
from ..web.errors import bad_request, forbidden, not_found
from .principals import Principal, SignedIn, require_scope, require_verified
from .roles import OPERATOR_SCOPE, reaches

_TenantId = Annotated[str | None, Header(alias="X-Tenant-Id")]
_TenantRole = Annotated[str | None, Header(alias="X-Tenant-Role")]
_Override = Annotated[str | None, Header(alias="X-Operator-Override")]
_Reason = Annotated[str | None, Header(alias="X-Operator-Reason")]


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

    @property
    def is_operator(self) -> bool:
        """Whether the caller is a platform operator."""
        return OPERATOR_SCOPE in self.principal.scopes


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the headers of a request ask for."""

    tenant_id: str | None
    role: str | None
    override: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What an operation asks of its caller."""

    role: TenantRole
    scope: str | None = None
    feature: Feature | None = None


def in_tenant(
    role: TenantRole, *, scope: str | None = None, feature: Feature | None = None
) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency on a caller with at least a role in the token's tenant.

    Checked in this order: bearer (401), scope, verified e-mail, tenant and role cap, state of the
    tenant, role, feature (403 each; 404 for a tenant that is gone).
    """
    needs = Needs(role, scope, feature)

    async def caller(
        request: Request,
        principal: SignedIn,
        tenant: _TenantId = None,
        role: _TenantRole = None,
        override: _Override = None,
        reason: _Reason = None,
    ) -> Caller:
        return resolved(request, principal, Wishes(tenant, role, override, reason), needs)

    return caller


def in_own_tenant(
    role: TenantRole, *, scope: str | None = None, feature: Feature | None = None
) -> Callable[..., Awaitable[Caller]]:
    """Return the same dependency as `in_tenant`, without the operator's headers.

    Conversations, activity and the service-account doors have no operator override.
    """
    needs = Needs(role, scope, feature)

    async def caller(
        request: Request,
        principal: SignedIn,
        tenant: _TenantId = None,
        role: _TenantRole = None,
    ) -> Caller:
        return resolved(request, principal, Wishes(tenant, role), needs)

    return caller


def resolved(request: Request, principal: Principal, wishes: Wishes, needs: Needs) -> Caller:
    """Return the caller of a request whose needs and wishes were checked, in the order above."""
    require_scope(principal, needs.scope)
    require_verified(principal)
    if wishes.tenant_id is not None and wishes.tenant_id.lower() != str(principal.tenant_id):
        raise forbidden("X-Tenant-Id is not the tenant of the token.")
    role = _capped(principal.role, wishes.role)
    overrides = _overrides(principal, wishes)
    service = service_of(request)
    tenant = standing_of(service.database, principal.tenant_id, needs.feature)
    _require_open(tenant, reads=request.method == "GET", overrides=overrides)
    if not reaches(role, needs.role):
        raise forbidden(f"The role {str(needs.role)!r} is needed.")
    if needs.feature and not (tenant.has_feature and is_served(service.settings, needs.feature)):
        raise closed(needs.feature)
    return Caller(principal, principal.tenant_id, role)


def _capped(own: TenantRole, asked: str | None) -> TenantRole:
    """Return the role for this request; an unknown or empty wish is ignored."""
    word = (asked or "").strip().lower()
    if word not in [str(role) for role in TenantRole]:
        return own
    if not reaches(own, TenantRole(word)):
        raise forbidden("X-Tenant-Role is above the role of the token.")
    return TenantRole(word)


def _overrides(principal: Principal, wishes: Wishes) -> bool:
    if (wishes.override or "").strip().lower() != "true":
        return False
    require_scope(principal, OPERATOR_SCOPE)
    if not (wishes.reason or "").strip():
        raise bad_request("X-Operator-Override needs X-Operator-Reason.")
    return True


def _require_open(tenant: Standing, *, reads: bool, overrides: bool) -> None:
    if tenant.status is None:
        raise not_found("Tenant")
    if tenant.status == TenantAccountStatus.ACTIVE:
        return
    readable = tenant.status == TenantAccountStatus.SUSPENDED and reads and overrides
    if not readable:
        raise forbidden(f"The tenant is {tenant.status}.")
