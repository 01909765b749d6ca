"""A tenant's subscription: start, read, change, cancel, and what it will cost next."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..activity.log import record_activity
from ..database import now
from ..schemas import SuccessNoDataResponse
from ..security.tenancy import Caller
from ..service import OpenSession
from ..web.errors import bad_request, conflict
from .callers import BillingManager, BillingReader
from .catalogue import CURRENCY, plan_of
from .events import charge, record_billing_event
from .models import Subscription, UsageRecord
from .schemas import (
    CancelSubscriptionRequest,
    ChangeSubscriptionPlanRequest,
    PlanChangeResponse,
    PlanChangeTiming,
    StartSubscriptionRequest,
    TenantSubscriptionResponse,
    UpcomingInvoiceLineResponse,
    UpcomingInvoicePreviewRequest,
    UpcomingInvoicePreviewResponse,
    UpdateSubscriptionRequest,
    UsageRecordRequest,
    UsageTotalResponse,
)
from .subscriptions import (
    ACTIVE,
    CANCELED,
    clear_pending,
    live_subscription,
    period_of,
    price_of,
    read_subscription,
    require_live,
    settle,
    stored_subscription,
    subscription_view,
)
from .usage import add_usage, aware, unit_of

router = APIRouter(prefix="/api/v1/billing/tenants", tags=["billing"])
_CHANGED = "customer.subscription.updated"


@router.get("/{tenant_id}/subscription")
async def get_tenant_subscription(
    caller: BillingReader, session: OpenSession
) -> TenantSubscriptionResponse:
    """The subscription, also one that has ended."""
    return subscription_view(read_subscription(session, caller.tenant_id))


@router.post("/{tenant_id}/subscription", status_code=201)
async def start_subscription(
    caller: BillingManager, body: StartSubscriptionRequest, session: OpenSession
) -> TenantSubscriptionResponse:
    """A new subscription in the place of the one there was; its first period is charged."""
    plan_of(body.plan_code)
    row = session.get(Subscription, caller.tenant_id)
    if row is None:
        row = Subscription(tenant_id=caller.tenant_id)
        session.add(row)
    clear_pending(row)
    row.plan_code, row.status, row.auto_renew = body.plan_code, ACTIVE, body.auto_renew
    row.billing_email, row.seat_count = body.billing_email, body.seat_count
    row.starts_at, row.cancel_at = now(), None
    record_billing_event(
        session, row, "customer.subscription.created", "The subscription was started."
    )
    charge(session, row, "subscription_create")
    _record(session, caller, row, "started")
    return subscription_view(row)


@router.patch("/{tenant_id}/subscription")
async def update_subscription(
    caller: BillingManager, body: UpdateSubscriptionRequest, session: OpenSession
) -> TenantSubscriptionResponse:
    """The fields that were sent are changed, without a new charge."""
    row = live_subscription(session, caller.tenant_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    record_billing_event(session, row, _CHANGED, "The subscription was changed.")
    _record(session, caller, row, "updated")
    return subscription_view(row)


@router.post("/{tenant_id}/subscription/plan")
async def change_subscription_plan(
    caller: BillingManager, body: ChangeSubscriptionPlanRequest, session: OpenSession
) -> PlanChangeResponse:
    """Another plan, now or at the end of the period; when it is left open, a dearer one now."""
    row = live_subscription(session, caller.tenant_id)
    if body.plan_code in (row.plan_code, row.pending_plan_code):
        raise conflict(f"The plan {body.plan_code!r} is the current or the pending one already.")
    timing = _timing(row, body)
    effective_at = now()
    if timing is PlanChangeTiming.IMMEDIATE:
        _switch(row, body)
        charge(session, row, "subscription_update")
    else:
        effective_at = _postpone(row, body)
    record_billing_event(session, row, _CHANGED, f"The plan changes to {body.plan_code}.")
    _record(session, caller, row, "plan_changed")
    return PlanChangeResponse(
        subscription=subscription_view(row),
        target_plan_code=body.plan_code,
        effective_at=effective_at,
        seat_count=body.seat_count or row.seat_count,
        timing=timing,
    )


@router.post("/{tenant_id}/subscription/cancel")
async def cancel_subscription(
    caller: BillingManager, body: CancelSubscriptionRequest, session: OpenSession
) -> TenantSubscriptionResponse:
    """The subscription ends, now or with its period; one that has ended stays as it is."""
    row = stored_subscription(session, caller.tenant_id)
    if row.status == CANCELED:
        return subscription_view(row)
    moment = now()
    row.cancel_at = period_of(row, moment)[1] if body.cancel_at_period_end else moment
    row.auto_renew = False
    settle(row, moment)
    ended = row.status == CANCELED
    event_type = "customer.subscription.deleted" if ended else _CHANGED
    record_billing_event(session, row, event_type, "The subscription was cancelled.")
    _record(session, caller, row, "cancelled")
    return subscription_view(row)


@router.post("/{tenant_id}/upcoming-invoice")
async def preview_upcoming_invoice(
    caller: BillingReader, body: UpcomingInvoicePreviewRequest, session: OpenSession
) -> UpcomingInvoicePreviewResponse:
    """What the next period will cost, with the pending plan if there is one."""
    row = read_subscription(session, caller.tenant_id)
    require_live(row)
    plan = plan_of(row.pending_plan_code or row.plan_code)
    seats = body.seat_count or row.pending_seat_count or row.seat_count or 1
    amount = price_of(plan.code, seats)
    _, start = period_of(row, now())
    line = UpcomingInvoiceLineResponse(
        description=f"{plan.name}, {seats} seats",
        amount_cents=amount,
        currency=CURRENCY,
        quantity=seats,
        unit_amount_cents=plan.price_cents,
        price_id=f"price_{plan.code}",
    )
    return UpcomingInvoicePreviewResponse(
        plan_code=plan.code,
        plan_name=plan.name,
        seat_count=seats,
        amount_due_cents=amount,
        currency=CURRENCY,
        period_start=start,
        period_end=period_of(row, start)[1],
        lines=[line],
    )


def _timing(row: Subscription, body: ChangeSubscriptionPlanRequest) -> PlanChangeTiming:
    if body.timing is not PlanChangeTiming.AUTO:
        return body.timing
    dearer = plan_of(body.plan_code).price_cents > plan_of(row.plan_code).price_cents
    return PlanChangeTiming.IMMEDIATE if dearer else PlanChangeTiming.PERIOD_END


def _switch(row: Subscription, body: ChangeSubscriptionPlanRequest) -> None:
    clear_pending(row)
    row.plan_code = plan_of(body.plan_code).code
    row.seat_count = body.seat_count or row.seat_count


def _postpone(row: Subscription, body: ChangeSubscriptionPlanRequest) -> datetime:
    row.pending_plan_code = plan_of(body.plan_code).code
    row.pending_seat_count = body.seat_count
    row.pending_plan_effective_at = effective_at = period_of(row, now())[1]
    return effective_at


def _record(session: Session, caller: Caller, row: Subscription, what: str) -> None:
    record_activity(
        session,
        caller.tenant_id,
        caller.user_id,
        f"billing.subscription.{what}",
        actor_role=caller.role,
        object_type="subscription",
        object_id=caller.tenant_id,
        object_name=row.plan_code,
    )


@router.post("/{tenant_id}/usage", status_code=202)
async def record_usage(
    caller: BillingManager, body: UsageRecordRequest, session: OpenSession
) -> SuccessNoDataResponse:
    """The usage is in the totals; a report with a known idempotency key is not counted again."""
    row = live_subscription(session, caller.tenant_id)
    wanted_start, wanted_end = aware(body.period_start), aware(body.period_end)
    start, end = period_of(row, wanted_start or now())
    start, end = wanted_start or start, wanted_end or end
    if end < start:
        raise bad_request("The period ends before it starts.")
    add_usage(
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


@router.get("/{tenant_id}/usage-totals")
async def list_usage_totals(
    caller: BillingReader,
    session: OpenSession,
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
    """What was used of each feature, over all time or in the windows that touch a period."""
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
    rows = (session.execute(query)).mappings()
    return [UsageTotalResponse(**row) for row in rows]
