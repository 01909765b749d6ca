"""Edges: headers, times, sessions, text and refusals that a careless release gets wrong."""

import base64
import json
from typing import Any

from tests.faults.catalogue.operations import (
    AGENTS,
    API,
    CONTAINERS,
    CONVERSATIONS,
    EVERYTHING,
    HEALTH,
    JWKS,
    MEMBERS,
    PROFILE,
    REFRESH,
    RENAME,
    STORES,
    TOKEN,
    UPLOAD,
    USER,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.editing import Edit, replaced
from tests.faults.entries import Fault, Proxied, Setting
from tests.faults.interference import body_changed, changed, header, instead, stale, together
from tests.faults.rewriting import each, moved, put, reflected, refusal_says, text_sent

HEADERS, TIME, SESSIONS, TEXT, LIMITS = "headers", "time", "sessions", "text", "limits"
RENEWED = "sessions.renewed_session_keeps_its_identity"
ENDS = "sessions.session_ends_when_it_says"
ALLOW = "access-control-allow-origin"


def _option(name: str, value: str) -> Edit:
    """Set an option of the target's row."""
    return replaced("pyproject.toml", 'options = { provider = "real"',
                    f'options = {{ {name} = "{value}", provider = "real"')  # fmt: skip


def _cut(text: str) -> str:
    """A title longer than the column is cut without a word."""
    body = json.loads(text)
    body["display_name"] = body["display_name"][:64]
    return json.dumps(body)


def _three_bytes_at_most(text: str) -> str:
    return "".join("?" if ord(c) > 0xFFFF else c for c in text)


def _twice_encoded(text: str) -> str:
    return text.encode("utf-8").decode("latin-1")


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("& ", "&amp; ")


def _other_claims(token: str, **claims: Any) -> str:
    """A token with other claims under the old signature."""
    head, body, signature = token.split(".")
    padded = body + "=" * (-len(body) % 4)
    altered = {**json.loads(base64.urlsafe_b64decode(padded)), **claims}
    raw = base64.urlsafe_b64encode(json.dumps(altered).encode()).rstrip(b"=").decode()
    return f"{head}.{raw}.{signature}"


ENTRIES = [
    # --- Headers ---
    Fault(
        "every_site_may_use_the_users_credentials", HEADERS, "headers",
        Proxied(reflected(EVERYTHING)), caught_by="headers.foreign_page_reads_nothing",
    ),
    Fault(
        "preflights_trust_every_site", HEADERS, "headers",
        Proxied(reflected("OPTIONS *")), caught_by="headers.foreign_page_reads_nothing",
    ),
    Fault(
        "credentials_for_every_origin", HEADERS, "headers",
        Proxied(together(header(EVERYTHING, ALLOW, "*"),
                         header(EVERYTHING, "access-control-allow-credentials", "true"))),
        caught_by="health.*",
        why="every answer has the header, and health is asked first",
    ),
    Fault(
        "own_pages_are_refused", HEADERS, "headers",
        Proxied(header(EVERYTHING, ALLOW)), caught_by="headers.own_pages_may_call",
        setting=Setting(edit=_option("cors_origins", "https://app.example.com")),
    ),
    Fault(
        "required_header_is_missing", HEADERS, "headers",
        Proxied(header(EVERYTHING, "strict-transport-security")),
        caught_by="headers.required_headers_are_sent",
        setting=Setting(edit=_option("required_headers", "strict-transport-security")),
    ),
    Fault(
        "keys_are_kept_for_a_year", HEADERS, "jwks",
        Proxied(header(JWKS, "cache-control", "public, max-age=31536000")),
        caught_by="jwks.keys_can_be_cached",
    ),
    Fault(
        "keys_never_change_they_say", HEADERS, "jwks",
        Proxied(header(JWKS, "cache-control", "public, max-age=300, immutable")),
        caught_by="jwks.keys_can_be_cached",
    ),
    Fault(
        "keys_may_not_be_kept", HEADERS, "jwks",
        Proxied(header(JWKS, "cache-control", "no-store")), caught_by="jwks.keys_can_be_cached",
    ),
    Fault(
        "users_are_kept_by_shared_caches", HEADERS, "users",
        Proxied(header(USER, "cache-control", "public, max-age=600")), caught_by="email.*",
        says="shared caches keep it", why="e-mail is looked at before users",
    ),
    Fault(
        "conversations_are_kept_by_the_edge", HEADERS, "conversations",
        Proxied(header(CONVERSATIONS, "cache-control", "s-maxage=300")),
        caught_by="conversations.*", says="shared caches keep it",
    ),
    Fault(
        "refusals_show_a_stack_trace", HEADERS, "any",
        Proxied(refusal_says(API, 'Traceback (most recent call last): File "/srv/app.py", line 7')),
        caught_by="auth.*", says="shows a stack trace",
    ),
    Fault(
        "refusals_show_a_statement", HEADERS, "any",
        Proxied(refusal_says(API, "[SQL: SELECT id FROM users WHERE email = ?]")),
        caught_by="auth.*", says="shows a database error",
    ),
    Fault(
        "missing_agents_show_a_connection_string", HEADERS, "agents",
        Proxied(refusal_says(f"{AGENTS}/{{agent_name}}/status", "postgresql://app:pw@db:5432/app")),
        caught_by="agents.unknown_agent_is_not_found", says="shows a connection string",
    ),
    Fault(
        "members_are_shown_with_their_passwords", HEADERS, "tenants",
        Proxied(changed(MEMBERS, each("members", put("display_name", f"$2b$12${'a' * 53}")))),
        caught_by="tenancy.lists_are_of_one_tenant", says="a password as it is stored",
    ),
    Fault(
        "agents_are_not_unicode", HEADERS, "agents",
        Proxied(body_changed(AGENTS, lambda body: body.replace(b'"items"', b'"\xe9": 1, "items"'))),
        caught_by="agents.*",
    ),
    # --- Time ---
    Fault(
        "stores_are_of_the_future", TIME, "vector stores",
        Proxied(changed(f"POST {STORES}", moved("created_at", hours=1))),
        caught_by="life_cycles.*", says="is in the future",
    ),
    Fault(
        "containers_were_made_yesterday", TIME, "containers",
        Proxied(changed(f"POST {CONTAINERS}", moved("created_at", days=-1))),
        caught_by="containers.*", says="long before the request",
    ),
    Fault(
        "members_join_tomorrow", TIME, "tenants",
        Proxied(changed(MEMBERS, each("members", moved("joined_at", days=1)))),
        caught_by="tenancy.lists_are_of_one_tenant", says="is in the future",
    ),
    Fault(
        "invites_are_over_when_they_are_made", TIME, "invites",
        Proxied(changed("POST /api/v1/tenants/invites", moved("expires_at", days=-60))),
        caught_by="*", says="ends at",
    ),
    Fault(
        "invites_last_for_centuries", TIME, "invites",
        Proxied(changed("POST /api/v1/tenants/invites", moved("expires_at", days=99000))),
        caught_by="*", says="ends at",
    ),
    Fault(
        "health_is_that_of_an_hour_ago", TIME, "health",
        Proxied(changed(HEALTH, moved("timestamp", hours=-1))),
        caught_by="health.health_is_of_this_moment",
    ),
    Fault(
        "metrics_stand_still", TIME, "health",
        Proxied(stale("GET /metrics")), caught_by="health.metrics_count_requests",
    ),
    Fault(
        "sessions_end_in_another_zone", TIME, "auth",
        Proxied(changed(TOKEN, moved("expires_at", hours=2))), caught_by="auth.*",
    ),
    Fault(
        "sessions_last_for_ten_years", TIME, "auth",
        Proxied(changed(TOKEN, moved("refresh_expires_at", days=3650))), caught_by=ENDS,
    ),
    Fault(
        "sessions_are_over_before_their_token", TIME, "auth",
        Proxied(changed(TOKEN, moved("refresh_expires_at", days=-60))), caught_by=ENDS,
    ),
    # --- Sessions ---
    Fault(
        "renewal_changes_the_tenant", SESSIONS, "auth",
        Proxied(changed(REFRESH, put("tenant_id", "00000000-0000-4000-8000-000000000000"))),
        caught_by=RENEWED,
    ),
    Fault(
        "renewal_changes_the_user", SESSIONS, "auth",
        Proxied(changed(REFRESH, put("user_id", "00000000-0000-4000-8000-000000000000"))),
        caught_by=RENEWED,
    ),
    Fault(
        "renewal_drops_scopes", SESSIONS, "auth",
        Proxied(changed(REFRESH, lambda row: {**row, "scopes": row["scopes"][:1]})),
        caught_by=RENEWED,
    ),
    Fault(
        "renewal_forgets_the_verified_address", SESSIONS, "auth",
        Proxied(changed(REFRESH, put("email_verified", False))), caught_by=RENEWED,
    ),
    Fault(
        "renewal_begins_another_session", SESSIONS, "auth",
        Proxied(changed(REFRESH, put("session_id", "00000000-0000-4000-8000-000000000000"))),
        caught_by=RENEWED,
    ),
    Fault(
        "renewed_token_is_altered", SESSIONS, "auth",
        Proxied(changed(REFRESH, lambda row: {
            **row, "access_token": _other_claims(row["access_token"], roles=["owner"])})),
        caught_by="sessions.*",
    ),
    Fault(
        "stores_of_another_tenant_are_listed", SESSIONS, "vector stores",
        Proxied(changed(f"GET {STORES}", each("items", put(
            "tenant_id", "00000000-0000-4000-8000-000000000000")))),
        caught_by="life_cycles.*", says="rows of others",
    ),
    Fault(
        "total_is_that_of_a_page", SESSIONS, "tenants",
        Proxied(changed(MEMBERS, put("total", 1))), caught_by="ten*", says="otal is 1",
    ),
    # --- Text ---
    Fault(
        "emoji_become_question_marks", TEXT, "conversations",
        Proxied(text_sent(RENAME, _three_bytes_at_most)), caught_by="conversations.title_is_kept",
    ),
    Fault(
        "long_titles_are_cut", TEXT, "conversations",
        Proxied(text_sent(RENAME, _cut)), caught_by="conversations.title_is_kept",
    ),
    Fault(
        "titles_are_escaped_when_they_are_stored", TEXT, "conversations",
        Proxied(text_sent(RENAME, _escaped)), caught_by="conversations.title_is_kept",
    ),
    Fault(
        "names_are_encoded_twice", TEXT, "users",
        Proxied(text_sent(PROFILE, _twice_encoded)), caught_by="users.profile_is_kept",
    ),
    Fault(
        "names_lose_their_emoji", TEXT, "users",
        Proxied(text_sent(PROFILE, _three_bytes_at_most)), caught_by="users.profile_is_kept",
    ),
    Fault(
        "file_names_become_plain", TEXT, "storage",
        Proxied(text_sent(UPLOAD, lambda text: text.encode("ascii", "ignore").decode())),
        caught_by="storage.bytes_come_back",
    ),
    # --- Limits ---
    Fault(
        "wrong_passwords_lock_nothing", LIMITS, "signup",
        Proxied(instead(TOKEN, 423, 401, {**ERROR, "error": "Unauthorized"})),
        caught_by="signup.wrong_passwords_lock_the_account",
    ),
]  # fmt: skip
