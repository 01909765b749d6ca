"""Routing: requests do not reach what they are meant for, or not as they were sent."""

from typing import Any

from tests.faults.catalogue.operations import (
    AGENTS,
    API,
    CONVERSATION,
    CONVERSATIONS,
    EVENTS,
    JWKS,
    LOGS,
    MEMBERS,
    MEMORY,
    PUT_SETTINGS,
    RENAME,
    SEARCH,
    SETTINGS,
    UPLOAD,
    USER,
    WORKFLOWS,
)
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.in_app import upkeep
from tests.faults.interference import (
    Begin,
    asked_otherwise,
    header,
    page,
    replied,
    shared,
    together,
)
from tests.faults.proxy import Asked

GROUP = "routing"
ABSENT = {"detail": "Not Found"}
PAGE = "<!doctype html><html><head><title>Welcome to nginx!</title></head></html>"


def _without_query(asked: Asked) -> None:
    asked.query = ""


def _without_body(asked: Asked) -> None:
    asked.body = b""
    asked.drop("content-length")


def _lacking(name: str) -> Any:
    return lambda asked: asked.drop(name)


def _moved(operation: str, status: int, place: str) -> Begin:
    return together(header(operation, "location", place), replied(operation, status))


ENTRIES = [
    Fault(
        "workflows_not_routed", GROUP, "workflows",
        Proxied(replied(f"{WORKFLOWS}*", 404, ABSENT)), caught_by="workflows.*",
    ),
    Fault(
        "agents_router_not_included", GROUP, "agents",
        InApp(upkeep.without("agents")), caught_by="agents.*",
    ),
    Fault(
        "users_router_not_included", GROUP, "users",
        InApp(upkeep.without("users")), caught_by="email.*",
        why="a user's address is changed on the same router, and e-mail is looked at before users",
    ),
    Fault(
        "api_under_another_prefix", GROUP, "any",
        Proxied(asked_otherwise(API, lambda asked: setattr(asked, "path", f"/v2{asked.path}"))),
        caught_by="*", says="test-fixtures/apply",
        why="the seeding is the first request to the API: its 404 means seeding is off",
    ),
    Fault(
        "proxy_page_with_200", GROUP, "agents",
        Proxied(page(AGENTS, 200, PAGE)), caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "proxy_page_with_502", GROUP, "workflows",
        Proxied(page(WORKFLOWS, 502, "<html><body>502 Bad Gateway</body></html>")),
        caught_by="workflows.workflows_are_listed_and_known",
    ),
    Fault(
        "single_page_app_answers_the_api", GROUP, "conversations",
        Proxied(page(CONVERSATION, 200, PAGE)),
        caught_by="conversations.*",
    ),
    Fault(
        "list_redirects_to_a_slash", GROUP, "agents",
        Proxied(_moved(AGENTS, 307, "/api/v1/agents/")),
        caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "redirected_to_a_sign_in_page", GROUP, "users",
        Proxied(_moved(USER, 302, "https://login.example.com/")), caught_by="email.*",
        why="the owner of an address is read from the user",
    ),
    Fault(
        "jwks_not_routed", GROUP, "jwks",
        Proxied(page(JWKS, 404, "not found", "text/plain")), caught_by="jwks.*",
    ),
    Fault(
        "query_is_dropped", GROUP, "conversations",
        Proxied(asked_otherwise(SEARCH, _without_query)),
        caught_by="conversations.search_finds_what_was_said",
    ),
    Fault(
        "bodies_are_dropped", GROUP, "logs",
        Proxied(asked_otherwise(LOGS, _without_body)), caught_by="logs.log_event_is_accepted",
    ),
    Fault(
        "credentials_are_stripped", GROUP, "any",
        Proxied(asked_otherwise(API, _lacking("authorization"))),
        caught_by="auth.*", says="401",
    ),
    Fault(
        "credentials_are_stripped_for_agents", GROUP, "agents",
        Proxied(asked_otherwise(f"{AGENTS}*", _lacking("authorization"))), caught_by="agents.*",
    ),
    Fault(
        "preconditions_are_stripped", GROUP, "tenants",
        Proxied(asked_otherwise(PUT_SETTINGS, _lacking("if-match"))),
        caught_by="tenants.settings_keep_a_change",
    ),
    Fault(
        "etag_is_stripped", GROUP, "tenants",
        Proxied(header(SETTINGS, "etag")), caught_by="tenants.settings_keep_a_change",
    ),
    Fault(
        "patch_is_blocked", GROUP, "conversations",
        Proxied(page(RENAME, 405, "Method Not Allowed", "text/plain")),
        caught_by="conversations.title_is_kept",
    ),
    Fault(
        "firewall_blocks_a_surface", GROUP, "conversations",
        Proxied(page(MEMORY, 403, "<html><body>Request blocked</body></html>")),
        caught_by="conversations.memory_is_kept",
    ),
    Fault(
        "content_type_is_stripped", GROUP, "storage",
        Proxied(asked_otherwise(UPLOAD, _lacking("content-type"))), caught_by="storage.*",
    ),
    Fault(
        "two_routes_swapped", GROUP, "conversations",
        Proxied(asked_otherwise(EVENTS, lambda asked: setattr(
            asked, "path", asked.path.replace("/events", "/messages")))),
        caught_by="conversations.events_are_of_the_conversation",
    ),
    Fault(
        "cache_mixes_up_callers", GROUP, "users",
        Proxied(shared(USER)), caught_by="members.role_changes_take_effect",
        why="it reads its own user after somebody else did",
    ),
    Fault(
        "cache_answers_without_token", GROUP, "users",
        Proxied(shared(USER, with_anonymous_only=True)),
        caught_by="refusals.anonymous_is_refused[users]",
    ),
    Fault(
        "members_not_routed", GROUP, "tenants",
        Proxied(replied(MEMBERS, 404, ABSENT)), caught_by="tenancy.lists_are_of_one_tenant",
        why="the tenant of rows is looked at before their content",
    ),
    Fault(
        "trailing_path_is_dropped", GROUP, "conversations",
        Proxied(asked_otherwise(SEARCH, lambda asked: setattr(
            asked, "path", CONVERSATIONS.partition(" ")[2]))),
        caught_by="conversations.search_finds_what_was_said",
    ),
]  # fmt: skip
