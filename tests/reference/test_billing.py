"""
Billing: subscriptions, what they cost, what was used, and the stream of what happened.
"""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.orm import Session

from smoke.reference.billing.models import Subscription
from smoke.reference.billing.subscriptions import CANCELED, period_of, settle
from smoke.reference.database import Database
from smoke.reference.web.event_stream import followed

from .process import client, served
from .world import World, bearer, seed

MONTH = timedelta(days=27)


@pytest.fixture
def billing(world: World) -> str:
    """
    The path of the tenant's billing.
    """
    return f"/api/v1/billing/tenants/{world.tenant_id}"


@pytest.fixture
def away(world: World) -> str:
    """
    The path of the other tenant's billing, which has no seeded subscription.
    """
    return f"/api/v1/billing/tenants/{world.other_tenant_id}"


def start(caller: httpx.Client, path: str, **values: object) -> dict[str, object]:
    """
    Start a subscription and return it.
    """
    answer = caller.post(f"{path}/subscription", json={"plan_code": "starter"} | values)
    assert answer.status_code == 201, answer.text
    body: dict[str, object] = answer.json()
    return body


def test_plans_are_for_everybody(anonymous: httpx.Client) -> None:
    plans = anonymous.get("/api/v1/billing/plans").json()
    assert [plan["code"] for plan in plans] == ["starter", "pro"]
    assert all(plan["price_cents"] > 0 for plan in plans)


def test_seeding_gives_an_active_subscription(
    viewer: httpx.Client, outsider: httpx.Client, away: str, world: World
) -> None:
    path = f"/api/v1/billing/tenants/{seed(world.url, world.tag).tenant_id}"
    read = viewer.get(f"{path}/subscription").json()
    assert (read["status"], read["plan_code"]) == ("active", "pro")
    assert len(viewer.get(f"{path}/events").json()["items"]) == 1
    assert viewer.get(f"{path}/invoices").json()["items"] == []
    never = {"feature_keys": ["never-reported"]}  # other tests report some in the same tenant
    assert outsider.get(f"{away}/usage-totals", params=never).json() == []


def test_a_started_subscription_is_read_charged_and_ended(
    outsider: httpx.Client, away: str
) -> None:
    begun = start(outsider, away, billing_email="pay@example.com", seat_count=3)
    assert outsider.get(f"{away}/subscription").json() == begun
    newest = outsider.get(f"{away}/invoices", params={"limit": 1}).json()["items"][0]
    assert (newest["amount_cents"], newest["status"]) == (3 * 2900, "paid")
    detail = outsider.get(f"{away}/invoices/{newest['invoice_id']}")
    assert detail.json() == newest
    later = outsider.post(f"{away}/subscription/cancel", json={}).json()
    assert (later["status"], later["auto_renew"]) == ("active", False)
    assert later["cancel_at"] == begun["current_period_end"]
    at_once = {"cancel_at_period_end": False}
    ended = outsider.post(f"{away}/subscription/cancel", json=at_once).json()
    assert ended["status"] == "canceled"
    assert outsider.post(f"{away}/subscription/cancel", json=at_once).json() == ended
    assert outsider.get(f"{away}/subscription").json() == ended
    for refused in ("usage", "upcoming-invoice", "subscription/plan"):
        body = {"feature_key": "messages", "quantity": 1, "plan_code": "pro"}
        assert outsider.post(f"{away}/{refused}", json=body).status_code == 409
    assert start(outsider, away)["cancel_at"] is None


def test_a_plan_changes_now_or_with_the_period(outsider: httpx.Client, away: str) -> None:
    begun = start(outsider, away)
    path = f"{away}/subscription/plan"
    same = outsider.post(path, json={"plan_code": "starter"})
    assert same.status_code == 409
    dearer = outsider.post(path, json={"plan_code": "pro", "seat_count": 2}).json()
    assert (dearer["timing"], dearer["target_plan_code"]) == ("immediate", "pro")
    assert dearer["subscription"]["plan_code"] == "pro"
    upcoming = outsider.post(f"{away}/upcoming-invoice", json={}).json()
    assert (upcoming["plan_code"], upcoming["amount_due_cents"]) == ("pro", 2 * 9900)
    cheaper = outsider.post(path, json={"plan_code": "starter"}).json()
    assert (cheaper["timing"], cheaper["effective_at"]) == (
        "period_end",
        begun["current_period_end"],
    )
    after = outsider.get(f"{away}/subscription").json()
    assert (after["plan_code"], after["pending_plan_code"]) == ("pro", "starter")
    assert outsider.post(path, json={"plan_code": "starter"}).status_code == 409
    preview = outsider.post(f"{away}/upcoming-invoice", json={"seat_count": 4}).json()
    assert preview["amount_due_cents"] == sum(line["amount_cents"] for line in preview["lines"])
    assert preview["amount_due_cents"] == 4 * 2900
    assert outsider.post(path, json={"plan_code": "gold"}).status_code == 400


def test_a_change_keeps_what_was_not_sent(outsider: httpx.Client, away: str) -> None:
    begun = start(outsider, away, billing_email="one@example.com", seat_count=2)
    changed = outsider.patch(f"{away}/subscription", json={"seat_count": 7}).json()
    assert changed == begun | {"seat_count": 7}


def test_usage_is_counted_once_a_key(outsider: httpx.Client, away: str) -> None:
    start(outsider, away)
    key = f"calls-{uuid4().hex}"
    report = {"feature_key": key, "quantity": 5, "idempotency_key": uuid4().hex}
    for _ in range(2):
        assert outsider.post(f"{away}/usage", json=report).status_code == 202
    early = {"period_start": "2025-01-01T00:00:00Z", "period_end": "2025-02-01T00:00:00"}
    outsider.post(f"{away}/usage", json={"feature_key": key, "quantity": 2} | early)
    totals = outsider.get(f"{away}/usage-totals", params={"feature_keys": [key]}).json()
    assert [total["quantity"] for total in totals] == [7]
    assert totals[0]["window_start"] == "2025-01-01T00:00:00Z"
    first = {"feature_keys": key, "period_end": "2025-03-01T00:00:00Z"}
    assert outsider.get(f"{away}/usage-totals", params=first).json()[0]["quantity"] == 2
    backwards = {"period_start": "2025-02-01T00:00:00Z", "period_end": "2025-01-01T00:00:00Z"}
    refused = outsider.post(f"{away}/usage", json={"feature_key": key, "quantity": 2} | backwards)
    assert refused.status_code == 400


def test_cards_come_go_and_one_is_the_default(owner: httpx.Client, billing: str) -> None:
    path = f"{billing}/payment-methods"
    for _ in range(2):
        intent = owner.post(f"{path}/setup-intent", json={}).json()
        assert intent["client_secret"].startswith(intent["id"])
    first, second = owner.get(path).json()
    assert (first["is_default"], second["is_default"]) == (True, False)
    assert owner.post(f"{path}/{second['id']}/default").status_code == 200
    assert [card["is_default"] for card in owner.get(path).json()] == [False, True]
    for _ in range(2):
        assert owner.delete(f"{path}/{second['id']}").status_code == 200
    assert owner.post(f"{path}/{second['id']}/default").status_code == 200
    assert owner.get(path).json() == [first | {"is_default": True}]
    assert owner.post(f"{billing}/portal", json={}).json()["url"].startswith("https://")


def test_billing_is_the_tenant_s_own(
    viewer: httpx.Client, outsider: httpx.Client, billing: str, away: str
) -> None:
    assert viewer.get(f"{billing}/subscription").status_code == 200
    assert viewer.get(f"{billing}/payment-methods").status_code == 403
    body = {"plan_code": "starter"}
    assert viewer.post(f"{billing}/subscription", json=body).status_code == 403
    assert outsider.get(f"{billing}/subscription").status_code == 403
    assert outsider.get("/api/v1/billing/tenants/nobody/events").status_code == 403
    start(outsider, away)
    newest = outsider.get(f"{away}/invoices").json()["items"][0]["invoice_id"]
    assert viewer.get(f"{billing}/invoices/{newest}").status_code == 404


def test_events_are_paged_and_streamed(outsider: httpx.Client, away: str, world: World) -> None:
    start(outsider, away)
    path = f"{away}/events"
    whole = outsider.get(path, params={"limit": 100}).json()["items"]
    first = outsider.get(path, params={"limit": 1}).json()
    second = outsider.get(path, params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert first["items"] + second["items"] == whole[:2]
    assert outsider.get(path, params={"cursor": "rubbish"}).status_code == 400
    paid = outsider.get(path, params={"event_type": "invoice.paid"}).json()["items"]
    assert all(event["invoice"]["amount_due_cents"] > 0 for event in paid)
    assert outsider.get(path, params={"processing_status": "failed"}).json()["items"] == []
    with outsider.stream("GET", "/api/v1/billing/stream", timeout=5) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in stream.iter_lines() if line)
        backlog = [json.loads(next(lines).removeprefix("data: ")) for _ in whole]
        assert backlog == whole[::-1]
        with world.signed_in("outsider") as beside:
            start(beside, away)
        live = json.loads(next(lines).removeprefix("data: "))
    assert live["event_type"] == "customer.subscription.created"
    assert live["stripe_event_id"] not in [event["stripe_event_id"] for event in whole]


def test_switched_off_billing_refuses() -> None:
    with served(ENABLE_BILLING="false") as off, client(off.url) as visitor:
        assert visitor.get("/api/v1/billing/plans").status_code == 500
        world = seed(off.url, "off")
        with client(off.url, bearer(world.login("owner")["access_token"])) as owner:
            path = f"/api/v1/billing/tenants/{world.tenant_id}/subscription"
            assert owner.get(path).status_code == 403
            assert owner.get("/api/v1/billing/stream").status_code == 403


def test_what_is_due_happens_when_its_moment_has_passed() -> None:
    moment = datetime(2026, 1, 31, tzinfo=UTC)
    row = Subscription(
        plan_code="pro",
        status="active",
        starts_at=moment,
        pending_plan_code="starter",
        pending_plan_effective_at=moment + MONTH,
        cancel_at=moment + 2 * MONTH,
    )
    settle(row, moment)
    assert (row.plan_code, row.status) == ("pro", "active")
    settle(row, moment + MONTH)
    assert (row.plan_code, row.pending_plan_code, row.status) == ("starter", None, "active")
    settle(row, moment + 2 * MONTH)
    assert row.status == CANCELED
    february = datetime(2026, 2, 28, tzinfo=UTC)
    assert period_of(row, moment + timedelta(days=3)) == (moment, february)
    assert period_of(row, february) == (february, datetime(2026, 3, 31, tzinfo=UTC))


async def test_a_silent_stream_pings(tmp_path: Path) -> None:
    def read(_session: Session, last: int | None) -> list[tuple[int, str]]:
        return [] if last else [(1, "one")]

    database = Database(tmp_path / "stream.db")
    try:
        stream = followed(database, read, heartbeat=" ping", heartbeat_s=0.05)
        async with asyncio.timeout(5):
            assert [await anext(stream) for _ in range(3)] == [
                "data: one\n\n",
                ": ping\n\n",
                ": ping\n\n",
            ]
    finally:
        database.close()
