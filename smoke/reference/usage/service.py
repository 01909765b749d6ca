"""Counting what is used."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..chat.responder import Reply
from ..database import found_or_made, now
from ..security.tenancy import Caller
from .models import UsageCounter


def counters_of(session: Session, tenant_id: UUID) -> Sequence[UsageCounter]:
    """Return a tenant's counters, the newest period first."""
    query = select(UsageCounter).where(UsageCounter.tenant_id == tenant_id)
    order = (UsageCounter.period_start.desc(), UsageCounter.granularity, UsageCounter.id)
    return session.scalars(query.order_by(*order)).all()


def add_usage(session: Session, caller: Caller, replies: Sequence[Reply]) -> None:
    """Add replies to a user's counters of this day and of this month; made where missing."""
    today = now().date()
    for granularity, start in (("day", today), ("month", today.replace(day=1))):
        counter = counter_of(session, caller.tenant_id, caller.user_id, granularity, start)
        counter.input_tokens += sum(reply.input_tokens for reply in replies)
        counter.output_tokens += sum(reply.output_tokens for reply in replies)
        counter.requests += len(replies)


def counter_of(
    session: Session, tenant_id: UUID, user_id: UUID | None, granularity: str, start: date
) -> UsageCounter:
    """Return the counter of a user, or of the whole tenant; it is added where it is missing."""
    key = {"tenant_id": tenant_id, "user_id": user_id, "granularity": granularity}
    counter = found_or_made(session, UsageCounter, **key, period_start=start)
    session.flush()
    return counter
