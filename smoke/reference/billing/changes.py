"""Starting, changing, cancelling a subscription, and what it will cost next."""

from datetime import datetime

from sqlalchemy.orm import Session

from .. import schemas
from ..database import now
from ..schemas import PlanChangeTiming
from ..security.tenancy import Caller
from ..web.errors import conflict
from .catalogue import CURRENCY, plan_of
from .events import charge, record_billing_event
from .models import Subscription
from .subscriptions import (
    ACTIVE,
    CANCELED,
    clear_pending,
    live_subscription,
    period_of,
    read_subscription,
    require_live,
    settle,
    stored_subscription,
)

_CHANGED = "customer.subscription.updated"


def start(session: Session, caller: Caller, body: schemas.StartSubscriptionRequest) -> Subscription:
    """Begin a subscription in the place of the one there was; its first period is charged."""
    plan_of(body.plan_code)
    row = session.get(Subscription, caller.tenant_id)
    if row is None:
        row = Subscription(tenant_id=caller.tenant_id)
        session.add(row)
    clear_pending(row)
    row.plan_code, row.status, row.auto_renew = body.plan_code, ACTIVE, body.auto_renew
    row.billing_email, row.seat_count = body.billing_email, body.seat_count
    row.starts_at, row.cancel_at = now(), None
    created = "customer.subscription.created"
    record_billing_event(session, row, created, "The subscription was started.")
    charge(session, row, "subscription_create")
    _record(session, caller, row, "started")
    return row


def update(
    session: Session, caller: Caller, body: schemas.UpdateSubscriptionRequest
) -> Subscription:
    """Change the fields that were sent, without a new charge."""
    row = live_subscription(session, caller.tenant_id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    record_billing_event(session, row, _CHANGED, "The subscription was changed.")
    _record(session, caller, row, "updated")
    return row


def change_plan(
    session: Session, caller: Caller, body: schemas.ChangeSubscriptionPlanRequest
) -> tuple[Subscription, PlanChangeTiming, datetime]:
    """Take another plan, now or at the end of the period; left open, a dearer one at once."""
    row = live_subscription(session, caller.tenant_id)
    if body.plan_code in (row.plan_code, row.pending_plan_code):
        raise conflict(f"The plan {body.plan_code!r} is the current or the pending one already.")
    timing, effective_at = _timing(row, body), now()
    if timing is PlanChangeTiming.IMMEDIATE:
        clear_pending(row)
        row.plan_code = plan_of(body.plan_code).code
        row.seat_count = body.seat_count or row.seat_count
        charge(session, row, "subscription_update")
    else:
        row.pending_plan_code = plan_of(body.plan_code).code
        row.pending_seat_count = body.seat_count
        row.pending_plan_effective_at = effective_at = period_of(row, now())[1]
    record_billing_event(session, row, _CHANGED, f"The plan changes to {body.plan_code}.")
    _record(session, caller, row, "plan_changed")
    return row, timing, effective_at


def cancel(session: Session, caller: Caller, *, at_period_end: bool) -> Subscription:
    """End a subscription, now or with its period; one that has ended stays as it is."""
    row = stored_subscription(session, caller.tenant_id)
    if row.status == CANCELED:
        return row
    moment = now()
    row.cancel_at = period_of(row, moment)[1] if at_period_end else moment
    row.auto_renew = False
    settle(row, moment)
    ended = row.status == CANCELED
    event_type = "customer.subscription.deleted" if ended else _CHANGED
    record_billing_event(session, row, event_type, "The subscription was cancelled.")
    _record(session, caller, row, "cancelled")
    return row


def preview(
    session: Session, caller: Caller, seat_count: int | None
) -> schemas.UpcomingInvoicePreviewResponse:
    """Return what the next period will cost, with the pending plan if there is one."""
    row = read_subscription(session, caller.tenant_id)
    require_live(row)
    plan = plan_of(row.pending_plan_code or row.plan_code)
    seats = seat_count or row.pending_seat_count or row.seat_count or 1
    amount, begins = plan.price_cents * seats, period_of(row, now())[1]
    line = schemas.UpcomingInvoiceLineResponse(
        description=f"{plan.name}, {seats} seats",
        amount_cents=amount,
        currency=CURRENCY,
        quantity=seats,
        unit_amount_cents=plan.price_cents,
        price_id=f"price_{plan.code}",
    )
    return schemas.UpcomingInvoicePreviewResponse(
        plan_code=plan.code,
        plan_name=plan.name,
        seat_count=seats,
        amount_due_cents=amount,
        currency=CURRENCY,
        period_start=begins,
        period_end=period_of(row, begins)[1],
        lines=[line],
    )


def _timing(row: Subscription, body: schemas.ChangeSubscriptionPlanRequest) -> PlanChangeTiming:
    if body.timing is not PlanChangeTiming.AUTO:
        return PlanChangeTiming(body.timing)
    dearer = plan_of(body.plan_code).price_cents > plan_of(row.plan_code).price_cents
    return PlanChangeTiming.IMMEDIATE if dearer else PlanChangeTiming.PERIOD_END


def _record(session: Session, caller: Caller, row: Subscription, what: str) -> None:
    action = f"billing.subscription.{what}"
    caller.record(session, action, "subscription", caller.tenant_id, row.plan_code)
