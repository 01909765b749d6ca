"""Invoices and billing events: made when a subscription changes, answered and streamed."""

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import schemas
from ..database import now
from ..schemas import StripeEventStatus
from ..security.tenancy import Caller
from ..views import shown
from ..web.paging import Cursors, Offsets, filtered
from .catalogue import CURRENCY
from .models import BillingEvent, Invoice, Subscription
from .subscriptions import period_of, price_of, subscription_view

_BATCH = 200


def charge(session: Session, row: Subscription, reason: str) -> None:
    """Add the paid invoice of the current period, and the event about it."""
    start, end = period_of(row, now())
    invoice = Invoice(
        id=f"in_{uuid4().hex}",
        tenant_id=row.tenant_id,
        status="paid",
        billing_reason=reason,
        amount_cents=price_of(row.plan_code, row.seat_count),
        currency=CURRENCY,
        period_start=start,
        period_end=end,
    )
    session.add(invoice)
    record_billing_event(session, row, "invoice.paid", "An invoice was paid.", invoice)


def record_billing_event(
    session: Session,
    row: Subscription,
    event_type: str,
    summary: str,
    invoice: Invoice | None = None,
) -> None:
    """Add one event about a subscription as it is now; its type is one of Stripe's."""
    session.add(
        BillingEvent(
            tenant_id=row.tenant_id,
            event_type=event_type,
            stripe_event_id=f"evt_{uuid4().hex}",
            summary=summary,
            subscription=_subscription_part(row),
            invoice=None if invoice is None else _invoice_part(invoice),
        )
    )


def events_page(
    session: Session,
    caller: Caller,
    event_type: str | None,
    status: StripeEventStatus | None,
    page: Cursors,
) -> tuple[list[BillingEvent], str | None]:
    """Return a page of the tenant's billing events, newest first."""
    wanted = {"tenant_id": caller.tenant_id, "event_type": event_type, "status": status}
    return page.rows(session, filtered(select(BillingEvent), **wanted), BillingEvent.id)


def invoices_page(
    session: Session, caller: Caller, page: Offsets
) -> tuple[list[Invoice], int | None]:
    """Return a page of the tenant's invoices, newest first, and the offset of the next one."""
    query = select(Invoice).where(Invoice.tenant_id == caller.tenant_id)
    return page.rows(session, query, Invoice.created_at, Invoice.id)


def events_after(session: Session, tenant_id: UUID, position: int | None) -> list[tuple[int, str]]:
    """Return a tenant's next events after a position as JSON, each with its own position."""
    query = select(BillingEvent).where(
        BillingEvent.tenant_id == tenant_id, BillingEvent.id > (position or 0)
    )
    rows = session.scalars(query.order_by(BillingEvent.id).limit(_BATCH))
    return [(row.id, billing_event_view(row).model_dump_json()) for row in rows]


def billing_event_view(event: BillingEvent) -> schemas.BillingEventResponse:
    """Return an event as it is answered."""
    return shown(schemas.BillingEventResponse, event)


def hosted_invoice_url(invoice_id: str) -> str:
    """Return the address at which the provider would show an invoice."""
    return f"https://billing.example.com/invoices/{invoice_id}"


def _subscription_part(row: Subscription) -> dict[str, object]:
    whole = subscription_view(row).model_dump(mode="json")
    return {name: whole[name] for name in schemas.BillingEventSubscriptionResponse.model_fields}


def _invoice_part(invoice: Invoice) -> dict[str, object]:
    part = shown(
        schemas.BillingEventInvoiceResponse,
        invoice,
        invoice_id=invoice.id,
        amount_due_cents=invoice.amount_cents,
        hosted_invoice_url=hosted_invoice_url(invoice.id),
        collection_method="charge_automatically",
    )
    return dict(part.model_dump())
