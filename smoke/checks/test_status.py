"""Does the status page say how the service is, twice the same?"""

from xml.etree import ElementTree

from smoke.auth import Actor, Caller
from smoke.checks import exercises
from smoke.expect import Expect

PAGE = "GET /api/v1/status"
FEED = "GET /api/v1/status/rss"
SUBSCRIPTIONS = "/api/v1/status/subscriptions"
TRIES = 3
"""How often page and feed are read: an incident may begin between the two."""


@exercises(PAGE, FEED)
async def test_page_and_feed_agree(anonymous: Caller, expect: Expect) -> None:
    """The feed has the incidents of the page, each once, in the same order."""
    for _ in range(TRIES):
        page, feed = expect(await anonymous.call(PAGE)), expect(await anonymous.call(FEED))
        again = expect(await anonymous.call(PAGE))
        if page.values("/incidents/*/incident_id") == again.values("/incidents/*/incident_id"):
            break
    page.that("at least one service", bool(page.values("/services/*/name")))
    told = [one.findtext("guid") for one in _items(feed.exchange.body)]
    feed.that("the page's incidents", told == page.values("/incidents/*/incident_id"), told)


async def test_subscriptions_are_for_managers(owner: Actor, expect: Expect) -> None:
    """The owner of a tenant neither lists subscriptions nor adds a webhook."""
    expect(await owner.call(f"GET {SUBSCRIPTIONS}"), 403)
    hook = {"channel": "webhook", "target": "https://example.com/smoke"}
    expect(await owner.call(f"POST {SUBSCRIPTIONS}", json=hook), 403)


def _items(body: bytes) -> list[ElementTree.Element]:
    """The items of a feed (RSS 2.0)."""
    return ElementTree.fromstring(body).findall("channel/item")  # noqa: S314  # the service's own
