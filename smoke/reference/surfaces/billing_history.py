"""
What a tenant was charged, and what the payment provider told.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select

from ..billing_callers import BillingReader
from ..billing_events import billing_event_view, hosted_invoice_url
from ..errors import not_found
from ..models.billing import (
    BillingEventHistoryResponse,
    StripeEventStatus,
    SubscriptionInvoiceListResponse,
    SubscriptionInvoiceResponse,
)
from ..paging import Offset, keyset_page, offset_page
from ..service import Session
from ..tables.billing import BillingEvent, Invoice

router = APIRouter(prefix="/api/v1/billing/tenants/{tenant_id}", tags=["billing"])


@router.get("/invoices")
async def list_invoices(
    caller: BillingReader,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> SubscriptionInvoiceListResponse:
    """
    The tenant's invoices, newest first.
    """
    query = select(Invoice).where(Invoice.tenant_id == caller.tenant_id)
    query = query.order_by(Invoice.created_at.desc(), Invoice.id)
    rows, next_offset = await offset_page(session, query, limit=limit, offset=offset)
    return SubscriptionInvoiceListResponse(
        items=[_view(row) for row in rows], next_offset=next_offset
    )


@router.get("/invoices/{invoice_id}")
async def get_invoice(
    invoice_id: str, caller: BillingReader, session: Session
) -> SubscriptionInvoiceResponse:
    """
    One invoice, by the provider's id.
    """
    row = await session.get(Invoice, invoice_id)
    if row is None or row.tenant_id != caller.tenant_id:
        raise not_found("Invoice")
    return _view(row)


@router.get("/events")
async def list_billing_events(
    caller: BillingReader,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=100, description="Number of events to return.")] = 25,
    cursor: Annotated[
        str | None, Query(description="Opaque cursor returned from the previous page.")
    ] = None,
    event_type: Annotated[str | None, Query(description="Filter by Stripe event type.")] = None,
    processing_status: Annotated[
        StripeEventStatus | None,
        Query(description="Filter by processing outcome (received/processed/failed)."),
    ] = None,
) -> BillingEventHistoryResponse:
    """
    The tenant's billing events, newest first.
    """
    query = select(BillingEvent).where(BillingEvent.tenant_id == caller.tenant_id)
    if event_type is not None:
        query = query.where(BillingEvent.event_type == event_type)
    if processing_status is not None:
        query = query.where(BillingEvent.status == str(processing_status))
    rows, next_cursor = await keyset_page(
        session, query, (BillingEvent.id,), limit=limit, cursor=cursor
    )
    return BillingEventHistoryResponse(
        items=[billing_event_view(row) for row in rows], next_cursor=next_cursor
    )


def _view(row: Invoice) -> SubscriptionInvoiceResponse:
    return SubscriptionInvoiceResponse(
        invoice_id=row.id,
        status=row.status,
        amount_cents=row.amount_cents,
        currency=row.currency,
        period_start=row.period_start,
        period_end=row.period_end,
        hosted_invoice_url=hosted_invoice_url(row.id),
        created_at=row.created_at,
    )
