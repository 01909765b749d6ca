"""
The status page, as JSON and as a feed.
"""

from datetime import timedelta
from email.utils import format_datetime
from xml.etree import ElementTree

from fastapi import APIRouter, Request, Response

from ..models.status import (
    IncidentSchema,
    PlatformStatusResponse,
    ServiceStatusSchema,
    StatusOverviewSchema,
    UptimeMetricSchema,
)
from ..service import Running
from ..status_board import Board, look
from ..tables.status import Incident

router = APIRouter(prefix="/api/v1", tags=["status"])
_RSS = "application/rss+xml"


@router.get("/status")
async def get_platform_status(service: Running) -> PlatformStatusResponse:
    """
    What each part of the service is like now, and its newest incidents.
    """
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
    """
    The newest incidents as a feed (RSS 2.0).
    """
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
