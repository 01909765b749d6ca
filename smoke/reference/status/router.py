"""The status page, as JSON and as a feed, and the subscriptions to it."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from .. import schemas
from ..security.principals import Anybody, Principal, signed_in
from ..service import OpenSession, Running
from ..views import shown
from ..web.client_info import From
from . import service as subscriptions
from .board import look
from .feed import feed_of

router = APIRouter(prefix="/api/v1", tags=["status"])
Manager = Annotated[Principal, Depends(signed_in(scope=subscriptions.SCOPE))]
_RSS = "application/rss+xml"


@router.get("/status")
async def get_platform_status(service: Running) -> schemas.PlatformStatusResponse:
    board = look(service)
    state = "operational" if board.works else "degraded"
    services = [
        shown(
            schemas.ServiceStatusSchema,
            part,
            status="operational" if part.works else "outage",
            owner="platform",
            last_incident_at=board.last_incident_at(part),
        )
        for part in board.parts
    ]
    return schemas.PlatformStatusResponse(
        generated_at=board.at,
        overview=schemas.StatusOverviewSchema(
            state=state, description=board.description, updated_at=board.at
        ),
        services=services,
        incidents=[shown(schemas.IncidentSchema, one) for one in board.incidents],
        uptime_metrics=[_uptime(board.uptime)],
    )


@router.get(
    "/status/rss",
    response_class=Response,
    responses={200: {"content": {_RSS: {"schema": {"type": "string"}}}}},
)
async def get_platform_status_rss(request: Request, service: Running) -> Response:
    feed = feed_of(look(service), f"{request.base_url}api/v1/status")
    return Response(feed, media_type=_RSS)


router.add_api_route(
    "/status.rss", get_platform_status_rss, response_class=Response, include_in_schema=False
)


@router.post("/status/subscriptions", status_code=201)
async def create_status_subscription(
    caller: Anybody,
    body: schemas.StatusSubscriptionCreateRequest,
    service: Running,
    session: OpenSession,
    client: From,
) -> schemas.StatusSubscriptionResponse:
    row, secret = subscriptions.subscribe(service, session, caller, body, client)
    return subscriptions.subscription_view(row, secret)


@router.get("/status/subscriptions")
async def list_status_subscriptions(
    manager: Manager,
    session: OpenSession,
    limit: int = 20,
    cursor: str | None = None,
    tenant_id: UUID | None = None,
    all_tenants: Annotated[bool, Query(alias="all")] = False,
) -> schemas.StatusSubscriptionListResponse:
    wanted = None if all_tenants else tenant_id or manager.tenant_id
    rows, following = subscriptions.subscriptions_page(session, wanted, limit=limit, cursor=cursor)
    items = [subscriptions.subscription_view(row) for row in rows]
    return schemas.StatusSubscriptionListResponse(items=items, next_cursor=following)


@router.post("/status/subscriptions/verify")
async def verify_status_subscription(
    body: schemas.StatusSubscriptionVerifyRequest, session: OpenSession
) -> schemas.StatusSubscriptionResponse:
    row = subscriptions.confirm(session, body.token, subscriptions.Purpose.VERIFY)
    return subscriptions.subscription_view(row)


@router.post("/status/subscriptions/challenge")
async def confirm_webhook_challenge(
    body: schemas.StatusSubscriptionChallengeRequest, session: OpenSession
) -> schemas.StatusSubscriptionResponse:
    row = subscriptions.confirm(session, body.token, subscriptions.Purpose.CHALLENGE)
    return subscriptions.subscription_view(row)


@router.delete("/status/subscriptions/{subscription_id}", status_code=204)
async def revoke_status_subscription(
    subscription_id: UUID,
    caller: Anybody,
    service: Running,
    session: OpenSession,
    token: str | None = None,
) -> None:
    subscriptions.revoke(service, session, caller, subscription_id, token)


@router.post("/status/incidents/{incident_id}/resend", status_code=202)
async def resend_status_incident(
    incident_id: str,
    _manager: Manager,
    body: schemas.StatusIncidentResendRequest,
    session: OpenSession,
) -> schemas.StatusIncidentResendResponse:
    dispatched = subscriptions.resend(session, incident_id, body)
    return schemas.StatusIncidentResendResponse(dispatched=dispatched)


def _uptime(uptime: timedelta) -> schemas.UptimeMetricSchema:
    return schemas.UptimeMetricSchema(
        label="Uptime",
        value=str(timedelta(seconds=int(uptime.total_seconds()))),
        helper_text="Since the last start",
        trend_value="0",
        trend_tone="neutral",
    )
