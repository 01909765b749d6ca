"""The status page, as JSON and as a feed."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Annotated
from uuid import UUID
from xml.etree import ElementTree

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import select

from ..security.principals import Anybody, Principal, require_scope, signed_in
from ..service import OpenSession, Running
from ..web.client_info import From
from ..web.errors import bad_request, forbidden, not_found, unauthorized
from ..web.limits import STATUS_MAIL, STATUS_WEBHOOK
from .board import Board, look
from .models import Incident, Notice, StatusSubscription
from .schemas import (
    IncidentSchema,
    PlatformStatusResponse,
    ServiceStatusSchema,
    StatusIncidentResendRequest,
    StatusIncidentResendResponse,
    StatusOverviewSchema,
    StatusSubscriptionChallengeRequest,
    StatusSubscriptionCreateRequest,
    StatusSubscriptionListResponse,
    StatusSubscriptionResponse,
    StatusSubscriptionVerifyRequest,
    UptimeMetricSchema,
)
from .service import Purpose, confirm, may_unsubscribe, require_target, subscribe, subscription_view

router = APIRouter(prefix="/api/v1", tags=["status"])
_RSS = "application/rss+xml"


@router.get("/status")
async def get_platform_status(service: Running) -> PlatformStatusResponse:
    """What each part of the service is like now, and its newest incidents."""
    board = await look(service)
    return PlatformStatusResponse(
        generated_at=board.at,
        overview=StatusOverviewSchema(
            state="operational" if board.works else "degraded",
            description=_description(board),
            updated_at=board.at,
        ),
        services=_services(board),
        incidents=[_incident(one) for one in board.incidents],
        uptime_metrics=[_uptime(board.uptime)],
    )


@router.get(
    "/status/rss",
    response_class=Response,
    responses={200: {"content": {_RSS: {"schema": {"type": "string"}}}}},
)
async def get_platform_status_rss(request: Request, service: Running) -> Response:
    """The newest incidents as a feed (RSS 2.0)."""
    board = await look(service)
    link = f"{request.base_url}api/v1/status"
    feed = ElementTree.tostring(_feed(board, link), "utf-8", xml_declaration=True)
    return Response(feed, media_type=_RSS)


router.add_api_route(
    "/status.rss", get_platform_status_rss, response_class=Response, include_in_schema=False
)


def _description(board: Board) -> str:
    broken = [part.name for part in board.parts if not part.works]
    return f"Does not work: {', '.join(broken)}." if broken else "Everything works."


def _services(board: Board) -> list[ServiceStatusSchema]:
    return [
        ServiceStatusSchema(
            name=part.name,
            status="operational" if part.works else "outage",
            description=part.description,
            owner="platform",
            last_incident_at=board.last_incident_at(part),
        )
        for part in board.parts
    ]


def _incident(row: Incident) -> IncidentSchema:
    names = IncidentSchema.model_fields
    return IncidentSchema(**{name: getattr(row, name) for name in names})


def _uptime(uptime: timedelta) -> UptimeMetricSchema:
    return UptimeMetricSchema(
        label="Uptime",
        value=str(timedelta(seconds=int(uptime.total_seconds()))),
        helper_text="Since the last start",
        trend_value="0",
        trend_tone="neutral",
    )


def _feed(board: Board, link: str) -> ElementTree.Element:
    feed = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(feed, "channel")
    _texts(channel, title="api-service status", link=link, description=_description(board))
    _texts(channel, lastBuildDate=format_datetime(board.at))
    for one in board.incidents:
        item = ElementTree.SubElement(channel, "item")
        _texts(item, title=f"{one.service}: {one.impact}", link=link, description=one.state)
        guid = ElementTree.SubElement(item, "guid", isPermaLink="false")
        guid.text = one.incident_id
        _texts(item, pubDate=format_datetime(one.occurred_at))
    return feed


def _texts(parent: ElementTree.Element, **texts: str) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = text


SCOPE = "status:manage"
Manager = Annotated[Principal, Depends(signed_in(scope=SCOPE))]
_MOST = 100


@router.post("/status/subscriptions", status_code=201)
async def create_status_subscription(
    caller: Anybody,
    body: StatusSubscriptionCreateRequest,
    service: Running,
    session: OpenSession,
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
    row, secret = subscribe(session, body, created_by, tenant_id)
    return subscription_view(row, secret)


@router.get("/status/subscriptions")
async def list_status_subscriptions(
    manager: Manager,
    session: OpenSession,
    limit: int = 20,
    cursor: str | None = None,
    tenant_id: Annotated[UUID | None, Query(description="A tenant; operators only.")] = None,
    all_tenants: Annotated[
        bool, Query(alias="all", description="Of all tenants, and of none.")
    ] = False,
) -> StatusSubscriptionListResponse:
    """The subscriptions of the caller's tenant, newest first."""
    start, size = _start(cursor), max(1, min(limit, _MOST))
    query = select(StatusSubscription)
    if not all_tenants:
        query = query.where(StatusSubscription.tenant_id == (tenant_id or manager.tenant_id))
    order = (StatusSubscription.created_at.desc(), StatusSubscription.id)
    rows = list(session.scalars(query.order_by(*order).offset(start).limit(size + 1)))
    return StatusSubscriptionListResponse(
        items=[subscription_view(row) for row in rows[:size]],
        next_cursor=str(start + size) if len(rows) > size else None,
    )


@router.post("/status/subscriptions/verify")
async def verify_status_subscription(
    body: StatusSubscriptionVerifyRequest, session: OpenSession
) -> StatusSubscriptionResponse:
    """The address of the token's subscription is told of incidents from now on."""
    return subscription_view(confirm(session, body.token, Purpose.VERIFY))


@router.post("/status/subscriptions/challenge")
async def confirm_webhook_challenge(
    body: StatusSubscriptionChallengeRequest, session: OpenSession
) -> StatusSubscriptionResponse:
    """The webhook of the token's subscription is told of incidents from now on."""
    return subscription_view(confirm(session, body.token, Purpose.CHALLENGE))


@router.delete("/status/subscriptions/{subscription_id}", status_code=204)
async def revoke_status_subscription(
    subscription_id: UUID,
    caller: Anybody,
    session: OpenSession,
    token: Annotated[str | None, Query(description="The token that every mail carries.")] = None,
) -> None:
    """The subscription ends, for its own token or for those who manage the status page."""
    if token is None:
        _require_manager(caller)
    elif not may_unsubscribe(session, token, subscription_id):
        raise forbidden("The token is not this subscription's.")
    row = session.get(StatusSubscription, subscription_id)
    if row is None:
        raise not_found("Subscription")
    row.status = "revoked"


@router.post("/status/incidents/{incident_id}/resend", status_code=202)
async def resend_status_incident(
    incident_id: str, _manager: Manager, body: StatusIncidentResendRequest, session: OpenSession
) -> StatusIncidentResendResponse:
    """An incident is told again to the active subscriptions of a severity."""
    if session.get(Incident, incident_id) is None:
        raise not_found("Incident")
    query = select(StatusSubscription).where(StatusSubscription.status == "active")
    if body.tenant_id is not None:
        query = query.where(StatusSubscription.tenant_id == body.tenant_id)
    if body.severity != "all":
        wanted = StatusSubscription.severity_filter.in_(["all", body.severity])
        query = query.where(wanted)
    rows = list(session.scalars(query))
    session.add_all(
        Notice(subscription_id=row.id, incident_id=incident_id, text="incident") for row in rows
    )
    return StatusIncidentResendResponse(dispatched=len(rows))


def _require_manager(caller: Principal | None) -> None:
    if caller is None:
        raise unauthorized("A bearer token is needed.")
    require_scope(caller, SCOPE)


def _start(cursor: str | None) -> int:
    """Return the position in a cursor, which is a number as text here."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise bad_request("The cursor is malformed. Use the next_cursor of a previous page.")
    return int(cursor)
