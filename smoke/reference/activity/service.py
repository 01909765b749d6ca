"""Reading the activity log, as one user sees it."""

from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from ..security.tenancy import Caller
from .models import ActivityEvent, ActivityReceipt
from .schemas import ActivityEventItem


def events_seen_by(caller: Caller) -> Select[Any]:
    """Return the query for the events of the caller's tenant."""
    return select(ActivityEvent).where(ActivityEvent.tenant_id == caller.tenant_id)


def unread_by(caller: Caller) -> Select[Any]:
    """Return the query for the ids of the events that the caller has neither read nor dismissed."""
    own = and_(
        ActivityReceipt.event_id == ActivityEvent.id, ActivityReceipt.user_id == caller.user_id
    )
    return (
        select(ActivityEvent.id)
        .outerjoin(ActivityReceipt, own)
        .where(ActivityEvent.tenant_id == caller.tenant_id, ActivityReceipt.state.is_(None))
    )


def unread_count(session: Session, caller: Caller) -> int:
    """Return how many events the caller has neither read nor dismissed."""
    count = session.scalar(select(func.count()).select_from(unread_by(caller).subquery()))
    return count or 0


def items_of(
    session: Session, caller: Caller, events: list[ActivityEvent]
) -> list[ActivityEventItem]:
    """Return events as they are listed, each with what the caller did with it."""
    rows = session.execute(
        select(ActivityReceipt.event_id, ActivityReceipt.state).where(
            ActivityReceipt.user_id == caller.user_id,
            ActivityReceipt.event_id.in_([event.id for event in events]),
        )
    )
    states = {row.event_id: row.state for row in rows}
    return [_item(event, states.get(event.id, "unread")) for event in events]


def _item(event: ActivityEvent, read_state: str) -> ActivityEventItem:
    return ActivityEventItem.model_validate(
        {
            "id": str(event.id),
            "tenant_id": str(event.tenant_id),
            "action": event.action,
            "created_at": event.created_at,
            "actor_id": event.actor_id,
            "actor_type": event.actor_type,
            "actor_role": event.actor_role,
            "object_type": event.object_type,
            "object_id": event.object_id,
            "object_name": event.object_name,
            "status": event.status,
            "source": event.source,
            "request_id": event.request_id,
            "metadata": event.details,
            "read_state": read_state,
        }
    )
