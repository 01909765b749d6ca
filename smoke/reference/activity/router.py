"""The activity of a tenant: list, stream, and what a user has read of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ..schemas import TenantRole
from ..security.tenancy import Caller, in_own_tenant
from ..service import Running, Service, Session
from ..web.document import frames_of
from ..web.errors import Refusal, bad_request, not_found
from ..web.event_stream import HEARTBEAT_S, event, event_stream
from ..web.paging import keyset_page
from .models import ActivityEvent, ActivityReceipt
from .schemas import ActivityEventItem, ActivityListResponse, ReceiptResponse
from .service import events_seen_by, items_of, unread_by, unread_count

router = APIRouter(prefix="/api/v1/activity", tags=["activity"])
Admin = Annotated[Caller, Depends(in_own_tenant(TenantRole.ADMIN, scope="activity:read"))]
_KEY = (ActivityEvent.created_at, ActivityEvent.id)
_BATCH = 200


def _filter(what: str) -> object:
    return Query(description=f"Filter by {what}")


@router.get("")
async def list_activity_events(
    caller: Admin,
    session: Session,
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
    rows, next_cursor = await keyset_page(session, query, _KEY, limit=limit, cursor=cursor)
    return ActivityListResponse(
        items=await items_of(session, caller, rows),
        next_cursor=next_cursor,
        unread_count=await unread_count(session, caller),
    )


@router.get("/stream", response_class=StreamingResponse, responses=frames_of(ActivityEventItem))
async def stream_activity_events(caller: Admin, service: Running) -> StreamingResponse:
    """Everything that happened in the tenant, oldest first, then what happens; it never ends."""
    if not service.settings.enable_activity_stream:
        raise Refusal(503, "The activity stream is not enabled.")
    return event_stream(_followed(service, caller))


@router.post("/mark-all-read")
async def mark_all_activity_read(caller: Admin, session: Session) -> ReceiptResponse:
    """What the caller has not read is read."""
    for event_id in list(await session.scalars(unread_by(caller))):
        session.add(ActivityReceipt(event_id=event_id, user_id=caller.user_id, state="read"))
    return await _receipt(session, caller)


@router.post("/{event_id}/read")
async def mark_activity_read(event_id: str, caller: Admin, session: Session) -> ReceiptResponse:
    """The caller has read an event; one that was dismissed stays so."""
    await _mark(session, caller, event_id, "read")
    return await _receipt(session, caller)


@router.post("/{event_id}/dismiss")
async def dismiss_activity(event_id: str, caller: Admin, session: Session) -> ReceiptResponse:
    """The caller has dismissed an event."""
    await _mark(session, caller, event_id, "dismissed")
    return await _receipt(session, caller)


async def _mark(
    session: AsyncSession, caller: Caller, event_id: str, state: Literal["read", "dismissed"]
) -> None:
    try:
        found = await session.get(ActivityEvent, UUID(event_id))
    except ValueError as error:
        raise bad_request(f"{event_id!r} is not a UUID.") from error
    if found is None or found.tenant_id != caller.tenant_id:
        raise not_found("Activity event")
    receipt = await session.get(ActivityReceipt, (found.id, caller.user_id))
    if receipt is None:
        session.add(ActivityReceipt(event_id=found.id, user_id=caller.user_id, state=state))
    elif state == "dismissed":
        receipt.state = state


async def _receipt(session: AsyncSession, caller: Caller) -> ReceiptResponse:
    await session.flush()
    return ReceiptResponse(unread_count=await unread_count(session, caller))


async def _followed(service: Service, caller: Caller) -> AsyncIterator[str]:
    position: tuple[datetime, UUID] | None = None
    due = monotonic() + HEARTBEAT_S
    while True:
        committed = service.database.next_commit()
        rows, items = await _after(service, caller, position)
        for row, item in zip(rows, items, strict=True):
            yield event(item.model_dump_json())
            position, due = (row.created_at, row.id), monotonic() + HEARTBEAT_S
        if rows:
            continue
        try:
            async with asyncio.timeout(due - monotonic()):
                await committed.wait()
        except TimeoutError:
            due = monotonic() + HEARTBEAT_S
            yield ":\n\n"


async def _after(
    service: Service, caller: Caller, position: tuple[datetime, UUID] | None
) -> tuple[list[ActivityEvent], list[ActivityEventItem]]:
    query = events_seen_by(caller).order_by(*_KEY).limit(_BATCH)
    if position is not None:
        query = query.where(tuple_(*_KEY) > position)
    async with service.database.reading() as session:
        rows = list(await session.scalars(query))
        return rows, await items_of(session, caller, rows)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
