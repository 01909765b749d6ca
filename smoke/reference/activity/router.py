"""The activity of a tenant: list, stream, and what a user has read of it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from .. import schemas
from ..security.tenancy import Caller, InOwnTenant
from ..service import OpenSession, Running
from ..web.document import frames_of
from ..web.errors import Refusal
from ..web.event_stream import event_stream, followed
from ..web.paging import Cursors, cursors
from . import service as activity

router = APIRouter(prefix="/api/v1/activity", tags=["activity"])
Admin = Annotated[Caller, Depends(InOwnTenant("admin", scope="activity:read"))]


@router.get("")
async def list_activity_events(
    caller: Admin,
    session: OpenSession,
    page: Annotated[Cursors, Depends(cursors(50, 200))],
    action: str | None = None,
    actor_id: str | None = None,
    object_type: str | None = None,
    object_id: str | None = None,
    status: str | None = None,
    request_id: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
) -> schemas.ActivityListResponse:
    wanted = {
        "action": action,
        "actor_id": actor_id,
        "object_type": object_type,
        "object_id": object_id,
        "status": status,
        "request_id": request_id,
    }
    items, next_cursor = activity.events_page(
        session, caller, wanted, created_after, created_before, page
    )
    unread = activity.unread_count(session, caller)
    return schemas.ActivityListResponse(items=items, next_cursor=next_cursor, unread_count=unread)


@router.get(
    "/stream", response_class=StreamingResponse, responses=frames_of(schemas.ActivityEventItem)
)
async def stream_activity_events(caller: Admin, service: Running) -> StreamingResponse:
    if not service.settings.enable_activity_stream:
        raise Refusal(503, "The activity stream is not enabled.")
    events = followed(
        service.database,
        lambda session, position: activity.events_after(session, caller, position),
        heartbeat="",
    )
    return event_stream(events)


@router.post("/mark-all-read")
async def mark_all_activity_read(caller: Admin, session: OpenSession) -> schemas.ReceiptResponse:
    return schemas.ReceiptResponse(unread_count=activity.mark_all_read(session, caller))


@router.post("/{event_id}/read")
async def mark_activity_read(
    event_id: str, caller: Admin, session: OpenSession
) -> schemas.ReceiptResponse:
    return schemas.ReceiptResponse(unread_count=activity.mark(session, caller, event_id, "read"))


@router.post("/{event_id}/dismiss")
async def dismiss_activity(
    event_id: str, caller: Admin, session: OpenSession
) -> schemas.ReceiptResponse:
    return schemas.ReceiptResponse(
        unread_count=activity.mark(session, caller, event_id, "dismissed")
    )
