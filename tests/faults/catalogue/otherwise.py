"""Harmless changes: deployments that keep every promise, and do otherwise what is not promised."""

import re
from typing import Any

from smoke.results.passive.content import claims_of
from tests.faults.catalogue.operations import (
    ACTIVITY,
    AGENTS,
    BILLING,
    BILLING_STREAM,
    CANCEL,
    CHAT,
    EVERYTHING,
    HEALTH,
    READY,
    RUN_STREAM,
    SEED,
    WORKFLOWS,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.deviations import (
    SEARCH,
    breaks_off,
    careful_issuer,
    compressed_etag,
    each_body,
    ends_all_sessions,
    known_by,
    late_index,
    no_assets,
    refusals_in_other_words,
    structured,
)
from tests.faults.editing import option, target
from tests.faults.entries import Environment, Harmless, Proxied, Setting
from tests.faults.flow import each_event
from tests.faults.interference import (
    asked_otherwise,
    changed,
    header,
    instead,
    on,
    page,
    plainly,
    replied,
    together,
)
from tests.faults.preparation import OWNER, PASSWORD, live_long, seed_once
from tests.faults.proxy import Answered, Asked, Forward

REFUSED = {**ERROR, "error": "BadRequest", "message": "missing subject claim"}
GONE = {**ERROR, "error": "NotFound", "message": "There is no such thing."}
TOO_LATE = {**ERROR, "error": "Conflict", "message": "The run is not active."}
DECIDE = "POST /api/v1/auth/signup-requests/{request_id}"
GUARDRAILS = "GET /api/v1/guardrails"
CARDS = f"GET {BILLING}/payment-methods"
LISTS = ("items", "members", "invites", "requests", "accounts", "sessions")
OFFSET = re.compile(rb'(_(?:at|start|end)": ?"\d{4}-\d\d-\d\dT[\d:.]+)(?:Z|\+00:00)"')
NO_BYTES = Setting(edit=option('object_bytes = "none"'))
ONE_ACCOUNT = Setting(
    variables={"SMOKE_USER_EMAIL": OWNER, "SMOKE_USER_PASSWORD": PASSWORD},
    edit=target('seeded = true\nactors = ["owner"]'),
)


def _without_offset(body: bytes) -> bytes:
    return OFFSET.sub(rb'\1"', body)


def _backwards(value: Any) -> Any:
    if isinstance(value, list):
        return value[::-1]
    return {key: rows[::-1] if key in LISTS else rows for key, rows in value.items()}


async def _turned_round(asked: Asked, forward: Forward) -> Answered:
    """The contract documents the order of conversations and of messages, and of nothing else."""
    if "/conversations" in asked.path:
        return await forward(asked)
    return await changed("* *", _backwards)()(asked, forward)


def _lacking(*names: str) -> Any:
    return lambda row: {key: value for key, value in row.items() if key not in names}


def _at_its_end(page: Any) -> Any:
    """A page without the cursor that is null: a list that goes on must say how."""
    return page if page.get("next_cursor") else _lacking("next_cursor")(page)


def _plans_lacking(*names: str) -> Any:
    return lambda plans: [_lacking(*names)(plan) for plan in plans]


def _cut(rows: Any) -> Any:
    """The list of counters holds a hundred, the newest months first."""
    others = [{**row, "granularity": "day", "period_start": f"2030-01-{day:02}"}
              for row in rows[:1] for day in range(1, 29)]  # fmt: skip
    return sorted(others * 4 + rows, key=lambda row: str(row["period_start"]), reverse=True)[:100]


def _nameless(listed: Any) -> None:
    for event in listed["items"]:
        event["object_name"] = None


def _short_pages(asked: Asked) -> None:
    asked.query = re.sub(r"limit=\d\d+", "limit=3", asked.query)


def _one_score(found: Any) -> None:
    found["data"].sort(key=lambda row: row["file_id"])
    for row in found["data"]:
        row["score"] = 0.5


async def _hidden_from_viewers(asked: Asked, forward: Forward) -> Answered:
    """Who owns a container, and since when, is for those who may change it."""
    found = await plainly(asked, forward)
    roles = claims_of(asked.header("authorization").rpartition(" ")[2]).get("roles", [])
    page = await found.json()
    if found.status != 200 or "viewer" not in roles:
        return found
    for row in page.get("items", [page]):
        row.update(owner_user_id=None, created_at=row["created_at"][:10] + "T00:00:00Z")
    return found.write_json(page)


ENTRIES = [
    Harmless(
        "viewers_see_less_of_containers",
        Proxied(on("GET /api/v1/containers*", _hidden_from_viewers)),
    ),
    Harmless("times_have_no_offset", Proxied(each_body(_without_offset))),
    Harmless("lists_are_the_other_way_round", Proxied(on("GET /api/v1/*", _turned_round))),
    Harmless("pages_are_short", Proxied(asked_otherwise("GET /api/v1/*", _short_pages))),
    Harmless("refusals_are_in_other_words", Proxied(refusals_in_other_words())),
    Harmless("what_may_be_left_out_is", Proxied(together(
        changed("POST /api/v1/contact", lambda row: {
            **row, "data": _lacking("suppressed")(row["data"])}),
        changed("GET /api/v1/billing/plans", _plans_lacking("is_active", "features")),
        changed(AGENTS, _at_its_end),
        changed(WORKFLOWS, _at_its_end),
        changed("GET /api/v1/usage", _cut),
        changed(ACTIVITY, _nameless),
    ))),
    Harmless("health_is_told_in_other_words", Proxied(together(
        changed(HEALTH, lambda row: {**row, "status": "pass", "uptime": None}),
        changed(READY, lambda row: {**row, "status": "UP"}),
    ))),
    Harmless("an_edge_that_shows_pages", Proxied(together(
        compressed_etag(),
        page("GET /docs", 200, "<!doctype html><title>The app</title>"),
        page("GET /openapi.json", 200, "<!doctype html><title>The app</title>"),
        replied("GET /metrics", 404, {"detail": "Not Found"}),
        header(EVERYTHING, "access-control-allow-origin", "*"),
    )), setting=Setting(variables={"SMOKE_OPTION_METRICS": "any"})),
    Harmless("known_defects", Proxied(together(
        instead(f"{DECIDE}/approve", 200, 400, REFUSED),
        instead(f"{DECIDE}/reject", 200, 400, REFUSED),
        breaks_off(128),
    )), before=live_long),
    Harmless("assets_cannot_be_seeded", Proxied(on(SEED, no_assets))),
    Harmless("no_guardrails", Proxied(together(
        changed(GUARDRAILS, lambda _rows: []),
        changed(f"{GUARDRAILS}/presets", lambda _rows: []),
        instead(f"{GUARDRAILS}/{{guardrail_key}}", 200, 404, GONE),
        instead(f"{GUARDRAILS}/presets/{{preset_key}}", 200, 404, GONE),
    ))),
    Harmless("payments_are_somebody_else_s", Proxied(together(
        changed(CARDS, lambda _cards: []),
        changed(f"GET {BILLING}/events", lambda page: {**page, "items": []}),
        each_event(BILLING_STREAM, lambda _event: b": ping\n\n"),
    ))),
    Harmless("plans_have_other_codes", Proxied(known_by({b"pro": b"gold", b"starter": b"tin"}))),
    Harmless("a_model_of_other_words", Proxied(together(
        changed(CHAT, lambda row: {**row, "response": "**Of course!**"}),
        each_event(RUN_STREAM, structured),
        each_event("GET /api/v1/workflows/runs/{run_id}/replay/stream", structured),
        instead(CANCEL, 202, 409, TOO_LATE),
    ))),
    Harmless("search_is_late", Proxied(late_index)),
    Harmless(
        "search_does_not_rank", Proxied(changed(SEARCH, _one_score)),
        setting=Setting(variables={"SMOKE_OPTION_PROVIDER": "stand-in"}),
    ),
    Harmless("tokens_of_programs_are_kept", Proxied(careful_issuer)),
    Harmless("sessions_end_with_a_membership", Proxied(ends_all_sessions)),
    Harmless(
        "object_urls_are_symbolic", Environment({"STORAGE_PROVIDER": "memory"}), setting=NO_BYTES,
    ),
    Harmless("limits_are_on", Environment({"REFERENCE_LIMITS": "true"})),
    Harmless("only_the_invited_register", Environment({"SIGNUP_ACCESS_POLICY": "invite_only"})),
    Harmless("a_vault_is_asked", Environment({"VAULT_VERIFY_ENABLED": "true"})),
    Harmless("only_one_account_is_given", setting=ONE_ACCOUNT, before=seed_once),
]  # fmt: skip
