"""The caller's tenant: its account, its members and its settings."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from ..schemas import ErrorResponse, SuccessNoDataResponse, shown
from ..security.tenancy import Admin
from ..service import OpenSession
from ..users.models import Membership, User
from ..web.paging import Limit200, Offset
from . import members
from . import service as tenants
from .models import TenantSettings
from .schemas import (
    TeamMemberAddRequest,
    TeamMemberListResponse,
    TeamMemberResponse,
    TeamMemberRoleUpdateRequest,
    TenantAccountResponse,
    TenantAccountSelfUpdateRequest,
    TenantSettingsResponse,
    TenantSettingsUpdateRequest,
)

router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])
_IF_MATCH = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}


@router.get("/account")
async def get_tenant_account(caller: Admin, session: OpenSession) -> TenantAccountResponse:
    """Return the account of the caller's tenant."""
    return shown(TenantAccountResponse, tenants.tenant_or_404(session, caller.tenant_id))


@router.patch("/account")
async def update_tenant_account(
    caller: Admin, body: TenantAccountSelfUpdateRequest, session: OpenSession
) -> TenantAccountResponse:
    """Give the tenant another name."""
    return shown(TenantAccountResponse, tenants.rename(session, caller, body.name))


@router.get("/members")
async def list_members(
    caller: Admin, session: OpenSession, limit: Limit200 = 50, offset: Offset = 0
) -> TeamMemberListResponse:
    """Return the members, in the order of joining."""
    page = members.members_page(session, caller.tenant_id, limit=limit, offset=offset)
    rows, total, owners = page
    views = [_member(*row) for row in rows]
    return TeamMemberListResponse(members=views, total=total, owner_count=owners)


@router.post("/members", status_code=201)
async def add_member(
    caller: Admin, body: TeamMemberAddRequest, session: OpenSession
) -> TeamMemberResponse:
    """Make somebody who has an account a member."""
    return _member(*members.add_member(session, caller, body.email, body.role))


@router.patch("/members/{user_id}/role")
async def update_member_role(
    user_id: UUID, caller: Admin, body: TeamMemberRoleUpdateRequest, session: OpenSession
) -> TeamMemberResponse:
    """Give a member another role."""
    return _member(*members.change_role(session, caller, user_id, body.role))


@router.delete("/members/{user_id}")
async def remove_member(
    user_id: UUID, caller: Admin, session: OpenSession
) -> SuccessNoDataResponse:
    """Take a member out of the tenant."""
    members.remove_member(session, caller, user_id)
    return SuccessNoDataResponse(message="Member removed.")


@router.get("/settings")
async def get_tenant_settings(
    caller: Admin, session: OpenSession, response: Response
) -> TenantSettingsResponse:
    """Return the settings, their version also as ETag."""
    return _settings(response, tenants.settings_of(session, caller.tenant_id))


@router.put(
    "/settings",
    responses={428: {"model": ErrorResponse}},
    openapi_extra={"parameters": [_IF_MATCH]},
)
async def update_tenant_settings(
    caller: Admin,
    body: TenantSettingsUpdateRequest,
    session: OpenSession,
    request: Request,
    response: Response,
) -> TenantSettingsResponse:
    """Replace the settings if `If-Match` names the present version."""
    # The header is documented as required, but missing it is 428, not 422.
    if_match = request.headers.get("if-match")
    return _settings(response, tenants.replace_settings(session, caller, if_match, body))


def _settings(response: Response, row: TenantSettings) -> TenantSettingsResponse:
    response.headers["ETag"] = f'"{row.version}"'
    return shown(TenantSettingsResponse, row, tenant_id=str(row.tenant_id))


def _member(membership: Membership, user: User) -> TeamMemberResponse:
    status = "disabled" if user.disabled_at else membership.status
    fields = {"email": user.email, "display_name": user.display_name}
    verified = user.email_verified
    return shown(TeamMemberResponse, membership, status=status, email_verified=verified, **fields)
