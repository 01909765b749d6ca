"""
A tenant's settings, written with optimistic locking.
"""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from ..activity import record_activity
from ..errors import Refusal, bad_request, conflict
from ..models.shared import ErrorResponse, TenantRole
from ..models.tenants import TenantSettingsResponse, TenantSettingsUpdateRequest
from ..service import Session
from ..tables.tenants import TenantSettings
from ..tenancy import Caller, in_tenant

router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])
Admin = Annotated[Caller, Depends(in_tenant(TenantRole.ADMIN))]
_IF_MATCH = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}


@router.get("/settings")
async def get_tenant_settings(
    caller: Admin, session: Session, response: Response
) -> TenantSettingsResponse:
    """
    The settings, their version also as ETag; version 0 before the first write.
    """
    row = await session.get(TenantSettings, caller.tenant_id)
    response.headers["ETag"] = f'"{row.version if row else 0}"'
    return _view(caller, row)


@router.put(
    "/settings",
    responses={428: {"model": ErrorResponse}},
    openapi_extra={"parameters": [_IF_MATCH]},
)
async def update_tenant_settings(
    caller: Admin,
    body: TenantSettingsUpdateRequest,
    session: Session,
    request: Request,
    response: Response,
) -> TenantSettingsResponse:
    """
    The settings are replaced if `If-Match` names the present version.
    """
    wanted = _wanted_version(request.headers.get("if-match"))
    row = await _row(session, caller)
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
    await session.flush()
    response.headers["ETag"] = f'"{row.version}"'
    return _view(caller, row)


async def _row(session: AsyncSession, caller: Caller) -> TenantSettings:
    row = await session.get(TenantSettings, caller.tenant_id)
    if row is None:
        row = TenantSettings(
            tenant_id=caller.tenant_id, billing_contacts=[], plan_metadata={}, flags={}, version=0
        )
        session.add(row)
    return row


def _wanted_version(if_match: str | None) -> int:
    """
    Return the version in `3`, `"3"` or `W/"3"`.
    """
    if if_match is None:
        raise Refusal(428, "If-Match is needed. Send the ETag of the settings.")
    match = re.fullmatch(r'(?:W/)?"(\d{1,9})"|(\d{1,9})', if_match.strip())
    if match is None:
        raise bad_request(f"If-Match {if_match!r} is not a version. Send the ETag of the settings.")
    return int(match[1] or match[2])


def _view(caller: Caller, row: TenantSettings | None) -> TenantSettingsResponse:
    values = {
        "billing_contacts": row.billing_contacts if row else [],
        "billing_webhook_url": row.billing_webhook_url if row else None,
        "plan_metadata": row.plan_metadata if row else {},
        "flags": row.flags if row else {},
        "version": row.version if row else 0,
        "updated_at": row.updated_at if row else None,
    }
    return TenantSettingsResponse.model_validate({"tenant_id": str(caller.tenant_id), **values})
