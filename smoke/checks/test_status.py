"""Status page: page and feed agree, and people can subscribe to incidents."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from smoke import Actor, Caller, Expect, LeftOutError, Run, exercises
from smoke.checks.accounts import caller_address, not_limited

PAGE = "GET /api/v1/status"
FEED = "GET /api/v1/status/rss"
SUBSCRIPTIONS = "/api/v1/status/subscriptions"
SUBSCRIBE = f"POST {SUBSCRIPTIONS}"
OPERATIONAL = ("operational", "ok", "up", "healthy", "all systems operational")
# Addresses that runs subscribe with in turn, so that their number does not grow.
ADDRESSES = 16
# How often page and feed are read: an incident may begin between the two.
TRIES = 3


@exercises(PAGE, FEED)
async def test_page_and_feed_agree(anonymous: Caller, expect: Expect) -> None:
    """The feed can be read, and has the newest incident of the page, if there is one."""
    for _ in range(TRIES):
        page, feed = expect(await anonymous.call(PAGE)), expect(await anonymous.call(FEED))
        again = expect(await anonymous.call(PAGE))
        if page.json["incidents"] == again.json["incidents"]:
            break
    texts = [" ".join(one.itertext()) for one in _items(feed.exchange.body)]
    for newest in sorted(page.json["incidents"], key=lambda one: str(one["occurred_at"]))[-1:]:
        names = (newest["incident_id"], newest["impact"])
        known = any(name in text for text in texts for name in names)
        feed.that(f"the incident {newest['incident_id']}", known, texts[:3])


async def test_page_says_operational(
    anonymous: Caller, expect: Expect, options: Mapping[str, Any]
) -> None:
    """Where the target says so, the status page reports no problem."""
    if options["status_page"] != "operational":
        raise LeftOutError("options.status_page does not say that all services are operational")
    page = expect(await anonymous.call(PAGE))
    state = str(page.value("/overview/state")).lower()
    page.that("an operational state", state in OPERATIONAL, state)


@exercises(SUBSCRIBE)
async def test_subscription_waits_to_be_confirmed(
    anonymous: Caller, expect: Expect, run: Run
) -> None:
    """A subscription by e-mail is taken, and does not show the address in full."""
    address = f"smoke-status-{int(run.id, 16) % ADDRESSES}@example.com"
    body = {"channel": "email", "target": address}
    sent = await anonymous.call(SUBSCRIBE, json=body, headers=caller_address(run))
    made = expect(not_limited(sent)).holds("/channel", "email")
    made.that("an address that is not shown in full", address != made.json["target_masked"])
    run.stays("status subscription", address)


async def test_subscriptions_are_for_managers(owner: Actor, expect: Expect, run: Run) -> None:
    """An owner neither lists subscriptions nor adds a webhook."""
    expect(await owner.call(f"GET {SUBSCRIPTIONS}"), 403)
    hook = {"channel": "webhook", "target": "https://example.com/smoke"}
    sent = await owner.call(SUBSCRIBE, json=hook, headers=caller_address(run))
    expect(not_limited(sent), 403)


def _items(body: bytes) -> list[ElementTree.Element]:
    """The items of a feed (RSS 2.0)."""
    return ElementTree.fromstring(body).findall("channel/item")  # noqa: S314  # the service's own
