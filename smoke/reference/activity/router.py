"""The activity of a tenant: list, stream, and what a user has read of it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from .. import schemas
from ..security.tenancy import Caller, InOwnTenant
from ..service import OpenSession, Running
from ..web.document import stream_of
from ..web.errors import Refusal
from ..web.event_stream import event_stream, followed
from ..web.paging import Cursors, asked, cursors
from . import service as activity

router = APIRouter(prefix="/api/v1/activity", tags=["activity"])
Admin = Annotated[Caller, Depends(InOwnTenant("admin", scope="activity:read"))]


@router.get("")
async def list_activity_events(
    caller: Admin,
    session: OpenSession,
    page: Annotated[Cursors, Depends(cursors(50, 200))],
    wanted: Annotated[activity.Wanted, Depends(asked(activity.Wanted))],
) -> schemas.ActivityListResponse:
    items, next_cursor = activity.events_page(session, caller, wanted, page)
    unread = activity.unread_count(session, caller)
    return schemas.ActivityListResponse(items=items, next_cursor=next_cursor, unread_count=unread)


@router.get(
    "/stream", response_class=StreamingResponse, responses=stream_of(schemas.ActivityEventItem)
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
