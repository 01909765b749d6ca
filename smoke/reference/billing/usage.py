"""Adding up what a tenant uses of the metered features."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import aware, now
from ..security.tenancy import Caller
from ..web.errors import bad_request
from .models import UsageRecord
from .subscriptions import live_subscription, period_of

_UNITS = {"messages": "messages", "input_tokens": "tokens"}


def report_usage(session: Session, caller: Caller, body: schemas.UsageRecordRequest) -> None:
    """Add usage of the current or the named period; 400 when it ends before it starts."""
    row = live_subscription(session, caller.tenant_id)
    start, end = period_of(row, aware(body.period_start or now()))
    start, end = aware(body.period_start or start), aware(body.period_end or end)
    if end < start:
        raise bad_request("The period ends before it starts.")
    record = UsageRecord(
        tenant_id=caller.tenant_id,
        feature_key=body.feature_key,
        unit=_UNITS.get(body.feature_key, "units"),
        quantity=body.quantity,
        idempotency_key=body.idempotency_key,
        period_start=start,
        period_end=end,
    )
    add_usage(session, record)


def usage_totals(
    session: Session,
    caller: Caller,
    feature_keys: Sequence[str] | None,
    period_start: datetime | None,
    period_end: datetime | None,
) -> Sequence[RowMapping]:
    """Return the sums over all time, or over the windows that touch a period."""
    record = UsageRecord
    columns: tuple[Any, ...] = (
        record.feature_key,
        record.unit,
        func.sum(record.quantity).label("quantity"),
        func.min(record.period_start).label("window_start"),
        func.max(record.period_end).label("window_end"),
    )
    query = select(*columns).where(record.tenant_id == caller.tenant_id)
    if feature_keys:
        query = query.where(record.feature_key.in_(feature_keys))
    if period_start:
        query = query.where(record.period_end > aware(period_start))
    if period_end:
        query = query.where(record.period_start < aware(period_end))
    query = query.group_by(record.feature_key, record.unit)
    return session.execute(query.order_by(record.feature_key, record.unit)).mappings().all()


def add_usage(session: Session, record: UsageRecord) -> None:
    """Add a report, unless the tenant has one with the same idempotency key."""
    if record.idempotency_key is not None:
        known = select(UsageRecord.id).where(
            UsageRecord.tenant_id == record.tenant_id,
            UsageRecord.idempotency_key == record.idempotency_key,
        )
        if session.scalar(known) is not None:
            return
    session.add(record)
    session.flush()
