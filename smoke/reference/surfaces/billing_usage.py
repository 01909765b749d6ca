"""
Metered usage: reported once each, added up.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from ..billing_callers import BillingManager, BillingReader
from ..database import now
from ..errors import bad_request
from ..metered_usage import add_usage, aware, unit_of
from ..models.billing import UsageRecordRequest, UsageTotalResponse
from ..models.shared import SuccessNoDataResponse
from ..service import Session
from ..subscriptions import live_subscription, period_of
from ..tables.billing import UsageRecord

router = APIRouter(prefix="/api/v1/billing/tenants/{tenant_id}", tags=["billing"])


@router.post("/usage", status_code=202)
async def record_usage(
    caller: BillingManager, body: UsageRecordRequest, session: Session
) -> SuccessNoDataResponse:
    """
    The usage is in the totals; a report with a known idempotency key is not counted again.
    """
    row = await live_subscription(session, caller.tenant_id)
    wanted_start, wanted_end = aware(body.period_start), aware(body.period_end)
    start, end = period_of(row, wanted_start or now())
    start, end = wanted_start or start, wanted_end or end
    if end < start:
        raise bad_request("The period ends before it starts.")
    await add_usage(
        session,
        UsageRecord(
            tenant_id=caller.tenant_id,
            feature_key=body.feature_key,
            unit=unit_of(body.feature_key),
            quantity=body.quantity,
            idempotency_key=body.idempotency_key,
            period_start=start,
            period_end=end,
        ),
    )
    return SuccessNoDataResponse(message="Usage recorded.")


@router.get("/usage-totals")
async def list_usage_totals(
    caller: BillingReader,
    session: Session,
    feature_keys: Annotated[
        list[str] | None, Query(description="Optional list of feature keys to include.")
    ] = None,
    period_start: Annotated[
        datetime | None,
        Query(description="Filter usage with windows ending after this time (UTC)."),
    ] = None,
    period_end: Annotated[
        datetime | None,
        Query(description="Filter usage with windows starting before this time (UTC)."),
    ] = None,
) -> list[UsageTotalResponse]:
    """
    What was used of each feature, over all time or in the windows that touch a period.
    """
    record = UsageRecord
    query = (
        select(
            record.feature_key,
            record.unit,
            func.sum(record.quantity).label("quantity"),
            func.min(record.period_start).label("window_start"),
            func.max(record.period_end).label("window_end"),
        )
        .where(record.tenant_id == caller.tenant_id)
        .group_by(record.feature_key, record.unit)
        .order_by(record.feature_key, record.unit)
    )
    if feature_keys:
        query = query.where(record.feature_key.in_(feature_keys))
    if period_start:
        query = query.where(record.period_end > aware(period_start))
    if period_end:
        query = query.where(record.period_start < aware(period_end))
    rows = (await session.execute(query)).mappings()
    return [UsageTotalResponse(**row) for row in rows]
