"""Plans, the stream of billing events, invoices, and how a tenant pays."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from .. import schemas
from ..features.service import Feature, require_feature
from ..schemas import StripeEventStatus
from ..security.tenancy import Caller, InTenant, own
from ..service import OpenSession, Running
from ..views import shown
from ..web.document import stream_of
from ..web.errors import Refusal
from ..web.event_stream import event_stream, followed
from ..web.paging import Cursors, Offsets20, cursors
from . import events, payments
from .callers import BillingManager, BillingReader
from .catalogue import PLANS
from .models import Invoice

router = APIRouter(prefix="/api/v1/billing", tags=["billing"])
Viewer = Annotated[Caller, Depends(InTenant("viewer", feature="billing"))]


@router.get("/plans")
async def list_billing_plans(service: Running) -> list[schemas.BillingPlanResponse]:
    if not service.settings.enable_billing:
        # The real service has the route always, and fails behind it.
        raise Refusal(500, "An unexpected error occurred.")
    return list(PLANS)


@router.get("/stream", response_class=Response, responses=stream_of(schemas.BillingEventResponse))
async def billing_event_stream(caller: Viewer, service: Running) -> StreamingResponse:
    with service.database.reading() as session:
        require_feature(session, service.settings, caller.tenant_id, Feature.BILLING_STREAM)
    stream = followed(
        service.database,
        lambda session, last: events.events_after(session, caller.tenant_id, last),
        heartbeat=" ping",
    )
    return event_stream(stream)


@router.get("/tenants/{tenant_id}/invoices")
async def list_invoices(
    caller: BillingReader, session: OpenSession, page: Offsets20
) -> schemas.SubscriptionInvoiceListResponse:
    rows, next_offset = events.invoices_page(session, caller, page)
    items = [_invoice(row) for row in rows]
    return schemas.SubscriptionInvoiceListResponse(items=items, next_offset=next_offset)


@router.get("/tenants/{tenant_id}/invoices/{invoice_id}")
async def get_invoice(
    invoice_id: str, caller: BillingReader, session: OpenSession
) -> schemas.SubscriptionInvoiceResponse:
    return _invoice(own(session, caller, Invoice, invoice_id, "Invoice"))


@router.get("/tenants/{tenant_id}/events")
async def list_billing_events(
    caller: BillingReader,
    session: OpenSession,
    page: Annotated[Cursors, Depends(cursors(25, 100))],
    event_type: str | None = None,
    processing_status: StripeEventStatus | None = None,
) -> schemas.BillingEventHistoryResponse:
    rows, next_cursor = events.events_page(session, caller, event_type, processing_status, page)
    items = [events.billing_event_view(row) for row in rows]
    return schemas.BillingEventHistoryResponse(items=items, next_cursor=next_cursor)


@router.post("/tenants/{tenant_id}/portal")
async def create_portal_session(
    _caller: BillingManager,
    body: schemas.PortalSessionRequest,  # noqa: ARG001  # there is no customer to address
) -> schemas.PortalSessionResponse:
    return schemas.PortalSessionResponse(url=f"https://billing.example.com/portal/{uuid4().hex}")


@router.get("/tenants/{tenant_id}/payment-methods")
async def list_payment_methods(
    caller: BillingManager, session: OpenSession
) -> list[schemas.PaymentMethodResponse]:
    cards = payments.cards_of(session, caller)
    return [shown(schemas.PaymentMethodResponse, card) for card in cards]


@router.post("/tenants/{tenant_id}/payment-methods/setup-intent")
async def create_setup_intent(
    caller: BillingManager,
    body: schemas.SetupIntentRequest,  # noqa: ARG001  # there is no customer to address
    session: OpenSession,
) -> schemas.SetupIntentResponse:
    payments.add_test_card(session, caller)
    intent_id = f"seti_{uuid4().hex}"
    return schemas.SetupIntentResponse(
        id=intent_id, client_secret=f"{intent_id}_secret_{uuid4().hex}"
    )


@router.post("/tenants/{tenant_id}/payment-methods/{payment_method_id}/default")
async def set_default_payment_method(
    payment_method_id: str, caller: BillingManager, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    payments.make_default(session, caller, payment_method_id)
    return schemas.SuccessNoDataResponse(message="Default payment method updated.")


@router.delete("/tenants/{tenant_id}/payment-methods/{payment_method_id}")
async def detach_payment_method(
    payment_method_id: str, caller: BillingManager, session: OpenSession
) -> schemas.SuccessNoDataResponse:
    payments.detach(session, caller, payment_method_id)
    return schemas.SuccessNoDataResponse(message="Payment method detached.")


def _invoice(row: Invoice) -> schemas.SubscriptionInvoiceResponse:
    url = events.hosted_invoice_url(row.id)
    return shown(
        schemas.SubscriptionInvoiceResponse, row, invoice_id=row.id, hosted_invoice_url=url
    )
