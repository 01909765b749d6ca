"""The caller's tenant: its account, its members and its settings."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from .. import schemas
from ..security.tenancy import Admin
from ..service import OpenSession
from ..users.models import Membership, User
from ..views import shown
from ..web.paging import Offsets50
from . import members
from . import service as tenants
from .models import TenantSettings

router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])
_IF_MATCH = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}


@router.get("/account")
async def get_tenant_account(caller: Admin, session: OpenSession) -> schemas.TenantAccountResponse:
    return shown(schemas.TenantAccountResponse, tenants.tenant_or_404(session, caller.tenant_id))


@router.patch("/account")
async def update_tenant_account(
    caller: Admin, body: schemas.TenantAccountSelfUpdateRequest, session: OpenSession
) -> schemas.TenantAccountResponse:
    return shown(schemas.TenantAccountResponse, tenants.rename(session, caller, body.name))


@router.get("/members")
async def list_members(
    caller: Admin, session: OpenSession, page: Offsets50
) -> schemas.TeamMemberListResponse:
    rows, total, owners = members.members_page(session, caller.tenant_id, page)
    views = [_member(*row) for row in rows]
    return schemas.TeamMemberListResponse(members=views, total=total, owner_count=owners)


@router.post("/members", status_code=201)
async def add_member(
    caller: Admin, body: schemas.TeamMemberAddRequest, session: OpenSession
) -> schemas.TeamMemberResponse:
    return _member(*members.add_member(session, caller, body.email, body.role))


@router.patch("/members/{user_id}/role")
async def update_member_role(
    user_id: UUID, caller: Admin, body: schemas.TeamMemberRoleUpdateRequest, session: OpenSession
) -> schemas.TeamMemberResponse:
    return _member(*members.change_role(session, caller, user_id, body.role))


@router.delete("/members/{user_id}")
async def remove_member(
    user_id: UUID, caller: Admin, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    members.remove_member(session, caller, user_id)
    return schemas.SuccessNoDataResponse(message="Member removed.")


@router.get("/settings")
async def get_tenant_settings(
    caller: Admin, session: OpenSession, response: Response
) -> schemas.TenantSettingsResponse:
    return _settings(response, tenants.settings_of(session, caller.tenant_id))


@router.put(
    "/settings",
    responses={428: {"model": schemas.ErrorResponse}},
    openapi_extra={"parameters": [_IF_MATCH]},
)
async def update_tenant_settings(
    caller: Admin,
    body: schemas.TenantSettingsUpdateRequest,
    session: OpenSession,
    request: Request,
    response: Response,
) -> schemas.TenantSettingsResponse:
    # The header is documented as required, but missing it is 428, not 422.
    if_match = request.headers.get("if-match")
    return _settings(response, tenants.replace_settings(session, caller, if_match, body))


def _settings(response: Response, row: TenantSettings) -> schemas.TenantSettingsResponse:
    response.headers["ETag"] = f'"{row.version}"'
    return shown(schemas.TenantSettingsResponse, row)


def _member(membership: Membership, user: User) -> schemas.TeamMemberResponse:
    status = "disabled" if user.disabled_at else membership.status
    fields = {"email": user.email, "display_name": user.display_name}
    verified = user.email_verified
    return shown(
        schemas.TeamMemberResponse, membership, status=status, email_verified=verified, **fields
    )
