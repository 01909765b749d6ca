"""What a subscription is at a moment: its plan, its period, its end."""

from calendar import monthrange
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from .. import schemas
from ..database import existing, now
from ..views import shown
from ..web.errors import conflict
from .catalogue import plan_of
from .models import Subscription

ACTIVE, CANCELED = "active", "canceled"


def read_subscription(session: Session, tenant_id: UUID) -> Subscription:
    """Return a tenant's subscription as it is now, detached from storage; 404 without one."""
    row = stored_subscription(session, tenant_id)
    session.expunge(row)
    return row


def stored_subscription(session: Session, tenant_id: UUID) -> Subscription:
    """Return a tenant's subscription to be changed in a writing session; 404 without one."""
    row = existing(session, Subscription, tenant_id, "Subscription")
    settle(row, now())
    return row


def live_subscription(session: Session, tenant_id: UUID) -> Subscription:
    """Return the same, unless it has ended: 409."""
    row = stored_subscription(session, tenant_id)
    require_live(row)
    return row


def require_live(row: Subscription) -> None:
    """Refuse what an ended subscription cannot do: 409."""
    if row.status == CANCELED:
        raise conflict("The subscription has ended. Start a new one.")


def settle(row: Subscription, moment: datetime) -> None:
    """Let happen what was to happen until a moment: the pending plan, then the end."""
    effective = row.pending_plan_effective_at
    if row.pending_plan_code and effective and effective <= moment:
        row.plan_code = row.pending_plan_code
        row.seat_count = row.pending_seat_count or row.seat_count
        clear_pending(row)
    if row.cancel_at and row.cancel_at <= moment:
        row.status = CANCELED


def clear_pending(row: Subscription) -> None:
    """Forget the plan change that was to come."""
    row.pending_plan_code = row.pending_plan_effective_at = row.pending_seat_count = None


def period_of(row: Subscription, moment: datetime) -> tuple[datetime, datetime]:
    """Return the billing period in which a moment lies; the first one for a moment before it."""
    start = row.starts_at
    passed = max(0, (moment.year - start.year) * 12 + moment.month - start.month)
    if passed and _months_after(start, passed) > moment:
        passed -= 1
    return _months_after(start, passed), _months_after(start, passed + 1)


def price_of(plan_code: str, seat_count: int | None) -> int:
    """Return the cents of one period: the plan's price for each seat, at least one."""
    price: int = plan_of(plan_code).price_cents
    return price * (seat_count or 1)


def subscription_view(row: Subscription) -> schemas.TenantSubscriptionResponse:
    """Return a subscription as it is answered."""
    start, end = period_of(row, now())
    return shown(
        schemas.TenantSubscriptionResponse,
        row,
        current_period_start=start,
        current_period_end=end,
        metadata={},
    )


def _months_after(start: datetime, months: int) -> datetime:
    """Return the same day of a later month, or its last day where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))
