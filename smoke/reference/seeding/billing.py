"""
Seeding a tenant's subscription and the usage of its metered features.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from ..billing_events import record_billing_event
from ..database import now
from ..metered_usage import add_usage, aware
from ..models.test_fixtures import FixtureTenant, FixtureUsageEntry
from ..subscriptions import ACTIVE, CANCELED, clear_pending, period_of, settle
from ..tables.billing import Subscription, UsageRecord
from ..tables.tenants import Tenant


async def seed_billing(session: AsyncSession, tenant: Tenant, wanted: FixtureTenant) -> None:
    """
    Make the subscription active on the wanted plan, and report the wanted usage.

    Without a plan nothing is done. A subscription that begins is told by an event, and charged
    nothing. Usage without an idempotency key is the same usage when it is seeded again.
    """
    if wanted.plan_code is None:
        return
    row = await session.get(Subscription, tenant.id)
    if row is None:
        row = Subscription(tenant_id=tenant.id, auto_renew=True, status=CANCELED)
        session.add(row)
    settle(row, now())
    begins = row.status == CANCELED
    row.plan_code, row.status, row.cancel_at = wanted.plan_code, ACTIVE, None
    row.billing_email = wanted.billing_email or row.billing_email or tenant.billing_email
    clear_pending(row)
    if begins:
        row.starts_at = now()
        record_billing_event(session, row, "customer.subscription.created", "It was seeded.")
    for entry in wanted.usage:
        await add_usage(session, _record(row, entry))
    await session.flush()


def _record(row: Subscription, entry: FixtureUsageEntry) -> UsageRecord:
    start = aware(entry.period_start)
    return UsageRecord(
        tenant_id=row.tenant_id,
        feature_key=entry.feature_key,
        unit=entry.unit,
        quantity=entry.quantity,
        idempotency_key=entry.idempotency_key or f"fixture {entry.feature_key} {start}",
        period_start=start,
        period_end=aware(entry.period_end) if entry.period_end else period_of(row, start)[1],
    )
