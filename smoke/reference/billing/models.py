"""Subscriptions, and what a payment provider keeps for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Dated, OfTenant, Table, WithId, now
from ..tenants.models import Tenant


class Subscription(Table):
    """The one subscription of a tenant; `status` is active or canceled.

    Billing periods are whole months counted from `starts_at`. A pending plan takes effect, and a
    subscription to be cancelled ends, when its moment has passed (`subscriptions.settle`).
    """

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey(Tenant.id), primary_key=True)
    plan_code: Mapped[str]
    status: Mapped[str]
    auto_renew: Mapped[bool]
    billing_email: Mapped[str | None]
    seat_count: Mapped[int | None]
    starts_at: Mapped[datetime]
    cancel_at: Mapped[datetime | None]
    pending_plan_code: Mapped[str | None]
    pending_seat_count: Mapped[int | None]
    pending_plan_effective_at: Mapped[datetime | None]


class Invoice(OfTenant, Dated, Table):
    """What a tenant was charged for a period; amounts are in cents."""

    id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="paid")
    billing_reason: Mapped[str]
    amount_cents: Mapped[int]
    currency: Mapped[str]
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]


class PaymentMethod(OfTenant, Dated, Table):
    """A card of a tenant; at most one is the default."""

    id: Mapped[str] = mapped_column(primary_key=True)
    brand: Mapped[str]
    last4: Mapped[str]
    exp_month: Mapped[int]
    exp_year: Mapped[int]
    is_default: Mapped[bool] = mapped_column(default=False)


class UsageRecord(WithId, OfTenant, Table):
    """One report of metered usage; a report with a known idempotency key is the same report."""

    __table_args__ = (UniqueConstraint("tenant_id", "idempotency_key"),)

    feature_key: Mapped[str]
    unit: Mapped[str]
    quantity: Mapped[int]
    idempotency_key: Mapped[str | None]
    period_start: Mapped[datetime]
    period_end: Mapped[datetime]


class BillingEvent(OfTenant, Table):
    """A message of the payment provider about a tenant; `id` gives the order.

    `subscription` and `invoice` hold these as they were then, as they are answered.
    """

    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  # ids are never used again

    id: Mapped[int] = mapped_column(primary_key=True)
    event_type: Mapped[str]
    stripe_event_id: Mapped[str]
    occurred_at: Mapped[datetime] = mapped_column(default=now)
    summary: Mapped[str]
    status: Mapped[str] = mapped_column(default="processed")
    subscription: Mapped[dict[str, Any] | None]
    invoice: Mapped[dict[str, Any] | None]
