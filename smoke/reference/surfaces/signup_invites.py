"""
Invitations to register a tenant, issued by platform operators.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import func, select

from ..errors import not_found
from ..models.auth.signup import (
    SignupInviteIssueRequest,
    SignupInviteIssueResponse,
    SignupInviteListResponse,
    SignupInviteResponse,
    SignupInviteStatus,
)
from ..paging import Offset
from ..principals import Principal, signed_in
from ..service import Session
from ..signup_invites import has_status, issue_signup_invite, signup_invite_view
from ..tables.signup import SignupInvite, SignupRequest

router = APIRouter(prefix="/api/v1/auth/invites", tags=["auth"])
Operator = Annotated[Principal, Depends(signed_in(scope="auth:invites"))]


@router.get("")
async def list_invites(
    _operator: Operator,
    session: Session,
    status: Annotated[SignupInviteStatus | None, Query()] = None,
    email: Annotated[str | None, Query()] = None,
    request_id: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Offset = 0,
) -> SignupInviteListResponse:
    """
    The invitations, newest first.
    """
    query = select(SignupInvite)
    if status is not None:
        query = query.where(has_status(status))
    if email is not None:
        query = query.where(SignupInvite.invited_email == email.lower())
    if request_id is not None:
        query = query.where(SignupInvite.signup_request_id == request_id)
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    page = query.order_by(SignupInvite.created_at.desc(), SignupInvite.id)
    rows = await session.scalars(page.limit(limit).offset(offset))
    invites = [signup_invite_view(row) for row in rows]
    return SignupInviteListResponse(invites=invites, total=total or 0)


@router.post("", status_code=201)
async def issue_invite(
    _operator: Operator, body: SignupInviteIssueRequest, session: Session
) -> SignupInviteIssueResponse:
    """
    An invitation, and its token, which is told only once.
    """
    if body.signup_request_id and not await session.get(SignupRequest, body.signup_request_id):
        raise not_found("Request")
    return await issue_signup_invite(session, body)


@router.post("/{invite_id}/revoke")
async def revoke_invite(
    invite_id: UUID, _operator: Operator, session: Session
) -> SignupInviteResponse:
    """
    Nobody can register with the invitation any more.
    """
    row = await session.get(SignupInvite, invite_id)
    if row is None:
        raise not_found("Invite")
    row.status = "revoked"
    return signup_invite_view(row)
