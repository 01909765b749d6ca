"""Billing: what a tenant pays for is kept, counted and reported, and is its own."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from smoke import (
    Actor,
    Answer,
    Bounds,
    Caller,
    Exchange,
    Expect,
    LeftOutError,
    Lists,
    Run,
    exercises,
    together,
)
from smoke.checks.accounts import ALL_SESSIONS
from smoke.checks.conftest import PLANS
from smoke.checks.subscriber import (
    SUBSCRIPTION,
    TENANT,
    TOTALS,
    EventWaiter,
    Subscriber,
)

# Here the account only serves as the admin of the tenant.
pytestmark = pytest.mark.beside("account")

needs_its_session = pytest.mark.alone(ALL_SESSIONS)

STREAM = "GET /api/v1/billing/stream"
START = f"POST {SUBSCRIPTION}"
USAGE = f"POST {TENANT}/usage"
EVENTS = f"GET {TENANT}/events"
INVOICES = f"{TENANT}/invoices"
CARDS = f"{TENANT}/payment-methods"
CARD = f"{CARDS}/{{payment_method_id}}"
# What may be answered about a card that the payment provider does not have.
UNKNOWN_CARD = (400, 402, 404, 409, 502)
# Seconds until an event must have come; the stream itself never ends.
BUDGET_S = 8.0
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def subscriber(
    plans: Exchange, temporary_tenant: Answer, tenant_admin: Caller, expect: Expect
) -> AsyncIterator[Subscriber]:
    """The temporary tenant with a subscription to the cheapest plan, which is ended afterwards."""
    offered = [plan for plan in expect(plans).json if plan.get("is_active", True)]
    if not offered:
        raise LeftOutError("no plan is on sale here")
    offered.sort(key=lambda plan: plan["price_cents"])
    subscriber = Subscriber(tenant_admin, expect, str(temporary_tenant.value("/id")), offered)
    await subscriber.start(**_first(expect.run))
    yield subscriber
    await subscriber.call(f"POST {SUBSCRIPTION}/cancel", json={"cancel_at_period_end": False})


@exercises(PLANS)
async def test_plans_are_on_sale(plans: Exchange, expect: Expect) -> None:
    """The plans are public: each once, with a price that is not negative."""
    offered = expect(plans)
    codes = offered.values("/*/code")
    offered.that("at least one plan, each once", bool(codes) and len(set(codes)) == len(codes))
    offered.that("no negative price", all(cents >= 0 for cents in offered.values("/*/price_cents")))


@needs_its_session
@exercises(START, f"GET {SUBSCRIPTION}", f"POST {SUBSCRIPTION}/cancel")
async def test_subscription_runs_until_it_is_cancelled(subscriber: Subscriber, run: Run) -> None:
    """A started subscription is read back as it was started; a cancelled one has an end."""
    wanted, read = _first(run), await subscriber.read()
    read.holds("/plan_code", subscriber.cheapest).holds("/tenant_id", subscriber.tenant_id)
    read.holds("/billing_email", wanted["billing_email"]).holds("/seat_count", 2)
    read.that("a subscription that runs", not _ends(read), read.json)
    for ended in (await subscriber.end(), await subscriber.read()):
        ended.that("the end of the subscription", _ends(ended), ended.json)
    await subscriber.start()
    again = await subscriber.read()
    again.that("a new subscription that runs", not _ends(again), again.json)
    later = await subscriber.end(at_once=False)
    later.that("a subscription that runs to the end of its period", not _is_over(later), later.json)


def _first(run: Run) -> dict[str, Any]:
    """The values with which the first subscription of the tenant starts."""
    return {"billing_email": f"smoke-{run.id}@example.com", "seat_count": 2}


def _ends(subscription: Answer) -> bool:
    """Whether a subscription has ended, or is going to."""
    return _is_over(subscription) or subscription.json.get("cancel_at") is not None


def _is_over(subscription: Answer) -> bool:
    """Whether a subscription has ended; other states have no fixed words."""
    return str(subscription.json["status"]).lower().startswith(("cancel", "expired", "ended"))


@needs_its_session
@exercises(f"PATCH {SUBSCRIPTION}")
async def test_changed_subscription_is_read_back(subscriber: Subscriber, run: Run) -> None:
    """A change of seats and address is read back, and the plan is still the same."""
    before = await subscriber.known()
    change = {"seat_count": 3, "billing_email": f"smoke-{run.id}-moved@example.com"}
    changed = subscriber.expect(await subscriber.call(f"PATCH {SUBSCRIPTION}", json=change))
    read = await subscriber.read()
    for answer in (changed, read):  # what the change does not name stays as it was
        answer.holds("/auto_renew", before.json.get("auto_renew"))
    read.holds("/seat_count", 3).holds("/billing_email", change["billing_email"])
    read.holds("/plan_code", before.json["plan_code"])


@needs_its_session
@exercises(f"POST {SUBSCRIPTION}/plan")
async def test_other_plan_is_taken(subscriber: Subscriber, expect: Expect) -> None:
    """Another plan is taken, at once or with the next period; the same one again is refused."""
    if subscriber.dearest == subscriber.cheapest:
        raise LeftOutError("there is only one plan on sale here")
    wanted = {"plan_code": subscriber.dearest, "timing": "immediate"}
    changed = expect(await subscriber.call(f"POST {SUBSCRIPTION}/plan", json=wanted))
    changed.holds("/target_plan_code", subscriber.dearest)
    read = await subscriber.read()
    plans = [read.json["plan_code"], read.json.get("pending_plan_code")]
    read.that(
        f"the plan {subscriber.dearest!r}, now or pending", subscriber.dearest in plans, plans
    )
    expect(await subscriber.call(f"POST {SUBSCRIPTION}/plan", json=wanted), 409)


@needs_its_session
@exercises(USAGE, TOTALS)
async def test_usage_is_counted_once(
    subscriber: Subscriber, run: Run, expect: Expect, lists: Lists
) -> None:
    """Usage that is reported twice with one idempotency key is in the totals, and once."""
    report = {"feature_key": subscriber.feature, "quantity": 17, "idempotency_key": run.id}
    before = await subscriber.used(lists)
    for _ in range(2):
        expect(await subscriber.call(USAGE, json=report))
    more = await subscriber.used(lists, before + 17) - before
    expect.that("17 more in the totals", more == 17, more)


@needs_its_session
@exercises(f"POST {TENANT}/upcoming-invoice")
async def test_upcoming_invoice_is_of_the_plan(subscriber: Subscriber, expect: Expect) -> None:
    """The preview of the next invoice is of the subscription's plan, in its currency."""
    read = await subscriber.known()
    upcoming = expect(await subscriber.call(f"POST {TENANT}/upcoming-invoice", json={}))
    upcoming.holds("/plan_code", read.json["plan_code"])
    plan = next(one for one in subscriber.plans if one["code"] == read.json["plan_code"])
    currency = str(upcoming.value("/currency")).lower()
    upcoming.that("the currency of the plan", currency == plan["currency"].lower(), currency)
    upcoming.that("nothing negative due", upcoming.json["amount_due_cents"] >= 0)


@needs_its_session
@exercises(f"GET {INVOICES}")
async def test_invoices_are_listed_and_read(subscriber: Subscriber, expect: Expect) -> None:
    """Each of the newest invoices is read by its id and is the one in the list."""
    listed = expect(await subscriber.call(f"GET {INVOICES}"))
    ids = listed.values("/items/*/invoice_id")
    listed.that("each invoice once", len(set(ids)) == len(ids), ids)
    for invoice in [row for row in listed.json["items"] if row.get("invoice_id")][:2]:
        one = f"GET {INVOICES}/{{invoice_id}}"
        detail = expect(await subscriber.call(one, invoice_id=invoice["invoice_id"]))
        for name in ("invoice_id", "amount_cents", "currency"):
            detail.holds(f"/{name}", invoice[name])


@needs_its_session
@exercises(EVENTS, STREAM)
async def test_stream_delivers_what_happens(subscriber: Subscriber, expect: Expect) -> None:
    """
    The stream gives what has happened and then what happens.

    What happens is a new subscription. Where the payment provider reports it later, or not at all,
    there is nothing to stream: there the stream only has to open and to show no other tenant's
    events.
    """

    async def renewed() -> bool:
        """Start a new subscription; return whether the service lists the event already."""
        await subscriber.start()
        return _latest(expect(await subscriber.call(EVENTS)).json["items"]) > known

    known = _latest(expect(await subscriber.call(EVENTS)).json["items"])
    waiter = EventWaiter(known, renewed)
    bounds = Bounds(time_s=BUDGET_S, until=lambda data: waiter(_moment(json.loads(data))))
    stream = expect(await subscriber.caller.call(STREAM, stream=bounds))
    happened = waiter.acting is not None and await waiter.acting
    events = [json.loads(data) for data in stream.exchange.events]
    stream.that("a stream of events", stream.exchange.content_type == "text/event-stream")
    tenants = {event["tenant_id"] for event in events}
    stream.that("the tenant's own events", tenants <= {subscriber.tenant_id}, tenants)
    streamed = _latest(events)
    stream.that(f"the event of {known}", streamed >= known, f"up to {streamed}")
    stream.that("an event of the meantime", streamed > known or not happened, f"up to {streamed}")


def _latest(events: list[dict[str, Any]]) -> datetime:
    return max(map(_moment, events), default=LONG_AGO)


def _moment(event: dict[str, Any]) -> datetime:
    """The time of an event; without an offset it is in UTC."""
    moment = datetime.fromisoformat(event["occurred_at"])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def card_setup(subscriber: Subscriber, expect: Expect) -> tuple[Exchange, list[str]]:
    """The answer to a request to add a card, and the cards that some providers add at once."""
    before = expect(await subscriber.call(f"GET {CARDS}")).values("/*/id")
    setup = await subscriber.call(f"POST {CARDS}/setup-intent", json={})
    after = expect(await subscriber.call(f"GET {CARDS}")).values("/*/id")
    return setup, [card for card in after if card not in before]


@needs_its_session
@exercises(f"POST {TENANT}/portal", f"POST {CARDS}/setup-intent")
async def test_pages_of_the_provider_are_offered(
    subscriber: Subscriber, card_setup: tuple[Exchange, list[str]], expect: Expect
) -> None:
    """Bills are looked at, and cards are given, on pages of the provider."""
    portal = expect(await subscriber.call(f"POST {TENANT}/portal", json={}))
    portal.that("an address", str(portal.value("/url")).startswith("http"))
    expect(card_setup[0]).value("/id")


@needs_its_session
@exercises(f"GET {CARDS}", f"POST {CARD}/default", f"DELETE {CARD}")
async def test_cards_are_set_and_detached(
    subscriber: Subscriber, card_setup: tuple[Exchange, list[str]], expect: Expect, run: Run
) -> None:
    """
    A card becomes the default one, and is not listed any more when it is detached.

    Where cards are only made on the provider's own page, one that was never there is tried.
    """
    setup, new = card_setup
    expect(setup)
    for card in new or [f"pm_smoke_{run.id}"]:
        made = await subscriber.call(f"POST {CARD}/default", payment_method_id=card)
        if not new and made.status in UNKNOWN_CARD:
            raise LeftOutError(f"the payment provider has no card to try: {made.status}")
        expect(made)
        if new:
            cards = expect(await subscriber.call(f"GET {CARDS}"))
            default = [one["id"] for one in cards.json if one["is_default"]]
            cards.that("the one default card", default == [card], default)
        expect(await subscriber.call(f"DELETE {CARD}", payment_method_id=card))
        left = expect(await subscriber.call(f"GET {CARDS}"))
        left.that("the card not listed any more", card not in left.values("/*/id"))


@exercises(EVENTS)
async def test_viewer_reads_and_does_not_buy(viewer: Actor, expect: Expect) -> None:
    """A viewer reads what happened, and can neither start a subscription nor see the cards."""
    tenant_id = str((await viewer.session()).answer["tenant_id"])
    plan = {"plan_code": "smoke"}
    events, started, cards = await together(
        [
            viewer.call(EVENTS, tenant_id=tenant_id),
            viewer.call(START, json=plan, tenant_id=tenant_id),
            viewer.call(f"GET {CARDS}", tenant_id=tenant_id),
        ]
    )
    expect(events)
    expect(started, 403)
    expect(cards, 403)
