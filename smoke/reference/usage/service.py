"""Counting what is used."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..database import now
from .models import UsageCounter


def counters_of(session: Session, tenant_id: UUID) -> Sequence[UsageCounter]:
    """Return a tenant's counters, the newest period first."""
    query = select(UsageCounter).where(UsageCounter.tenant_id == tenant_id)
    order = (UsageCounter.period_start.desc(), UsageCounter.granularity, UsageCounter.id)
    return session.scalars(query.order_by(*order)).all()


def add_usage(
    session: Session,
    tenant_id: UUID,
    user_id: UUID,
    *,
    input_tokens: int = 0,
    output_tokens: int = 0,
    requests: int = 1,
) -> None:
    """Add to a user's counters of this day and of this month; made where they are missing."""
    today = now().date()
    for granularity, start in (("day", today), ("month", today.replace(day=1))):
        counter = _counter(session, tenant_id, user_id, granularity, start)
        counter.input_tokens += input_tokens
        counter.output_tokens += output_tokens
        counter.requests += requests


def _counter(
    session: Session, tenant_id: UUID, user_id: UUID, granularity: str, start: date
) -> UsageCounter:
    counter = session.scalar(
        select(UsageCounter).where(
            UsageCounter.tenant_id == tenant_id,
            UsageCounter.user_id == user_id,
            UsageCounter.granularity == granularity,
            UsageCounter.period_start == start,
        )
    )
    if counter is None:
        counter = UsageCounter(
            tenant_id=tenant_id, user_id=user_id, granularity=granularity, period_start=start
        )
        session.add(counter)
        session.flush()
    return counter
