"""Third parties: what others do for the service fails, or is set up wrongly."""

import json
import uuid
from typing import Any

from tests.faults.catalogue.database import undone
from tests.faults.catalogue.operations import (
    AGENT_INPUT,
    ASSETS,
    BILLING,
    CANCEL,
    CHAT,
    CONTAINERS,
    DISCARD,
    RUN,
    RUN_DETAIL,
    STORE,
    STORES,
    UPLOAD,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.catalogue.storage import ACCEPTED
from tests.faults.entries import Environment, Fault, Proxied
from tests.faults.interference import (
    Begin,
    asked_otherwise,
    body_changed,
    changed,
    instead,
    on,
    only_read,
    pretended,
    replied,
)
from tests.faults.proxy import Answered, Asked, Forward, Interference, answer

GROUP = "third parties"
GATEWAY = {**ERROR, "error": "BadGateway", "message": "The provider refused the API key."}
PLANS = "GET /api/v1/billing/plans"
SUBSCRIPTION = f"{BILLING}/subscription"
USAGE = f"POST {BILLING}/usage"
CARDS = f"{BILLING}/payment-methods"
ANSWER = {"conversation_id": "c", "response": "yes"}
SEARCH = f"POST {STORE}/search"
TAKEN = {"success": True, "message": "Taken.", "data": None}


def _with(**values: Any) -> Any:
    return lambda asked: _rewritten(asked, lambda body: {**body, **values})


def _without(name: str) -> Any:
    return lambda asked: _rewritten(
        asked, lambda body: {key: value for key, value in body.items() if key != name}
    )


def _rewritten(asked: Asked, change: Any) -> None:
    asked.body = json.dumps(change(asked.json or {})).encode()


def _keyed_anew(asked: Asked) -> None:
    _rewritten(asked, lambda body: {**body, "idempotency_key": uuid.uuid4().hex})


def _twice(rows: Any) -> Any:
    return rows + rows


def _worst_first(found: Any) -> None:
    scores = [row["score"] for row in found["data"]]
    found["data"].reverse()
    for row, score in zip(found["data"], scores, strict=True):
        row["score"] = score


def _a_seat_more(read: Any) -> None:
    read["seat_count"] = (read["seat_count"] or 0) + 1


def _dead_twice(operation: str) -> Begin:
    """What is gone already makes the service crash when it is deleted again."""

    def begin() -> Interference:
        gone: set[str] = set()

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            if asked.path in gone:
                return answer(500, ERROR)
            found = await forward(asked)
            if found.status == 204:
                gone.add(asked.path)
            return found

        return on(operation, interfere)()

    return begin


ENTRIES = [
    Fault(
        "model_refuses_the_key", GROUP, "chat",
        Proxied(replied(f"{CHAT}*", 502, GATEWAY)), caught_by="chat.*",
    ),
    Fault(
        "model_says_nothing", GROUP, "chat",
        Proxied(changed(CHAT, lambda said: {**said, "response": ""})),
        caught_by="chat.answer_is_kept_in_the_conversation",
    ),
    Fault(
        "model_hears_another_question", GROUP, "chat",
        Proxied(asked_otherwise(CHAT, _with(message="What is the weather like?"))),
        caught_by="chat.answer_is_kept_in_the_conversation",
    ),
    Fault(
        "every_question_begins_anew", GROUP, "chat",
        Proxied(asked_otherwise(CHAT, _without("conversation_id"))),
        caught_by="chat.conversation_goes_on",
    ),
    Fault(
        "viewers_may_chat", GROUP, "chat",
        Proxied(instead(CHAT, 403, 200, ANSWER)), caught_by="chat.viewer_cannot_chat",
    ),
    Fault(
        "ai_is_off_though_its_gate_is_on", GROUP, "chat",
        Environment({"ENABLE_AI": "false"}), caught_by="chat.*",
    ),
    Fault(
        "runs_never_end", GROUP, "workflow runs",
        Proxied(changed(RUN_DETAIL, lambda run: {**run, "status": "running"})),
        caught_by="workflow_runs.run_reaches_its_end",
    ),
    Fault(
        "runs_fail", GROUP, "workflow runs",
        Proxied(replied(RUN, 502, GATEWAY)), caught_by="workflow_runs.run_reaches_its_end",
    ),
    Fault(
        "runs_cannot_be_stopped", GROUP, "workflow runs",
        Proxied(pretended(CANCEL, lambda _asked: (202, {
            "workflow_run_id": "r", "success": True}))),
        caught_by="workflow_runs.running_run_can_be_cancelled",
    ),
    Fault(
        "billing_is_off_though_its_gate_is_on", GROUP, "billing",
        Environment({"ENABLE_BILLING": "false"}), caught_by="billing.*",
    ),
    Fault(
        "features_deny_billing", GROUP, "features",
        Proxied(changed("GET /api/v1/features", lambda row: {**row, "billing_enabled": False})),
        caught_by="features.open_billing_is_told",
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
        "card_is_not_detached", GROUP, "billing",
        Proxied(pretended(f"DELETE {CARDS}/{{payment_method_id}}",
                          lambda _asked: (200, TAKEN))),
        caught_by="billing.cards_are_set_and_detached",
    ),
    Fault(
        "viewers_see_the_cards", GROUP, "billing",
        Proxied(instead(f"GET {CARDS}", 403, 200, [])),
        caught_by="billing.viewer_looks_and_does_not_buy",
    ),
    Fault(
        "other_tenants_see_what_is_paid", GROUP, "billing",
        Proxied(instead(f"GET {BILLING}/events", 403, 200, {"items": [], "next_cursor": None})),
        caught_by="billing.other_tenant_s_billing_is_closed",
    ),
    Fault(
        "vector_stores_are_off_though_their_gate_is_on", GROUP, "life cycles",
        Environment({"ENABLE_VECTOR_STORES": "false"}),
        caught_by="*", says="/api/v1/vector-stores",
        why="the checks of life cycles, files and stores all make a store first",
    ),
    Fault(
        "containers_are_off_though_their_gate_is_on", GROUP, "containers",
        Environment({"ENABLE_CONTAINERS": "false"}), caught_by="containers.*",
    ),
    Fault(
        "provider_crashes_unmapped", GROUP, "containers",
        Proxied(replied(f"POST {CONTAINERS}", 500, ERROR)), caught_by="containers.*",
    ),
    Fault(
        "viewers_bind_containers", GROUP, "containers",
        Proxied(instead(f"POST {CONTAINERS}/agents/{{agent_key}}/container", 403, 204)),
        caught_by="containers.container_is_bound_by_its_own_admins",
    ),
    Fault(
        "store_is_not_deleted", GROUP, "life cycles",
        Proxied(pretended(f"DELETE {STORE}", lambda _asked: (204, None))),
        caught_by="life_cycles.thing_lives_until_it_is_deleted[vector_store]",
    ),
    Fault(
        "container_is_not_deleted", GROUP, "life cycles",
        Proxied(pretended(f"DELETE {CONTAINERS}/{{container_id}}", lambda _asked: (204, None))),
        caught_by="life_cycles.thing_lives_until_it_is_deleted[container]",
    ),
    Fault(
        "deleting_an_object_twice_crashes", GROUP, "life cycles",
        Proxied(_dead_twice(DISCARD)),
        caught_by="life_cycles.thing_lives_until_it_is_deleted[stored_object]",
    ),
    Fault(
        "store_names_are_not_unique", GROUP, "life cycles",
        Proxied(instead(f"POST {STORES}", 409, 201, {})),
        caught_by="life_cycles.name_is_taken_while_the_thing_lives[vector_store]",
    ),
    Fault(
        "container_names_are_not_unique", GROUP, "life cycles",
        Proxied(instead(f"POST {CONTAINERS}", 409, 201, {})),
        caught_by="life_cycles.name_is_taken_while_the_thing_lives[container]",
    ),
    Fault(
        "viewers_make_stores", GROUP, "life cycles",
        Proxied(instead(f"POST {STORES}", 403, 201, {})),
        caught_by="life_cycles.thing_is_its_tenant_s_own[vector_store]",
    ),
    Fault(
        "viewers_make_containers", GROUP, "life cycles",
        Proxied(instead(f"POST {CONTAINERS}", 403, 201, {})),
        caught_by="life_cycles.thing_is_its_tenant_s_own[container]",
    ),
    Fault(
        "viewers_make_objects", GROUP, "life cycles",
        Proxied(instead(UPLOAD, 403, 201, ACCEPTED)),
        caught_by="life_cycles.thing_is_its_tenant_s_own[stored_object]",
    ),
    Fault(
        "provider_s_files_are_mangled", GROUP, "openai_files",
        Proxied(body_changed("GET /api/v1/openai/files/*", lambda body: body[:-1])),
        caught_by="openai_files.file_of_a_store_comes_back",
    ),
    Fault(
        "container_s_files_are_mangled", GROUP, "openai_files",
        Proxied(body_changed("GET /api/v1/openai/containers/*", lambda body: body[:-1])),
        caught_by="openai_files.file_of_a_container_comes_back",
    ),
    Fault(
        "embeddings_are_missing", GROUP, "vector_stores",
        Proxied(changed(SEARCH, lambda found: {**found, "data": []})),
        caught_by="vector_stores.file_is_found_until_it_is_deleted",
    ),
    Fault(
        "ranking_is_upside_down", GROUP, "vector_stores",
        Proxied(changed(SEARCH, _worst_first)),
        caught_by="vector_stores.best_file_is_found_first",
    ),
    Fault(
        "viewers_bind_stores", GROUP, "vector_stores",
        Proxied(instead(f"POST {STORE}/bindings/{{agent_key}}", 403, 200, {})),
        caught_by="vector_stores.store_is_bound_by_its_own_admins",
    ),
    Fault(
        "other_tenants_search_stores", GROUP, "vector_stores",
        Proxied(instead(SEARCH, 404, 200, {
            "object": "x", "search_query": "x", "data": [], "has_more": False})),
        caught_by="vector_stores.other_tenant_does_not_search",
    ),
    Fault(
        "asset_type_is_ignored", GROUP, "assets",
        Proxied(asked_otherwise(ASSETS, lambda asked: setattr(asked, "query", "limit=100"))),
        caught_by="assets.assets_are_listed_and_known",
    ),
    Fault(
        "asset_is_not_deleted", GROUP, "assets",
        Proxied(pretended("DELETE /api/v1/assets/{asset_id}", lambda _asked: (204, None))),
        caught_by="assets.deleted_asset_is_gone",
    ),
    Fault(
        "mail_provider_suppresses", GROUP, "contact",
        Proxied(changed("POST /api/v1/contact", lambda row: {
            **row, "data": {**row["data"], "suppressed": True}})),
        caught_by="contact.message_is_taken",
    ),
    Fault(
        "empty_messages_are_taken", GROUP, "contact",
        Proxied(instead("POST /api/v1/contact", 422, 202, TAKEN)),
        caught_by="contact.empty_message_is_refused",
    ),
    Fault(
        "guardrails_twice", GROUP, "guardrails",
        Proxied(changed("GET /api/v1/guardrails", _twice)),
        caught_by="guardrails.catalogue_agrees_with_itself[guardrails]",
    ),
    Fault(
        "presets_twice", GROUP, "guardrails",
        Proxied(changed("GET /api/v1/guardrails/presets", _twice)),
        caught_by="guardrails.catalogue_agrees_with_itself[presets]",
    ),
    Fault(
        "status_page_has_no_services", GROUP, "status",
        Proxied(changed("GET /api/v1/status", lambda row: {**row, "services": []})),
        caught_by="status.page_and_feed_agree",
    ),
    Fault(
        "feed_is_not_xml", GROUP, "status",
        Proxied(body_changed("GET /api/v1/status/rss", lambda body: body[:-8])),
        caught_by="status.page_and_feed_agree",
    ),
    Fault(
        "status_subscriptions_are_for_everyone", GROUP, "status",
        Proxied(instead("GET /api/v1/status/subscriptions", 403, 200,
                        {"items": [], "next_cursor": None})),
        caught_by="status.subscriptions_are_for_managers",
    ),
    Fault(
        "tools_are_miscounted", GROUP, "tools",
        Proxied(changed("GET /api/v1/tools",
                        lambda row: {**row, "total_tools": row["total_tools"] + 1})),
        caught_by="tools.tools_are_counted",
    ),
    Fault(
        "uploads_lose_their_name", GROUP, "uploads",
        Proxied(asked_otherwise(AGENT_INPUT, _with(mime_type="application/pdf"))),
        caught_by="uploads.input_for_an_agent_is_stored",
    ),
    Fault(
        "uploads_of_any_type", GROUP, "uploads",
        Proxied(instead(AGENT_INPUT, 400, 201, ACCEPTED)),
        caught_by="uploads.input_must_be_of_a_known_type",
    ),
    Fault(
        "usage_is_not_reset", GROUP, "usage",
        Proxied(changed("GET /api/v1/usage", lambda rows: [
            {**row, "requests": row["requests"] + 1} for row in rows])),
        caught_by="usage.usage_is_the_tenant_s",
    ),
    Fault(
        "usage_of_all_tenants_is_shown", GROUP, "usage",
        Proxied(changed("GET /api/v1/usage", lambda rows: [*rows, *(
            {**row, "tenant_id": ACCEPTED["object_id"], "id": ACCEPTED["object_id"]}
            for row in rows[:1])])),
        caught_by="usage.usage_is_the_tenant_s",
    ),
    Fault(
        "seats_are_not_persisted", GROUP, "billing",
        undone("subscriptions", "seat_count", "tenant_id"),
        caught_by="billing.changed_subscription_is_read_back",
    ),
]  # fmt: skip
