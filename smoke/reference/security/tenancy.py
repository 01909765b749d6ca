"""In which tenant a caller acts, and with which role.

The tenant is the token's. `X-Tenant-Id` may repeat it; `X-Tenant-Role` may lower the role for one
request; `X-Operator-Override` lets a platform operator read a suspended tenant.
"""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..database import OfTenant, variant_of
from ..features.service import Feature, Standing, closed, is_served, standing_of
from ..schemas import TenantAccountStatus, TenantRole
from ..service import service_of
from ..web.errors import Refusal, bad_request, forbidden, found, not_found
from .principals import Principal, SignedIn, require_scope, require_verified
from .roles import OPERATOR_SCOPE, reaches, require_role

_OWN_HEADERS = ("X-Tenant-Id", "X-Tenant-Role")
_OVERRIDE = "X-Operator-Override"
_REASON = "X-Operator-Reason"


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

    def record(self, session: Session, action: str, *thing: Any, **more: Any) -> None:
        """Add what the caller does to the activity log; see `record_activity`."""
        more["actor_role"] = self.role
        record_activity(session, self.tenant_id, self.user_id, action, *thing, **more)

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


class InTenant:
    """
    The dependency on a caller with at least a role in the token's tenant.

    Checked in this order: bearer (401), scope, verified e-mail, tenant and role cap, state of the
    tenant, role, feature (403 each; 404 for a tenant that is gone). `headers` are read from the
    request as they are: FastAPI would build and run a validator for each of them.
    """

    headers: tuple[str, ...] = (*_OWN_HEADERS, _OVERRIDE, _REASON)

    def __init__(self, role: str, *, scope: str | None = None, feature: str = "") -> None:
        self._needs = Needs(TenantRole(role), scope, Feature(feature) if feature else None)

    async def __call__(self, request: Request, principal: SignedIn) -> Caller:
        """Return the caller of a request."""
        wishes = Wishes(*(request.headers.get(name) for name in self.headers))
        return resolved(request, principal, wishes, self._needs)


class InOwnTenant(InTenant):
    """
    The same dependency without the operator's headers.

    Conversations, activity and service accounts have no operator override.
    """

    headers = _OWN_HEADERS


Viewer = Annotated[Caller, Depends(InTenant("viewer"))]
Admin = Annotated[Caller, Depends(InTenant("admin"))]


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
    require_role(role, needs.role)
    if needs.feature and not (tenant.has_feature and is_served(service.settings, needs.feature)):
        raise closed(needs.feature)
    return Caller(principal, principal.tenant_id, role)


Row = TypeVar("Row", bound=OfTenant)


def find_own(session: Session, caller: Caller, table: type[Row], key: object) -> Row | None:
    """Return a row of the caller's tenant, or None."""
    row = session.get(table, key)
    return row if row is not None and row.tenant_id == caller.tenant_id else None


def own(session: Session, caller: Caller, table: type[Row], key: object, what: str) -> Row:
    """Return a row of the caller's tenant; 404 without one, 404 or 403 for a foreign one."""
    row = found(session.get(table, key), what)
    if row.tenant_id != caller.tenant_id:
        raise foreign(session, what)
    return row


def foreign(session: Session, what: str) -> Refusal:
    """Return the refusal for something of another tenant, as the variant has it."""
    if variant_of(session).foreign_status == 403:
        return forbidden(f"{what} belongs to another tenant.")
    return not_found(what)


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
    status = found(tenant.status, "Tenant")
    readable = status == TenantAccountStatus.SUSPENDED and reads and overrides
    if status != TenantAccountStatus.ACTIVE and not readable:
        raise forbidden(f"The tenant is {status}.")
