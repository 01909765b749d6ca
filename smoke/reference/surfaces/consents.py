"""
What the caller agreed to.
"""

from fastapi import APIRouter
from sqlalchemy import select

from ..models.shared import SuccessNoDataResponse
from ..models.users import ConsentRequest, ConsentView
from ..principals import SignedIn
from ..service import Session
from ..tables.preferences import Consent

router = APIRouter(prefix="/api/v1/users/consents", tags=["users"])


@router.get("")
async def list_consents(principal: SignedIn, session: Session) -> list[ConsentView]:
    """
    The caller's consents, newest first.
    """
    query = select(Consent).where(Consent.user_id == principal.user_id)
    rows = await session.scalars(query.order_by(Consent.accepted_at.desc(), Consent.id))
    return [
        ConsentView(policy_key=row.policy_key, version=row.version, accepted_at=row.accepted_at)
        for row in rows
    ]


@router.post("", status_code=201)
async def record_consent(
    principal: SignedIn, body: ConsentRequest, session: Session
) -> SuccessNoDataResponse:
    """
    The caller agrees to a version of a policy.
    """
    session.add(Consent(user_id=principal.user_id, **body.model_dump()))
    return SuccessNoDataResponse(message="Consent recorded.")
