"""Status page: page and feed agree, and people can subscribe to incidents."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import pytest_asyncio

from smoke import Actor, Answer, Caller, Exchange, Expect, LeftOutError, Run, exercises
from smoke.checks.accounts import caller_address, not_limited
from smoke.checks.pool import Slot

PAGE = "GET /api/v1/status"
FEED = "GET /api/v1/status/rss"
SUBSCRIPTIONS = "/api/v1/status/subscriptions"
SUBSCRIBE = f"POST {SUBSCRIPTIONS}"
OPERATIONAL = ("operational", "ok", "up", "healthy", "all systems operational")
# How often page and feed are read: an incident may begin between the two.
TRIES = 3


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def status_page(anonymous: Caller) -> Exchange:
    """The status page."""
    return await anonymous.call(PAGE)


@exercises(PAGE, FEED)
async def test_page_and_feed_agree(
    status_page: Exchange, anonymous: Caller, expect: Expect
) -> None:
    """The feed can be read, and has the newest incident of the page, if there is one."""
    page, feed = expect(status_page), expect(await anonymous.call(FEED))
    for _ in range(TRIES - 1):
        if not _lacking(page, feed):
            break
        page, feed = expect(await anonymous.call(PAGE)), expect(await anonymous.call(FEED))
    lacking = _lacking(page, feed)
    feed.that(f"the incident {lacking}", not lacking, _texts(feed)[:3])


async def test_page_says_operational(
    status_page: Exchange, expect: Expect, options: Mapping[str, Any]
) -> None:
    """Where the target says so, the status page reports no problem."""
    if options["status_page"] != "operational":
        raise LeftOutError("options.status_page does not say that all services are operational")
    page = expect(status_page)
    state = str(page.value("/overview/state")).lower()
    page.that("an operational state", state in OPERATIONAL, state)


@exercises(SUBSCRIBE)
async def test_subscription_waits_to_be_confirmed(
    anonymous: Caller, slot: Slot, expect: Expect, run: Run
) -> None:
    """A subscription by e-mail is taken, and does not show the address in full."""
    address, headers = slot.address("status"), caller_address(run)
    body = {"channel": "email", "target": address}
    if not slot.is_new:  # every request for it makes another one, which only a mail can end
        run.uses_again(SUBSCRIBE, "status subscription", address)
        body["target"] = "not an address"
        sent = await anonymous.call(SUBSCRIBE, json=body, headers=headers)
        expect(not_limited(sent), 400, 422)
        return
    made = expect(not_limited(await anonymous.call(SUBSCRIBE, json=body, headers=headers)))
    made.holds("/channel", "email")
    made.that("an address that is not shown in full", address != made.json["target_masked"])
    run.stays("status subscription", address)


async def test_subscriptions_are_for_managers(owner: Actor, expect: Expect, run: Run) -> None:
    """An owner neither lists subscriptions nor adds a webhook."""
    expect(await owner.call(f"GET {SUBSCRIPTIONS}"), 403)
    hook = {"channel": "webhook", "target": "https://example.com/smoke"}
    sent = await owner.call(SUBSCRIBE, json=hook, headers=caller_address(run))
    expect(not_limited(sent), 403)


def _lacking(page: Answer, feed: Answer) -> str:
    """The newest incident of the page, if the feed does not have it."""
    for newest in sorted(page.json["incidents"], key=lambda one: str(one["occurred_at"]))[-1:]:
        names = (newest["incident_id"], newest["impact"])
        if not any(name in text for text in _texts(feed) for name in names):
            return str(newest["incident_id"])
    return ""


def _texts(feed: Answer) -> list[str]:
    """The texts of the items of a feed (RSS 2.0)."""
    root = ElementTree.fromstring(feed.exchange.body)  # noqa: S314  # the service's own
    return [" ".join(one.itertext()) for one in root.findall("channel/item")]
