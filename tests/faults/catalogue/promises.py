"""Promises: two views disagree, an order or a filter is not kept, one write makes two things."""

import re
from typing import Any

from tests.faults.catalogue.operations import (
    ACTIVITY,
    AGENT,
    AGENT_INPUT,
    AGENTS,
    ASSETS,
    BILLING,
    CHAT,
    CONTAINERS,
    CONVERSATION,
    CONVERSATIONS,
    FORGET,
    FORGET_MESSAGE,
    MEMBERS,
    MESSAGES,
    OBJECTS,
    PLATFORM,
    RUN_DETAIL,
    RUNS,
    SEARCH,
    STORE,
    STORES,
    UPLOAD,
    WORKFLOW,
    WORKFLOWS,
)
from tests.faults.entries import Fault, Proxied, Setting
from tests.faults.interference import (
    asked_otherwise,
    changed,
    instead,
    on,
    plainly,
    pretended,
)
from tests.faults.proxy import Answered, Asked, Forward
from tests.faults.rewriting import doubled, each, kept_after, put, twice, without

VIEWS, ONCE, GONE = "views", "once", "after a delete"
LISTED = "life_cycles.created_thing_is_listed_and_read"
WALKED = "paging.list_is_walked"


def _more(name: str, by: int) -> Any:
    return lambda row: {**row, name: row[name] + by}


def _reversed(rows: str) -> Any:
    return lambda page: {**page, rows: page[rows][::-1]}


async def _one_order(asked: Asked, forward: Forward) -> Answered:
    """The order that is asked for is not heard."""
    asked.query = asked.query.replace("direction=desc", "direction=asc")
    return await forward(asked)


async def _found_always(asked: Asked, forward: Forward) -> Answered:
    """A search that finds nothing shows the newest instead."""
    found = await plainly(asked, forward)
    page = await found.json()
    if found.status != 200 or page["items"]:
        return found
    asked.path, asked.query = asked.path.removesuffix("/search"), "limit=3"
    newest = await (await plainly(asked, forward)).json()
    rows = [{**row, "preview": "…", "score": None} for row in newest["items"]]
    return found.write_json({**page, "items": rows})


def _first_lost(rows: str) -> Any:
    """A page begins a row late, unless it is the first: the boundary is counted twice."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        page = await found.json()
        later = "cursor=" in asked.query or ("offset=" in asked.query
                                             and "offset=0" not in asked.query)  # fmt: skip
        if found.status != 200 or not later or not page[rows]:
            return found
        return found.write_json({**page, rows: page[rows][1:]})

    return interfere


def _last_again(rows: str) -> Any:
    """The last row of a page stands on the next one again."""
    last: list[Any] = []

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await plainly(asked, forward)
        page = await found.json()
        if found.status != 200:
            return found
        later = "cursor=" in asked.query
        listed = [*last, *page[rows]] if later else page[rows]
        last[:] = page[rows][-1:]
        return found.write_json({**page, rows: listed[: max(len(page[rows]), 1)]})

    return interfere


def _of_every_status(asked: Asked) -> None:
    asked.query = re.sub(r"(^|&)run_status=[^&]*", "", asked.query)


ENTRIES = [
    Fault(
        "conversation_pages_lose_a_row", VIEWS, "conversations",
        Proxied(on(CONVERSATIONS, _first_lost("items"))),
        caught_by=f"{WALKED}[{CONVERSATIONS}]",
    ),
    Fault(
        "member_pages_lose_a_row", VIEWS, "tenants",
        Proxied(on(MEMBERS, _first_lost("members"))), caught_by=f"{WALKED}[{MEMBERS}]",
    ),
    Fault(
        "workflow_pages_overlap", VIEWS, "workflows",
        Proxied(on(WORKFLOWS, _last_again("items"))), caught_by=f"{WALKED}[{WORKFLOWS}]",
    ),
    Fault(
        "agents_ignore_the_page_size", VIEWS, "agents",
        Proxied(without(AGENTS, "limit")), caught_by=f"{WALKED}[{AGENTS}]",
    ),
    Fault(
        "members_ignore_the_offset", VIEWS, "tenants",
        Proxied(without(MEMBERS, "offset")), caught_by=f"{WALKED}[{MEMBERS}]",
    ),
    Fault(
        "owners_are_counted_wrongly", VIEWS, "members",
        Proxied(changed(MEMBERS, _more("owner_count", 1))), caught_by="members.last_owner_stays",
    ),
    Fault(
        "list_of_stores_has_another_name", VIEWS, "vector stores",
        Proxied(changed(f"GET {STORES}", each("items", put("name", "renamed")))),
        caught_by=f"{LISTED}[vector_store]",
    ),
    Fault(
        "detail_of_a_store_is_of_another", VIEWS, "vector stores",
        Proxied(changed(f"GET {STORE}", put("name", "renamed"))),
        caught_by=f"{LISTED}[vector_store]",
    ),
    Fault(
        "detail_of_a_container_has_another_id", VIEWS, "containers",
        Proxied(changed(f"GET {CONTAINERS}/{{container_id}}",
                        put("id", "00000000-0000-4000-8000-000000000000"))),
        caught_by=f"{LISTED}[container]",
    ),
    Fault(
        "objects_are_listed_by_their_keys", VIEWS, "storage",
        Proxied(changed(OBJECTS, each("items", lambda row: {
            **row, "filename": row["object_key"]}))),
        caught_by="storage.bytes_come_back",
    ),
    Fault(
        "agent_says_another_state", VIEWS, "agents",
        Proxied(changed(AGENT, put("status", "retired"))),
        caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "workflow_counts_steps_wrongly", VIEWS, "workflows",
        Proxied(changed(WORKFLOW, _more("step_count", 1))),
        caught_by="workflows.workflows_are_listed_and_known",
    ),
    Fault(
        "list_calls_finished_runs_running", VIEWS, "workflow runs",
        Proxied(changed(RUNS, each("items", put("status", "running")))),
        caught_by="workflow_runs.run_reaches_its_end",
    ),
    Fault(
        "runs_end_before_they_begin", VIEWS, "workflow runs",
        Proxied(changed(RUN_DETAIL, lambda run: {**run, "ended_at": "2020-01-01T00:00:00Z"})),
        caught_by="workflow_runs.run_reaches_its_end",
    ),
    Fault(
        "oldest_conversations_come_first", VIEWS, "conversations",
        Proxied(changed(CONVERSATIONS, _reversed("items"))),
        caught_by="conversations.recent_conversations_come_first",
    ),
    Fault(
        "messages_have_one_order_only", VIEWS, "conversations",
        Proxied(on(MESSAGES, _one_order)),
        caught_by="conversations.conversation_has_its_messages",
    ),
    Fault(
        "messages_are_counted_wrongly", VIEWS, "conversations",
        Proxied(changed(CONVERSATIONS, each("items", _more("message_count", 1)))),
        caught_by="conversations.conversation_is_listed",
    ),
    Fault(
        "conversation_search_is_never_empty", VIEWS, "conversations",
        Proxied(on(SEARCH, _found_always)),
        caught_by="conversations.search_finds_what_was_said",
    ),
    Fault(
        "agent_search_ignores_its_word", VIEWS, "agents",
        Proxied(without(AGENTS, "search")), caught_by="agents.search_selects_agents",
    ),
    Fault(
        "workflow_search_ignores_its_word", VIEWS, "workflows",
        Proxied(without(WORKFLOWS, "search")), caught_by="workflows.search_selects_workflows",
    ),
    Fault(
        "entitlement_has_no_effect", VIEWS, "platform",
        Proxied(instead(f"GET {BILLING}/events", 403, 200, {"items": [], "next_cursor": None})),
        caught_by="platform.entitlement_is_kept",
    ),
    Fault(
        "upload_urls_have_expired", VIEWS, "storage",
        Proxied(changed(UPLOAD, put("expires_in_seconds", 0))),
        caught_by="storage.bytes_come_back",
    ),
    Fault(
        "runs_ignore_the_status", VIEWS, "workflow runs",
        Proxied(asked_otherwise(RUNS, _of_every_status)),
        caught_by="workflow_runs.deleted_run_is_gone",
    ),
    Fault(
        "activity_ignores_its_filter", VIEWS, "activity",
        Proxied(without(ACTIVITY, "action")), caught_by="activity.filter_selects_events",
    ),
    Fault(
        "detail_of_an_asset_is_of_another_type", VIEWS, "assets",
        Proxied(changed(f"{ASSETS}/{{asset_id}}", put("asset_type", "file"))),
        caught_by="assets.asset_is_read_and_downloaded",
    ),
    Fault(
        "detail_of_a_file_is_of_another_store", VIEWS, "vector stores",
        Proxied(changed(f"GET {STORE}/files/{{file_id}}",
                        put("vector_store_id", "00000000-0000-4000-8000-000000000000"))),
        caught_by="vector_stores.file_is_listed_and_read",
    ),
    Fault(
        "another_agent_answers", VIEWS, "chat",
        Proxied(changed(CHAT, lambda row: {
            **row, "agent_used": "somebody_else", "handoff_occurred": False})),
        caught_by="chat.chosen_agent_answers",
    ),
    Fault(
        "flags_deny_what_is_there", VIEWS, "features",
        Proxied(changed("GET /api/v1/features", put("billing_enabled", False))),
        caught_by="features.*",
    ),
    Fault(
        "plans_are_gone_though_billing_is_on", VIEWS, "features",
        Proxied(instead("GET /api/v1/billing/plans", 200, 404, {
            "success": False, "error": "NotFound", "message": "Not here.", "details": None})),
        caught_by="features.flags_agree_with_behaviour",
        setting=Setting(arguments=("--no-gate", "billing")),
    ),
    Fault(
        "upcoming_invoice_is_in_another_currency", VIEWS, "billing",
        Proxied(changed(f"POST {BILLING}/upcoming-invoice", put("currency", "xxx"))),
        caught_by="billing.upcoming_invoice_is_of_the_plan",
    ),
    Fault(
        "status_page_reports_an_outage", VIEWS, "status",
        Proxied(changed("GET /api/v1/status", lambda page: {
            **page, "overview": {**page["overview"], "state": "major_outage"}})),
        caught_by="status.page_says_operational",
    ),
    # --- Once means once ---
    Fault(
        "members_are_listed_twice", ONCE, "tenants",
        Proxied(changed(MEMBERS, doubled("members"))), caught_by="ten*", says="rows have the",
        why="the first check that lists members finds it, whatever else it expects of them",
    ),
    Fault(
        "conversations_are_listed_twice", ONCE, "conversations",
        Proxied(changed(CONVERSATIONS, doubled("items"))),
        caught_by="conversations.conversation_is_listed",
    ),
    Fault(
        "events_are_recorded_twice", ONCE, "activity",
        Proxied(changed(ACTIVITY, doubled("items"))),
        caught_by="activity.what_was_done_is_listed_once",
    ),
    Fault(
        "uploads_are_done_twice", ONCE, "uploads",
        Proxied(twice(AGENT_INPUT)), caught_by="uploads.input_for_an_agent_is_stored",
    ),
    Fault(
        "objects_are_made_twice", ONCE, "storage",
        Proxied(twice("POST /api/v1/storage/objects/upload-url")),
        caught_by="storage.bytes_come_back",
    ),
    Fault(
        "consents_are_given_twice", ONCE, "users",
        Proxied(changed("GET /api/v1/users/consents",
                        lambda rows: [row for row in rows for _ in range(2)])),
        caught_by="users.consent_is_kept",
    ),
    Fault(
        "questions_are_asked_twice", ONCE, "chat",
        Proxied(changed(CONVERSATION, lambda row: {**row, "messages": [
            one for one in row["messages"] for _ in range(2)]})),
        caught_by="conversations.conversation_has_its_messages",
        why="conversations are looked at before chat",
    ),
    Fault(
        "operator_invites_are_made_twice", ONCE, "signup",
        Proxied(twice("POST /api/v1/auth/invites")),
        caught_by="signup.revoked_invite_is_listed_as_revoked",
    ),
    Fault(
        "tokens_of_programs_are_issued_twice", ONCE, "service accounts",
        Proxied(twice("POST /api/v1/auth/service-accounts/browser-issue")),
        caught_by="service_accounts.revoked_token_is_over",
    ),
    Fault(
        "deprovisioned_tenants_come_back", ONCE, "platform",
        Proxied(instead(f"POST {PLATFORM}/{{tenant_id}}/reactivate", 409, 200, {})),
        caught_by="platform.deprovisioned_tenant_stays_closed",
    ),
    Fault(
        "addresses_register_again", ONCE, "signup",
        Proxied(instead("POST /api/v1/auth/register", 409, 201, {})),
        caught_by="signup.address_registers_once",
    ),
    # --- After a delete, every view ---
    Fault(
        "deleted_conversation_is_still_read", GONE, "conversations",
        Proxied(kept_after(FORGET, CONVERSATION)),
        caught_by="conversations.*",
    ),
    Fault(
        "deleted_conversation_is_still_found", GONE, "conversations",
        Proxied(kept_after(FORGET, SEARCH)),
        caught_by="conversations.deleted_conversation_is_gone",
    ),
    Fault(
        "deleted_conversation_is_still_listed", GONE, "conversations",
        Proxied(kept_after(FORGET, CONVERSATIONS)),
        caught_by="conversations.deleted_conversation_is_gone",
    ),
    Fault(
        "deleted_message_is_only_hidden_from_its_author", GONE, "conversations",
        Proxied(kept_after(FORGET_MESSAGE, MESSAGES)),
        caught_by="conversations.deleted_message_is_gone",
    ),
    Fault(
        "deleted_run_is_still_listed", GONE, "workflow runs",
        Proxied(kept_after("DELETE /api/v1/workflows/runs/{run_id}", RUNS)),
        caught_by="workflow_runs.deleted_run_is_gone",
    ),
    Fault(
        "detached_file_is_still_listed", GONE, "vector stores",
        Proxied(kept_after(f"DELETE {STORE}/files/{{file_id}}", f"GET {STORE}/files")),
        caught_by="vector_stores.detached_file_is_gone",
    ),
    Fault(
        "detached_file_is_still_read", GONE, "vector stores",
        Proxied(kept_after(f"DELETE {STORE}/files/{{file_id}}", f"GET {STORE}/files/{{file_id}}")),
        caught_by="vector_stores.detached_file_is_gone",
    ),
    Fault(
        "deleted_container_is_still_read", GONE, "containers",
        Proxied(kept_after(f"DELETE {CONTAINERS}/{{container_id}}",
                           f"GET {CONTAINERS}/{{container_id}}")),
        caught_by="life_cycles.deleted_thing_is_gone[container]",
    ),
    Fault(
        "removed_members_are_still_listed", GONE, "members",
        Proxied(kept_after(f"DELETE {MEMBERS.removeprefix('GET ')}/{{user_id}}", MEMBERS)),
        caught_by="members.removed_member_is_out",
    ),
    Fault(
        "second_tenants_invites_are_pretended", GONE, "members",
        Proxied(pretended("POST /api/v1/tenants/invites/accept/current", lambda _asked: (200, {
            "id": "00000000-0000-4000-8000-000000000000", "status": "accepted"}))),
        caught_by="members.account_joins_a_second_tenant",
    ),
]  # fmt: skip
