"""
How a tenant pays: cards, and the provider's own pages.
"""

from uuid import uuid4

from fastapi import APIRouter
from sqlalchemy import Select, select, update

from ..billing_callers import BillingManager
from ..database import now
from ..models.billing import (
    PaymentMethodResponse,
    PortalSessionRequest,
    PortalSessionResponse,
    SetupIntentRequest,
    SetupIntentResponse,
)
from ..models.shared import SuccessNoDataResponse
from ..service import Session
from ..tables.billing import PaymentMethod
from ..tenancy import Caller

router = APIRouter(prefix="/api/v1/billing/tenants/{tenant_id}", tags=["billing"])


@router.post("/portal")
async def create_portal_session(
    _caller: BillingManager,
    body: PortalSessionRequest,  # noqa: ARG001  # there is no customer to address
) -> PortalSessionResponse:
    """
    The address of the provider's portal, good for one session.
    """
    return PortalSessionResponse(url=f"https://billing.example.com/portal/{uuid4().hex}")


@router.get("/payment-methods")
async def list_payment_methods(
    caller: BillingManager, session: Session
) -> list[PaymentMethodResponse]:
    """
    The tenant's cards, oldest first.
    """
    rows = await session.scalars(_cards(caller))
    names = PaymentMethodResponse.model_fields
    return [PaymentMethodResponse(**{name: getattr(row, name) for name in names}) for row in rows]


@router.post("/payment-methods/setup-intent")
async def create_setup_intent(
    caller: BillingManager,
    body: SetupIntentRequest,  # noqa: ARG001  # there is no customer to address
    session: Session,
) -> SetupIntentResponse:
    """
    An intent to add a card. There is no page to type one in, so a test card is added at once.
    """
    moment = now()
    first = (await session.scalars(_cards(caller))).first() is None
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


@router.post("/payment-methods/{payment_method_id}/default")
async def set_default_payment_method(
    payment_method_id: str, caller: BillingManager, session: Session
) -> SuccessNoDataResponse:
    """
    The card is the default one, and no other is; an unknown one changes nothing and is no error.
    """
    card = await _card(session, caller, payment_method_id)
    if card is not None:
        own = PaymentMethod.tenant_id == caller.tenant_id
        await session.execute(update(PaymentMethod).where(own).values(is_default=False))
        card.is_default = True
    return SuccessNoDataResponse(message="Default payment method updated.")


@router.delete("/payment-methods/{payment_method_id}")
async def detach_payment_method(
    payment_method_id: str, caller: BillingManager, session: Session
) -> SuccessNoDataResponse:
    """
    The card is gone, and the oldest one left takes its place; an unknown one is no error.
    """
    card = await _card(session, caller, payment_method_id)
    if card is not None:
        await session.delete(card)
        await session.flush()
        oldest = (await session.scalars(_cards(caller))).first()
        if card.is_default and oldest is not None:
            oldest.is_default = True
    return SuccessNoDataResponse(message="Payment method detached.")


def _cards(caller: Caller) -> Select[PaymentMethod]:
    query = select(PaymentMethod).where(PaymentMethod.tenant_id == caller.tenant_id)
    return query.order_by(PaymentMethod.created_at, PaymentMethod.id)


async def _card(session: Session, caller: Caller, card_id: str) -> PaymentMethod | None:
    card = await session.get(PaymentMethod, card_id)
    return card if card is not None and card.tenant_id == caller.tenant_id else None
