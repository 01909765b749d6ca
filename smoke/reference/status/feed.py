"""The status page as a feed (RSS 2.0)."""

from email.utils import format_datetime
from xml.etree import ElementTree

from .board import Board


def feed_of(board: Board, link: str) -> bytes:
    """Return the newest incidents as a feed."""
    feed = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(feed, "channel")
    _texts(channel, title="api-service status", link=link, description=board.description)
    _texts(channel, lastBuildDate=format_datetime(board.at))
    for one in board.incidents:
        item = ElementTree.SubElement(channel, "item")
        _texts(item, title=f"{one.service}: {one.impact}", link=link, description=one.state)
        guid = ElementTree.SubElement(item, "guid", isPermaLink="false")
        guid.text = one.incident_id
        _texts(item, pubDate=format_datetime(one.occurred_at))
    text: bytes = ElementTree.tostring(feed, "utf-8", xml_declaration=True)
    return text


def _texts(parent: ElementTree.Element, **texts: str) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, name).text = text
