"""What can be bought, and the stream of what was."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from ..database import now
from ..features.service import Feature, require_feature
from ..schemas import SuccessNoDataResponse, TenantRole
from ..security.tenancy import Caller, in_tenant
from ..service import OpenSession, Running
from ..web.errors import forbidden, not_found
from ..web.event_stream import event_stream, followed
from ..web.paging import Offset, keyset_page, offset_page
from .callers import BillingManager, BillingReader
from .catalogue import PLANS
from .events import billing_event_view, events_after, hosted_invoice_url
from .models import BillingEvent, Invoice, PaymentMethod
from .schemas import (
    BillingEventHistoryResponse,
    BillingEventResponse,
    BillingPlanResponse,
    PaymentMethodResponse,
    PortalSessionRequest,
    PortalSessionResponse,
    SetupIntentRequest,
    SetupIntentResponse,
    StripeEventStatus,
    SubscriptionInvoiceListResponse,
    SubscriptionInvoiceResponse,
)

router = APIRouter(prefix="/api/v1/billing", tags=["billing"])
Viewer = Annotated[Caller, Depends(in_tenant(TenantRole.VIEWER, feature=Feature.BILLING))]
_EVENT = {"$ref": f"#/components/schemas/{BillingEventResponse.__name__}"}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": _EVENT}}}
}


@router.get("/plans")
async def list_billing_plans(service: Running) -> list[BillingPlanResponse]:
    """The plans on sale."""
    if not service.settings.enable_billing:
        raise forbidden("The feature 'billing' is not enabled.")
    return list(PLANS)


@router.get("/stream", response_class=Response, responses=_EVENTS)
async def billing_event_stream(caller: Viewer, service: Running) -> StreamingResponse:
    """
    The tenant's billing events, oldest first, then each as it happens; it never ends by itself.
    """
    with service.database.reading() as session:
        require_feature(session, service.settings, caller.tenant_id, Feature.BILLING_STREAM)
    events = followed(
        service.database,
        lambda session, last: [
            (row.id, billing_event_view(row).model_dump_json())
            for row in events_after(session, caller.tenant_id, last or 0)
        ],
        heartbeat=" ping",
    )
    return event_stream(events)


@router.get("/tenants/{tenant_id}/invoices")
async def list_invoices(
    caller: BillingReader,
    session: OpenSession,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Offset = 0,
) -> SubscriptionInvoiceListResponse:
    """The tenant's invoices, newest first."""
    query = select(Invoice).where(Invoice.tenant_id == caller.tenant_id)
    query = query.order_by(Invoice.created_at.desc(), Invoice.id)
    rows, next_offset = offset_page(session, query, limit=limit, offset=offset)
    return SubscriptionInvoiceListResponse(
        items=[_view(row) for row in rows], next_offset=next_offset
    )


@router.get("/tenants/{tenant_id}/invoices/{invoice_id}")
async def get_invoice(
    invoice_id: str, caller: BillingReader, session: OpenSession
) -> SubscriptionInvoiceResponse:
    """One invoice, by the provider's id."""
    row = session.get(Invoice, invoice_id)
    if row is None or row.tenant_id != caller.tenant_id:
        raise not_found("Invoice")
    return _view(row)


@router.get("/tenants/{tenant_id}/events")
async def list_billing_events(
    caller: BillingReader,
    session: OpenSession,
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
    """The tenant's billing events, newest first."""
    query = select(BillingEvent).where(BillingEvent.tenant_id == caller.tenant_id)
    if event_type is not None:
        query = query.where(BillingEvent.event_type == event_type)
    if processing_status is not None:
        query = query.where(BillingEvent.status == str(processing_status))
    rows, next_cursor = keyset_page(session, query, (BillingEvent.id,), limit=limit, cursor=cursor)
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


@router.post("/tenants/{tenant_id}/portal")
async def create_portal_session(
    _caller: BillingManager,
    body: PortalSessionRequest,  # noqa: ARG001  # there is no customer to address
) -> PortalSessionResponse:
    """The address of the provider's portal, good for one session."""
    return PortalSessionResponse(url=f"https://billing.example.com/portal/{uuid4().hex}")


@router.get("/tenants/{tenant_id}/payment-methods")
async def list_payment_methods(
    caller: BillingManager, session: OpenSession
) -> list[PaymentMethodResponse]:
    """The tenant's cards, oldest first."""
    rows = session.scalars(_cards(caller))
    names = PaymentMethodResponse.model_fields
    return [PaymentMethodResponse(**{name: getattr(row, name) for name in names}) for row in rows]


@router.post("/tenants/{tenant_id}/payment-methods/setup-intent")
async def create_setup_intent(
    caller: BillingManager,
    body: SetupIntentRequest,  # noqa: ARG001  # there is no customer to address
    session: OpenSession,
) -> SetupIntentResponse:
    """An intent to add a card. There is no page to type one in, so a test card is added at once."""
    moment = now()
    first = (session.scalars(_cards(caller))).first() is None
    card = PaymentMethod(
        id=f"pm_{uuid4().hex}",
        tenant_id=caller.tenant_id,
        brand="visa",
        last4="4242",
        exp_month=12,
        exp_year=moment.year + 3,
        is_default=first,
        created_at=moment,
    )
    session.add(card)
    intent_id = f"seti_{uuid4().hex}"
    return SetupIntentResponse(id=intent_id, client_secret=f"{intent_id}_secret_{uuid4().hex}")


@router.post("/tenants/{tenant_id}/payment-methods/{payment_method_id}/default")
async def set_default_payment_method(
    payment_method_id: str, caller: BillingManager, session: OpenSession
) -> SuccessNoDataResponse:
    """
    The card is the default one, and no other is; an unknown one changes nothing and is no error.
    """
    card = _card(session, caller, payment_method_id)
    if card is not None:
        own = PaymentMethod.tenant_id == caller.tenant_id
        session.execute(update(PaymentMethod).where(own).values(is_default=False))
        card.is_default = True
    return SuccessNoDataResponse(message="Default payment method updated.")


@router.delete("/tenants/{tenant_id}/payment-methods/{payment_method_id}")
async def detach_payment_method(
    payment_method_id: str, caller: BillingManager, session: OpenSession
) -> SuccessNoDataResponse:
    """The card is gone, and the oldest one left takes its place; an unknown one is no error."""
    card = _card(session, caller, payment_method_id)
    if card is not None:
        session.delete(card)
        session.flush()
        oldest = (session.scalars(_cards(caller))).first()
        if card.is_default and oldest is not None:
            oldest.is_default = True
    return SuccessNoDataResponse(message="Payment method detached.")


def _cards(caller: Caller) -> Select[PaymentMethod]:
    query = select(PaymentMethod).where(PaymentMethod.tenant_id == caller.tenant_id)
    return query.order_by(PaymentMethod.created_at, PaymentMethod.id)


def _card(session: Session, caller: Caller, card_id: str) -> PaymentMethod | None:
    card = session.get(PaymentMethod, card_id)
    return card if card is not None and card.tenant_id == caller.tenant_id else None
