"""Counting what is used."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..database import now
from .models import UsageCounter


async def add_usage(
    session: AsyncSession,
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
        counter = await _counter(session, tenant_id, user_id, granularity, start)
        counter.input_tokens += input_tokens
        counter.output_tokens += output_tokens
        counter.requests += requests


async def _counter(
    session: AsyncSession, tenant_id: UUID, user_id: UUID, granularity: str, start: date
) -> UsageCounter:
    counter = await session.scalar(
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
        await session.flush()
    return counter
