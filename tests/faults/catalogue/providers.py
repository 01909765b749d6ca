"""Third parties: what others do for the service fails, or is set up wrongly."""

from typing import Any
from uuid import uuid4

from tests.faults.catalogue.operations import CANCEL, CHAT, RUN, RUN_DETAIL
from tests.faults.catalogue.process import ERROR
from tests.faults.catalogue.storage import ACCEPTED
from tests.faults.entries import Environment, Fault, Proxied
from tests.faults.interference import (
    asked_otherwise,
    body_changed,
    changed,
    instead,
    on,
    pretended,
    replied,
)
from tests.faults.proxy import Answered, Asked, Forward, answer
from tests.faults.rewriting import sent, sent_with

GROUP = "third parties"
GATEWAY = {**ERROR, "error": "BadGateway", "message": "The provider refused the API key."}
ANSWER = {"conversation_id": "c", "response": "yes"}
INCIDENT = {
    "incident_id": "i-1", "service": "api", "occurred_at": "2026-01-01T00:00:00+00:00",
    "impact": "Nothing worked.", "state": "resolved",
}  # fmt: skip
TAKEN = {"success": True, "message": "Taken.", "data": None}


def _without(name: str) -> Any:
    return sent(lambda body: {key: value for key, value in body.items() if key != name})


async def _accepted_at_most(asked: Asked, forward: Forward) -> Answered:
    """Stop no run: who may stop one hears that it stops, and all others are refused as usual."""
    *before, _, action = asked.path.split("/")
    asked.path = "/".join([*before, str(uuid4()), action])
    found = await forward(asked)
    return answer(202, {"workflow_run_id": "r", "success": True}) if found.status == 404 else found


def _shown_in_full(asked: Asked) -> tuple[int, Any]:
    moment, body = "2026-01-01T00:00:00+00:00", asked.json or {}
    return 201, {
        "id": ACCEPTED["object_id"], "channel": "email", "severity_filter": "major",
        "status": "pending_verification", "target_masked": body.get("target"), "tenant_id": None,
        "created_by": "public", "created_at": moment, "updated_at": moment,
    }  # fmt: skip


def _twice(rows: Any) -> Any:
    return rows + rows


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
        Proxied(asked_otherwise(CHAT, sent_with(message="What is the weather like?"))),
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
        Environment({"REFERENCE_WITHOUT": "ai"}), caught_by="chat.*",
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
        Proxied(on(CANCEL, _accepted_at_most)),
        caught_by="workflow_runs.running_run_can_be_cancelled",
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
        "feed_lacks_the_newest_incident", GROUP, "status",
        Proxied(changed("GET /api/v1/status", lambda row: {**row, "incidents": [INCIDENT]})),
        caught_by="status.page_and_feed_agree",
    ),
    Fault(
        "subscriber_s_address_is_shown", GROUP, "status",
        Proxied(pretended("POST /api/v1/status/subscriptions", _shown_in_full)),
        caught_by="status.subscription_waits_to_be_confirmed",
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
                        lambda row: {**row, "total_tools": 0})),
        caught_by="tools.tools_are_counted",
    ),
    Fault(
        "usage_is_lost", GROUP, "usage",
        Proxied(changed("GET /api/v1/usage", lambda rows: [
            {**row, "requests": 0} for row in rows])),
        caught_by="usage.usage_is_of_the_tenant",
    ),
    Fault(
        "usage_of_all_tenants_is_shown", GROUP, "usage",
        Proxied(changed("GET /api/v1/usage", lambda rows: [*rows, *(
            {**row, "tenant_id": ACCEPTED["object_id"], "id": ACCEPTED["object_id"]}
            for row in rows[:1])])),
        caught_by="usage.usage_is_of_the_tenant",
    ),
]  # fmt: skip
