"""
What the caller wants to be told, and where.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select

from ..errors import forbidden
from ..models.shared import TenantRole
from ..models.users import NotificationPreferenceRequest, NotificationPreferenceView
from ..service import Session
from ..tables.preferences import NotificationPreference
from ..tenancy import Caller, in_tenant

router = APIRouter(prefix="/api/v1/users/notification-preferences", tags=["users"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER))]


@router.put("")
async def upsert_notification_preference(
    caller: Viewer, body: NotificationPreferenceRequest, session: Session
) -> NotificationPreferenceView:
    """
    The caller's wish for a channel and category, everywhere or in the caller's tenant.
    """
    if body.tenant_id not in (None, caller.tenant_id):
        raise forbidden("The preference is for another tenant.")
    row = await session.scalar(
        select(NotificationPreference).where(
            NotificationPreference.user_id == caller.user_id,
            NotificationPreference.tenant_id == body.tenant_id,
            NotificationPreference.channel == body.channel,
            NotificationPreference.category == body.category,
        )
    )
    if row is None:
        row = NotificationPreference(user_id=caller.user_id, **body.model_dump())
        session.add(row)
    row.enabled = body.enabled
    await session.flush()
    return _view(row)


@router.get("")
async def list_notification_preferences(
    caller: Viewer, session: Session
) -> list[NotificationPreferenceView]:
    """
    The caller's wishes that hold in the caller's tenant.
    """
    here = NotificationPreference.tenant_id.is_(None) | (
        NotificationPreference.tenant_id == caller.tenant_id
    )
    query = select(NotificationPreference).where(
        NotificationPreference.user_id == caller.user_id, here
    )
    order = (NotificationPreference.channel, NotificationPreference.category)
    return [_view(row) for row in await session.scalars(query.order_by(*order))]


def _view(row: NotificationPreference) -> NotificationPreferenceView:
    names = NotificationPreferenceView.model_fields
    return NotificationPreferenceView(**{name: getattr(row, name) for name in names})
