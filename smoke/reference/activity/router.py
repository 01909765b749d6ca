"""The activity of a tenant: list, stream, and what a user has read of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import tuple_
from sqlalchemy.orm import Session

from ..schemas import TenantRole
from ..security.tenancy import Caller, in_own_tenant
from ..service import OpenSession, Running
from ..web.document import frames_of
from ..web.errors import Refusal, bad_request, not_found
from ..web.event_stream import event_stream, followed
from ..web.paging import keyset_page
from .models import ActivityEvent, ActivityReceipt
from .schemas import ActivityEventItem, ActivityListResponse, ReceiptResponse
from .service import events_seen_by, items_of, unread_by, unread_count

router = APIRouter(prefix="/api/v1/activity", tags=["activity"])
Admin = Annotated[Caller, Depends(in_own_tenant(TenantRole.ADMIN, scope="activity:read"))]
_KEY = (ActivityEvent.created_at, ActivityEvent.id)
_BATCH = 200
_Position = tuple[datetime, UUID]


def _filter(what: str) -> object:
    return Query(description=f"Filter by {what}")


@router.get("")
async def list_activity_events(
    caller: Admin,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="Opaque pagination cursor")] = None,
    action: Annotated[str | None, _filter("action name")] = None,
    actor_id: Annotated[str | None, _filter("actor id")] = None,
    object_type: Annotated[str | None, _filter("object type")] = None,
    object_id: Annotated[str | None, _filter("object id")] = None,
    status: Annotated[str | None, _filter("status")] = None,
    request_id: Annotated[str | None, _filter("request id")] = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
) -> ActivityListResponse:
    """What happened in the tenant, newest first."""
    query = events_seen_by(caller)
    for column, wanted in (
        (ActivityEvent.action, action),
        (ActivityEvent.actor_id, actor_id),
        (ActivityEvent.object_type, object_type),
        (ActivityEvent.object_id, object_id),
        (ActivityEvent.status, status),
        (ActivityEvent.request_id, request_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if created_after is not None:
        query = query.where(ActivityEvent.created_at >= _aware(created_after))
    if created_before is not None:
        query = query.where(ActivityEvent.created_at <= _aware(created_before))
    rows, next_cursor = keyset_page(session, query, _KEY, limit=limit, cursor=cursor)
    return ActivityListResponse(
        items=items_of(session, caller, rows),
        next_cursor=next_cursor,
        unread_count=unread_count(session, caller),
    )


@router.get("/stream", response_class=StreamingResponse, responses=frames_of(ActivityEventItem))
async def stream_activity_events(caller: Admin, service: Running) -> StreamingResponse:
    """Everything that happened in the tenant, oldest first, then what happens; it never ends."""
    if not service.settings.enable_activity_stream:
        raise Refusal(503, "The activity stream is not enabled.")
    return event_stream(followed(service.database, _after(caller), heartbeat=""))


@router.post("/mark-all-read")
async def mark_all_activity_read(caller: Admin, session: OpenSession) -> ReceiptResponse:
    """What the caller has not read is read."""
    for event_id in list(session.scalars(unread_by(caller))):
        session.add(ActivityReceipt(event_id=event_id, user_id=caller.user_id, state="read"))
    return _receipt(session, caller)


@router.post("/{event_id}/read")
async def mark_activity_read(event_id: str, caller: Admin, session: OpenSession) -> ReceiptResponse:
    """The caller has read an event; one that was dismissed stays so."""
    _mark(session, caller, event_id, "read")
    return _receipt(session, caller)


@router.post("/{event_id}/dismiss")
async def dismiss_activity(event_id: str, caller: Admin, session: OpenSession) -> ReceiptResponse:
    """The caller has dismissed an event."""
    _mark(session, caller, event_id, "dismissed")
    return _receipt(session, caller)


def _mark(
    session: Session, caller: Caller, event_id: str, state: Literal["read", "dismissed"]
) -> None:
    try:
        found = session.get(ActivityEvent, UUID(event_id))
    except ValueError as error:
        raise bad_request(f"{event_id!r} is not a UUID.") from error
    if found is None or found.tenant_id != caller.tenant_id:
        raise not_found("Activity event")
    receipt = session.get(ActivityReceipt, (found.id, caller.user_id))
    if receipt is None:
        session.add(ActivityReceipt(event_id=found.id, user_id=caller.user_id, state=state))
    elif state == "dismissed":
        receipt.state = state


def _receipt(session: Session, caller: Caller) -> ReceiptResponse:
    session.flush()
    return ReceiptResponse(unread_count=unread_count(session, caller))


def _after(caller: Caller) -> Callable[[Session, _Position | None], list[tuple[_Position, str]]]:
    """Return the reader of the tenant's next events after a position."""

    def read(session: Session, position: _Position | None) -> list[tuple[_Position, str]]:
        query = events_seen_by(caller).order_by(*_KEY).limit(_BATCH)
        if position is not None:
            query = query.where(tuple_(*_KEY) > position)
        rows = list(session.scalars(query))
        items = items_of(session, caller, rows)
        return [
            ((row.created_at, row.id), item.model_dump_json())
            for row, item in zip(rows, items, strict=True)
        ]

    return read


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
