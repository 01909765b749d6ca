"""
A tenant's subscription: start, read, change, cancel, and what it will cost next.
"""

from datetime import datetime

from fastapi import APIRouter

from ..activity import record_activity
from ..billing_callers import BillingManager, BillingReader
from ..billing_events import charge, record_billing_event
from ..billing_plans import CURRENCY, plan_of
from ..database import now
from ..errors import conflict
from ..models.billing import (
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
)
from ..service import Session
from ..subscriptions import (
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
from ..tables.billing import Subscription
from ..tenancy import Caller

router = APIRouter(prefix="/api/v1/billing/tenants/{tenant_id}", tags=["billing"])
_CHANGED = "customer.subscription.updated"


@router.get("/subscription")
async def get_tenant_subscription(
    caller: BillingReader, session: Session
) -> TenantSubscriptionResponse:
    """
    The subscription, also one that has ended.
    """
    return subscription_view(await read_subscription(session, caller.tenant_id))


@router.post("/subscription", status_code=201)
async def start_subscription(
    caller: BillingManager, body: StartSubscriptionRequest, session: Session
) -> TenantSubscriptionResponse:
    """
    A new subscription in the place of the one there was; its first period is charged.
    """
    plan_of(body.plan_code)
    row = await session.get(Subscription, caller.tenant_id)
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


@router.patch("/subscription")
async def update_subscription(
    caller: BillingManager, body: UpdateSubscriptionRequest, session: Session
) -> TenantSubscriptionResponse:
    """
    The fields that were sent are changed, without a new charge.
    """
    row = await live_subscription(session, caller.tenant_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    record_billing_event(session, row, _CHANGED, "The subscription was changed.")
    _record(session, caller, row, "updated")
    return subscription_view(row)


@router.post("/subscription/plan")
async def change_subscription_plan(
    caller: BillingManager, body: ChangeSubscriptionPlanRequest, session: Session
) -> PlanChangeResponse:
    """
    Another plan, now or at the end of the period; when it is left open, a dearer one now.
    """
    row = await live_subscription(session, caller.tenant_id)
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


@router.post("/subscription/cancel")
async def cancel_subscription(
    caller: BillingManager, body: CancelSubscriptionRequest, session: Session
) -> TenantSubscriptionResponse:
    """
    The subscription ends, now or with its period; one that has ended stays as it is.
    """
    row = await stored_subscription(session, caller.tenant_id)
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


@router.post("/upcoming-invoice")
async def preview_upcoming_invoice(
    caller: BillingReader, body: UpcomingInvoicePreviewRequest, session: Session
) -> UpcomingInvoicePreviewResponse:
    """
    What the next period will cost, with the pending plan if there is one.
    """
    row = await read_subscription(session, caller.tenant_id)
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
