"""Reading the activity log, as one user sees it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.orm import Session

from .. import schemas
from ..security.tenancy import Caller, own
from ..views import shown
from ..web.errors import bad_request
from ..web.paging import Cursors, between, filtered
from .models import ActivityEvent, ActivityReceipt

Position = tuple[datetime, UUID]
_KEY = (ActivityEvent.created_at, ActivityEvent.id)
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the events in a list; None asks for nothing."""

    action: str | None = None
    actor_id: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    status: str | None = None
    request_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


def events_page(
    session: Session, caller: Caller, wanted: Wanted, page: Cursors
) -> tuple[list[schemas.ActivityEventItem], str | None]:
    """Return a page of the tenant's events, newest first."""
    columns = asdict(wanted)
    span = columns.pop("created_after"), columns.pop("created_before")
    query = between(filtered(_seen_by(caller), **columns), ActivityEvent.created_at, *span)
    rows, next_cursor = page.rows(session, query, *_KEY)
    return items_of(session, caller, rows), next_cursor


def events_after(
    session: Session, caller: Caller, position: Position | None
) -> list[tuple[Position, str]]:
    """Return the tenant's next events after a position as JSON, each with its own position."""
    query = _seen_by(caller).order_by(*_KEY).limit(_BATCH)
    if position is not None:
        query = query.where(tuple_(*_KEY) > position)
    rows = session.scalars(query).all()
    items = items_of(session, caller, rows)
    pairs = zip(rows, items, strict=True)
    return [((row.created_at, row.id), item.model_dump_json()) for row, item in pairs]


def mark(
    session: Session, caller: Caller, event_id: str, state: Literal["read", "dismissed"]
) -> int:
    """Mark an event as read, unless it was dismissed, or as dismissed; return what is unread."""
    try:
        key = UUID(event_id)
    except ValueError as error:
        raise bad_request(f"{event_id!r} is not a UUID.") from error
    event = own(session, caller, ActivityEvent, key, "Activity event")
    receipt = session.get(ActivityReceipt, (event.id, caller.user_id))
    if receipt is None:
        session.add(ActivityReceipt(event_id=event.id, user_id=caller.user_id, state=state))
    elif state == "dismissed":
        receipt.state = state
    session.flush()
    return unread_count(session, caller)


def mark_all_read(session: Session, caller: Caller) -> int:
    """Mark what the caller has not read as read; return what is unread."""
    for event_id in session.scalars(_unread_by(caller)).all():
        session.add(ActivityReceipt(event_id=event_id, user_id=caller.user_id, state="read"))
    session.flush()
    return unread_count(session, caller)


def unread_count(session: Session, caller: Caller) -> int:
    """Return how many events the caller has neither read nor dismissed."""
    return session.scalar(select(func.count()).select_from(_unread_by(caller).subquery())) or 0


def items_of(
    session: Session, caller: Caller, events: Sequence[ActivityEvent]
) -> list[schemas.ActivityEventItem]:
    """Return events as they are listed, each with what the caller did with it."""
    rows = session.execute(
        select(ActivityReceipt.event_id, ActivityReceipt.state).where(
            ActivityReceipt.user_id == caller.user_id,
            ActivityReceipt.event_id.in_([event.id for event in events]),
        )
    )
    states = {row.event_id: row.state for row in rows}
    return [
        shown(
            schemas.ActivityEventItem,
            event,
            metadata=event.details,
            read_state=states.get(event.id, "unread"),
        )
        for event in events
    ]


def _seen_by(caller: Caller) -> Select[ActivityEvent]:
    return select(ActivityEvent).where(ActivityEvent.tenant_id == caller.tenant_id)


def _unread_by(caller: Caller) -> Select[Any]:
    """Return the query for the ids of the events that the caller has neither read nor dismissed."""
    own_receipt = and_(
        ActivityReceipt.event_id == ActivityEvent.id, ActivityReceipt.user_id == caller.user_id
    )
    return (
        select(ActivityEvent.id)
        .outerjoin(ActivityReceipt, own_receipt)
        .where(ActivityEvent.tenant_id == caller.tenant_id, ActivityReceipt.state.is_(None))
    )
