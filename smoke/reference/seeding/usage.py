"""
Seeding usage counters.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..models.test_fixtures import FixtureUsageCounter
from ..tables.tenants import Tenant
from ..tables.usage import UsageCounter
from .users import user_id_of


async def seed_usage_counters(
    session: AsyncSession, tenant: Tenant, wanted: Sequence[FixtureUsageCounter]
) -> None:
    """
    Make or reset counters, one for each user, period and granularity.
    """
    for one in wanted:
        user_id = await user_id_of(session, one.user_email)
        counter = await session.scalar(
            select(UsageCounter).where(
                UsageCounter.tenant_id == tenant.id,
                UsageCounter.user_id.is_not_distinct_from(user_id),
                UsageCounter.period_start == one.period_start,
                UsageCounter.granularity == one.granularity,
            )
        )
        if counter is None:
            counter = UsageCounter(
                tenant_id=tenant.id,
                user_id=user_id,
                period_start=one.period_start,
                granularity=one.granularity,
            )
            session.add(counter)
        counter.input_tokens, counter.output_tokens = one.input_tokens, one.output_tokens
        counter.requests, counter.storage_bytes = one.requests, one.storage_bytes
    await session.flush()
