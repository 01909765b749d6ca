"""The caller's tenant account."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..auth.service import revoke_sessions
from ..schemas import ErrorResponse, SuccessNoDataResponse, TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession
from ..users.models import Membership, User
from ..web.errors import Refusal, bad_request, conflict, not_found
from ..web.paging import Offset
from .models import Tenant, TenantSettings
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
from .service import require_another_owner, require_owner_for

router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN))]


@router.get("/account")
async def get_tenant_account(caller: Admin, session: OpenSession) -> TenantAccountResponse:
    """The account of the caller's tenant."""
    return _view(_tenant(session, caller))


@router.patch("/account")
async def update_tenant_account(
    caller: Admin, body: TenantAccountSelfUpdateRequest, session: OpenSession
) -> TenantAccountResponse:
    """The tenant is renamed."""
    tenant = _tenant(session, caller)
    tenant.name = body.name
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        "tenant.account.updated",
        actor_role=caller.role,
        object_type="tenant",
        object_id=tenant.id,
        object_name=tenant.name,
    )
    session.flush()
    return _view(tenant)


def _tenant(session: Session, caller: Caller) -> Tenant:
    tenant = session.get(Tenant, caller.tenant_id)
    if tenant is None:
        raise not_found("Tenant")
    return tenant


def _view(tenant: Tenant) -> TenantAccountResponse:
    names = TenantAccountResponse.model_fields
    return TenantAccountResponse(**{name: getattr(tenant, name) for name in names})


@router.get("/members")
async def list_members(
    caller: Admin,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> TeamMemberListResponse:
    """The members, in the order of joining."""
    ours = Membership.tenant_id == caller.tenant_id
    total = session.scalar(select(func.count()).select_from(Membership).where(ours))
    owners = session.scalar(
        select(func.count()).select_from(Membership).where(ours, Membership.role == "owner")
    )
    rows = session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(ours)
        .order_by(Membership.joined_at, Membership.user_id)
        .limit(limit)
        .offset(offset)
    )
    members = [member_view(membership, user) for membership, user in rows]
    return TeamMemberListResponse(members=members, total=total or 0, owner_count=owners or 0)


@router.post("/members", status_code=201)
async def add_member(
    caller: Admin, body: TeamMemberAddRequest, session: OpenSession
) -> TeamMemberResponse:
    """Somebody who has an account becomes a member; 404 without an account, 409 for a member."""
    require_owner_for(caller.role, body.role)
    user = session.scalar(select(User).where(User.email == body.email.lower()))
    if user is None:
        raise not_found("User")
    if session.get(Membership, (caller.tenant_id, user.id)) is not None:
        raise conflict("The user is a member already.")
    membership = Membership(tenant_id=caller.tenant_id, user_id=user.id, role=str(body.role))
    session.add(membership)
    _record_member(session, caller, membership, "tenant.member.added")
    session.flush()
    return member_view(membership, user)


@router.patch("/members/{user_id}/role")
async def update_member_role(
    user_id: UUID, caller: Admin, body: TeamMemberRoleUpdateRequest, session: OpenSession
) -> TeamMemberResponse:
    """A member has another role; tokens issued from now on carry its scopes."""
    membership = _member(session, caller, user_id)
    if membership.role != body.role:
        require_owner_for(caller.role, membership.role, body.role)
        require_another_owner(session, membership)
        membership.role = str(body.role)
        _record_member(session, caller, membership, "tenant.member.role_changed")
    return member_view(membership, session.get_one(User, user_id))


@router.delete("/members/{user_id}")
async def remove_member(
    user_id: UUID, caller: Admin, session: OpenSession
) -> SuccessNoDataResponse:
    """
    A member belongs to the tenant no longer, and its sessions there end; 409 for the last owner.
    """
    membership = _member(session, caller, user_id)
    require_owner_for(caller.role, membership.role)
    require_another_owner(session, membership)
    _record_member(session, caller, membership, "tenant.member.removed")
    session.delete(membership)
    revoke_sessions(session, user_id, caller.tenant_id)
    return SuccessNoDataResponse(message="Member removed.")


def _member(session: Session, caller: Caller, user_id: UUID) -> Membership:
    membership = session.get(Membership, (caller.tenant_id, user_id))
    if membership is None:
        raise not_found("Member")
    return membership


def _record_member(session: Session, caller: Caller, membership: Membership, action: str) -> None:
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        action,
        actor_role=caller.role,
        object_type="user",
        object_id=membership.user_id,
        metadata={"role": membership.role},
    )


def member_view(membership: Membership, user: User) -> TeamMemberResponse:
    """Return a member as it is answered."""
    return TeamMemberResponse(
        user_id=user.id,
        tenant_id=membership.tenant_id,
        email=user.email,
        display_name=user.display_name,
        role=TenantRole(membership.role),
        status="disabled" if user.disabled_at else membership.status,
        email_verified=user.email_verified,
        joined_at=membership.joined_at,
    )


_IF_MATCH = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}


@router.get("/settings")
async def get_tenant_settings(
    caller: Admin, session: OpenSession, response: Response
) -> TenantSettingsResponse:
    """The settings, their version also as ETag; version 0 before the first write."""
    row = session.get(TenantSettings, caller.tenant_id)
    response.headers["ETag"] = f'"{row.version if row else 0}"'
    return _settings_view(caller, row)


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
    """The settings are replaced if `If-Match` names the present version."""
    wanted = _wanted_version(request.headers.get("if-match"))
    row = _settings_row(session, caller)
    if wanted != row.version:
        raise conflict(f"The settings are at version {row.version}, not {wanted}. Read them again.")
    row.billing_contacts = [contact.model_dump() for contact in body.billing_contacts]
    row.billing_webhook_url = str(body.billing_webhook_url) if body.billing_webhook_url else None
    row.plan_metadata = body.plan_metadata
    row.flags = {k: v for k, v in body.flags.items() if not k.startswith("feature.")}
    row.version += 1
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        "tenant.settings.updated",
        actor_role=caller.role,
        object_type="tenant",
        object_id=caller.tenant_id,
    )
    session.flush()
    response.headers["ETag"] = f'"{row.version}"'
    return _settings_view(caller, row)


def _settings_row(session: Session, caller: Caller) -> TenantSettings:
    row = session.get(TenantSettings, caller.tenant_id)
    if row is None:
        row = TenantSettings(
            tenant_id=caller.tenant_id, billing_contacts=[], plan_metadata={}, flags={}, version=0
        )
        session.add(row)
    return row


def _wanted_version(if_match: str | None) -> int:
    """Return the version in `3`, `"3"` or `W/"3"`."""
    if if_match is None:
        raise Refusal(428, "If-Match is needed. Send the ETag of the settings.")
    match = re.fullmatch(r'(?:W/)?"(\d{1,9})"|(\d{1,9})', if_match.strip())
    if match is None:
        raise bad_request(f"If-Match {if_match!r} is not a version. Send the ETag of the settings.")
    return int(match[1] or match[2])


def _settings_view(caller: Caller, row: TenantSettings | None) -> TenantSettingsResponse:
    values = {
        "billing_contacts": row.billing_contacts if row else [],
        "billing_webhook_url": row.billing_webhook_url if row else None,
        "plan_metadata": row.plan_metadata if row else {},
        "flags": row.flags if row else {},
        "version": row.version if row else 0,
        "updated_at": row.updated_at if row else None,
    }
    return TenantSettingsResponse.model_validate({"tenant_id": str(caller.tenant_id), **values})
