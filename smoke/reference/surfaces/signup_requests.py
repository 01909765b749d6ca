"""
Requests for access, decided by platform operators.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import conflict, not_found
from ..models.auth.signup import (
    SignupInviteIssueRequest,
    SignupRequestApprovalRequest,
    SignupRequestDecisionResponse,
    SignupRequestListResponse,
    SignupRequestRejectionRequest,
    SignupRequestResponse,
    SignupRequestStatus,
)
from ..paging import Offset
from ..principals import Principal, signed_in
from ..service import Session
from ..signup_invites import issue_signup_invite
from ..tables.signup import SignupRequest

router = APIRouter(prefix="/api/v1/auth/signup-requests", tags=["auth"])
Operator = Annotated[Principal, Depends(signed_in(scope="auth:signup_requests"))]


@router.get("")
async def list_signup_requests(
    _operator: Operator,
    session: Session,
    status: Annotated[SignupRequestStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> SignupRequestListResponse:
    """
    The requests, newest first.
    """
    query = select(SignupRequest)
    if status is not None:
        query = query.where(SignupRequest.status == str(status))
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(SignupRequest.created_at.desc(), SignupRequest.id)
    rows = await session.scalars(page.limit(limit).offset(offset))
    return SignupRequestListResponse(requests=[_view(row) for row in rows], total=total or 0)


@router.post("/{request_id}/approve")
async def approve_signup_request(
    request_id: UUID, operator: Operator, body: SignupRequestApprovalRequest, session: Session
) -> SignupRequestDecisionResponse:
    """
    The request is approved, and there is an invitation for its address.
    """
    row = await _pending(session, request_id)
    wanted = SignupInviteIssueRequest(
        invited_email=row.email,
        max_redemptions=1,
        expires_in_hours=body.invite_expires_in_hours,
        note=body.note,
        signup_request_id=row.id,
    )
    invite = await issue_signup_invite(session, wanted)
    row.status, row.decided_by, row.decision_reason = "approved", operator.user_id, body.note
    row.invite_token_hint = invite.token_hint
    return SignupRequestDecisionResponse(request=_view(row), invite=invite)


@router.post("/{request_id}/reject")
async def reject_signup_request(
    request_id: UUID, operator: Operator, body: SignupRequestRejectionRequest, session: Session
) -> SignupRequestDecisionResponse:
    """
    The request is rejected.
    """
    row = await _pending(session, request_id)
    row.status, row.decided_by, row.decision_reason = "rejected", operator.user_id, body.reason
    return SignupRequestDecisionResponse(request=_view(row))


async def _pending(session: AsyncSession, request_id: UUID) -> SignupRequest:
    row = await session.get(SignupRequest, request_id)
    if row is None:
        raise not_found("Request")
    if row.status != SignupRequestStatus.PENDING:
        raise conflict(f"The request is {row.status} already.")
    return row


def _view(row: SignupRequest) -> SignupRequestResponse:
    names = SignupRequestResponse.model_fields
    return SignupRequestResponse(**{name: getattr(row, name) for name in names})
