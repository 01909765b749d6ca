"""The cards of a tenant; at most one of them is the default."""

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..database import now
from ..security.tenancy import Caller, find_own
from .models import PaymentMethod


def cards_of(session: Session, caller: Caller) -> Sequence[PaymentMethod]:
    """Return the tenant's cards, oldest first."""
    query = select(PaymentMethod).where(PaymentMethod.tenant_id == caller.tenant_id)
    return session.scalars(query.order_by(PaymentMethod.created_at, PaymentMethod.id)).all()


def add_test_card(session: Session, caller: Caller) -> None:
    """Add a card at once: there is no page on which somebody could type one in."""
    moment = now()
    card = PaymentMethod(
        id=f"pm_{uuid4().hex}",
        tenant_id=caller.tenant_id,
        brand="visa",
        last4="4242",
        exp_month=12,
        exp_year=moment.year + 3,
        is_default=not cards_of(session, caller),
        created_at=moment,
    )
    session.add(card)


def make_default(session: Session, caller: Caller, card_id: str) -> None:
    """Make a card the default one; an unknown one changes nothing and is no error."""
    card = find_own(session, caller, PaymentMethod, card_id)
    if card is not None:
        ours = PaymentMethod.tenant_id == caller.tenant_id
        session.execute(update(PaymentMethod).where(ours).values(is_default=False))
        card.is_default = True


def detach(session: Session, caller: Caller, card_id: str) -> None:
    """Remove a card; the oldest one left takes its place. An unknown one is no error."""
    card = find_own(session, caller, PaymentMethod, card_id)
    if card is None:
        return
    session.delete(card)
    session.flush()
    left = cards_of(session, caller)
    if card.is_default and left:
        left[0].is_default = True
