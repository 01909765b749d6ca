"""
Subscriptions to the status page.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select

from ..client_info import From
from ..errors import bad_request, forbidden, not_found, unauthorized
from ..limits import STATUS_MAIL, STATUS_WEBHOOK
from ..models.status import (
    StatusIncidentResendRequest,
    StatusIncidentResendResponse,
    StatusSubscriptionChallengeRequest,
    StatusSubscriptionCreateRequest,
    StatusSubscriptionListResponse,
    StatusSubscriptionResponse,
    StatusSubscriptionVerifyRequest,
)
from ..principals import Principal, principal_of, require_scope, signed_in
from ..service import Running, Session
from ..status_subscriptions import (
    Purpose,
    confirm,
    may_unsubscribe,
    require_target,
    subscribe,
    subscription_view,
)
from ..tables.status import Incident, Notice, StatusSubscription

router = APIRouter(prefix="/api/v1/status", tags=["status"])
SCOPE = "status:manage"
Manager = Annotated[Principal, Depends(signed_in(scope=SCOPE))]
_MOST = 100


async def _maybe_principal(
    service: Running,
    credentials: Annotated[
        HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))
    ],
) -> Principal | None:
    return principal_of(service, credentials.credentials) if credentials else None


Anybody = Annotated[Principal | None, Depends(_maybe_principal)]


@router.post("/subscriptions", status_code=201)
async def create_status_subscription(
    caller: Anybody,
    body: StatusSubscriptionCreateRequest,
    service: Running,
    session: Session,
    client: From,
) -> StatusSubscriptionResponse:
    """
    A subscription that waits for its token; webhooks are for those who manage the status page.
    """
    if body.channel == "webhook":
        _require_manager(caller)
    require_target(body.channel, body.target)
    limit = STATUS_MAIL if body.channel == "email" else STATUS_WEBHOOK
    service.limits.count(limit, client.ip_address)
    tenant_id = caller.tenant_id if caller else None
    created_by = f"user:{caller.user_id}" if caller else "public"
    row, secret = await subscribe(session, body, created_by, tenant_id)
    return subscription_view(row, secret)


@router.get("/subscriptions")
async def list_status_subscriptions(
    manager: Manager,
    session: Session,
    limit: int = 20,
    cursor: str | None = None,
    tenant_id: Annotated[UUID | None, Query(description="A tenant; operators only.")] = None,
    all_tenants: Annotated[
        bool, Query(alias="all", description="Of all tenants, and of none.")
    ] = False,
) -> StatusSubscriptionListResponse:
    """
    The subscriptions of the caller's tenant, newest first.
    """
    start, size = _start(cursor), max(1, min(limit, _MOST))
    query = select(StatusSubscription)
    if not all_tenants:
        query = query.where(StatusSubscription.tenant_id == (tenant_id or manager.tenant_id))
    order = (StatusSubscription.created_at.desc(), StatusSubscription.id)
    rows = list(await session.scalars(query.order_by(*order).offset(start).limit(size + 1)))
    return StatusSubscriptionListResponse(
        items=[subscription_view(row) for row in rows[:size]],
        next_cursor=str(start + size) if len(rows) > size else None,
    )


@router.post("/subscriptions/verify")
async def verify_status_subscription(
    body: StatusSubscriptionVerifyRequest, session: Session
) -> StatusSubscriptionResponse:
    """
    The address of the token's subscription is told of incidents from now on.
    """
    return subscription_view(await confirm(session, body.token, Purpose.VERIFY))


@router.post("/subscriptions/challenge")
async def confirm_webhook_challenge(
    body: StatusSubscriptionChallengeRequest, session: Session
) -> StatusSubscriptionResponse:
    """
    The webhook of the token's subscription is told of incidents from now on.
    """
    return subscription_view(await confirm(session, body.token, Purpose.CHALLENGE))


@router.delete("/subscriptions/{subscription_id}", status_code=204)
async def revoke_status_subscription(
    subscription_id: UUID,
    caller: Anybody,
    session: Session,
    token: Annotated[str | None, Query(description="The token that every mail carries.")] = None,
) -> None:
    """
    The subscription ends, for its own token or for those who manage the status page.
    """
    if token is None:
        _require_manager(caller)
    elif not await may_unsubscribe(session, token, subscription_id):
        raise forbidden("The token is not this subscription's.")
    row = await session.get(StatusSubscription, subscription_id)
    if row is None:
        raise not_found("Subscription")
    row.status = "revoked"


@router.post("/incidents/{incident_id}/resend", status_code=202)
async def resend_status_incident(
    incident_id: str, _manager: Manager, body: StatusIncidentResendRequest, session: Session
) -> StatusIncidentResendResponse:
    """
    An incident is told again to the active subscriptions of a severity.
    """
    if await session.get(Incident, incident_id) is None:
        raise not_found("Incident")
    query = select(StatusSubscription).where(StatusSubscription.status == "active")
    if body.tenant_id is not None:
        query = query.where(StatusSubscription.tenant_id == body.tenant_id)
    if body.severity != "all":
        wanted = StatusSubscription.severity_filter.in_(["all", body.severity])
        query = query.where(wanted)
    rows = list(await session.scalars(query))
    session.add_all(
        Notice(subscription_id=row.id, incident_id=incident_id, text="incident") for row in rows
    )
    return StatusIncidentResendResponse(dispatched=len(rows))


def _require_manager(caller: Principal | None) -> None:
    if caller is None:
        raise unauthorized("A bearer token is needed.")
    require_scope(caller, SCOPE)


def _start(cursor: str | None) -> int:
    """
    Return the position in a cursor, which is a number as text here.
    """
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise bad_request("The cursor is malformed. Use the next_cursor of a previous page.")
    return int(cursor)
