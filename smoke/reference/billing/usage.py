"""Adding up what a tenant uses of the metered features."""

from datetime import UTC, datetime
from typing import overload

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import UsageRecord

_UNITS = {"messages": "messages", "input_tokens": "tokens"}


def unit_of(feature_key: str) -> str:
    """Return what a feature is counted in."""
    return _UNITS.get(feature_key, "units")


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


@overload
def aware(moment: datetime) -> datetime: ...


@overload
def aware(moment: None) -> None: ...


def aware(moment: datetime | None) -> datetime | None:
    """Return a moment with an offset; one without is in UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
