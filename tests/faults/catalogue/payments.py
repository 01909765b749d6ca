"""Third parties: what the payment provider is asked is not done, or done twice."""

import uuid
from typing import Any

from tests.faults.catalogue.database import undone
from tests.faults.catalogue.operations import BILLING
from tests.faults.catalogue.providers import GATEWAY
from tests.faults.entries import Environment, Fault, Proxied
from tests.faults.interference import (
    asked_otherwise,
    changed,
    instead,
    only_read,
    pretended,
    replied,
)
from tests.faults.proxy import Asked
from tests.faults.rewriting import sent_with

GROUP = "third parties"
PLANS = "GET /api/v1/billing/plans"
SUBSCRIPTION = f"{BILLING}/subscription"
USAGE = f"POST {BILLING}/usage"
CARDS = f"{BILLING}/payment-methods"
TAKEN = {"success": True, "message": "Taken.", "data": None}


def _keyed_anew(asked: Asked) -> None:
    sent_with(idempotency_key=uuid.uuid4().hex)(asked)


def _twice(rows: Any) -> Any:
    return rows + rows


def _a_seat_more(read: Any) -> None:
    read["seat_count"] = (read["seat_count"] or 0) + 1


ENTRIES = [
    Fault(
        "billing_is_off_though_its_gate_is_on", GROUP, "billing",
        Environment({"ENABLE_BILLING": "false"}), caught_by="billing.*",
    ),
    Fault(
        "payment_provider_refuses_the_key", GROUP, "billing",
        Proxied(replied(f"POST {SUBSCRIPTION}", 502, GATEWAY)), caught_by="billing.*",
    ),
    Fault(
        "payment_provider_is_another_account", GROUP, "billing",
        Proxied(changed(PLANS, lambda plans: [{**row, "code": f"old-{row['code']}"}
                                              for row in plans])),
        caught_by="billing.*",
    ),
    Fault(
        "features_deny_billing", GROUP, "features",
        Proxied(changed("GET /api/v1/features", lambda row: {**row, "billing_enabled": False})),
        caught_by="features.open_billing_is_announced",
    ),
    Fault(
        "plans_twice", GROUP, "billing",
        Proxied(changed(PLANS, _twice)), caught_by="billing.plans_are_on_sale",
    ),
    Fault(
        "no_plans", GROUP, "billing",
        Proxied(changed(PLANS, lambda _plans: [])), caught_by="billing.plans_are_on_sale",
    ),
    Fault(
        "subscription_counts_a_seat_more", GROUP, "billing",
        Proxied(changed(f"GET {SUBSCRIPTION}", _a_seat_more)),
        caught_by="billing.subscription_runs_until_it_is_cancelled",
    ),
    Fault(
        "cancelling_does_nothing", GROUP, "billing",
        Proxied(only_read(f"POST {SUBSCRIPTION}/cancel", up=1)),
        caught_by="billing.subscription_runs_until_it_is_cancelled",
    ),
    Fault(
        "subscription_is_not_changed", GROUP, "billing",
        Proxied(only_read(f"PATCH {SUBSCRIPTION}")),
        caught_by="billing.changed_subscription_is_read_back",
    ),
    Fault(
        "other_plan_is_not_taken", GROUP, "billing",
        Proxied(only_read(f"POST {SUBSCRIPTION}/plan", up=1)),
        caught_by="billing.other_plan_is_taken",
    ),
    Fault(
        "usage_is_not_counted", GROUP, "billing",
        Proxied(pretended(USAGE, lambda _asked: (202, TAKEN))),
        caught_by="billing.usage_is_counted_once",
    ),
    Fault(
        "usage_is_counted_twice", GROUP, "billing",
        Proxied(asked_otherwise(USAGE, _keyed_anew)), caught_by="billing.usage_is_counted_once",
    ),
    Fault(
        "next_invoice_is_of_another_plan", GROUP, "billing",
        Proxied(changed(f"POST {BILLING}/upcoming-invoice",
                        lambda row: {**row, "plan_code": "another"})),
        caught_by="billing.upcoming_invoice_is_of_the_plan",
    ),
    Fault(
        "invoice_differs_from_its_list", GROUP, "billing",
        Proxied(changed(f"GET {BILLING}/invoices/{{invoice_id}}",
                        lambda row: {**row, "amount_cents": 1_000_000})),
        caught_by="billing.invoices_are_listed_and_read",
    ),
    Fault(
        "portal_is_nowhere", GROUP, "billing",
        Proxied(changed(f"POST {BILLING}/portal", lambda _row: {"url": "about:blank"})),
        caught_by="billing.pages_of_the_provider_are_offered",
    ),
    Fault(
        "card_is_not_detached", GROUP, "billing",
        Proxied(pretended(f"DELETE {CARDS}/{{payment_method_id}}",
                          lambda _asked: (200, TAKEN))),
        caught_by="billing.cards_are_set_and_detached",
    ),
    Fault(
        "viewers_see_the_cards", GROUP, "billing",
        Proxied(instead(f"GET {CARDS}", 403, 200, [])),
        caught_by="billing.viewer_reads_and_does_not_buy",
    ),
    Fault(
        "other_tenants_see_what_is_paid", GROUP, "billing",
        Proxied(instead(f"GET {BILLING}/events", 403, 200, {"items": [], "next_cursor": None})),
        caught_by="platform.entitlement_is_kept",
        why="a tenant that lost the feature sees them, too",
    ),
    Fault(
        "seats_are_not_persisted", GROUP, "billing",
        undone("subscriptions", "seat_count", "tenant_id"),
        caught_by="billing.*",
    ),
]  # fmt: skip
