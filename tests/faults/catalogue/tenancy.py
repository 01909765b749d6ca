"""Tenancy: what belongs to one tenant, or needs a role, is open to others."""

from typing import Any

from tests.faults.catalogue.operations import API, CONVERSATIONS, MEMBERS, SEARCH, SETTINGS, TOKEN
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.in_app import rights
from tests.faults.interference import asked_otherwise, changed, instead, open_to_nobody, shared
from tests.faults.rewriting import of_every_tenant

ISSUE = "POST /api/v1/auth/service-accounts/browser-issue"
GROUP = "tenancy"
SOMEBODY_S = "00000000-0000-4000-8000-000000000000"


def _and_others(listed: Any) -> Any:
    others = [{**row, "tenant_id": SOMEBODY_S} for row in listed["members"][:1]]
    return {**listed, "members": listed["members"] + others}


UNKNOWN = {"success": False, "error": "NotFound", "message": "Not found.", "details": None}


def _unchecked(name: str, surface: str, operation: str, check: str) -> Fault:
    """The role is not checked, so that a call for nothing gets as far as the search for it."""
    broken = Proxied(instead(operation, 403, 404, UNKNOWN))
    return Fault(f"{name}_need_no_role", GROUP, surface, broken, caught_by=f"roles.{check}")


ENTRIES = [
    _unchecked("member_removals", "tenants", "DELETE /api/v1/tenants/members/{user_id}",
               "member_is_refused[tenants]"),
    _unchecked("card_removals", "billing", "DELETE /api/v1/billing/tenants/{tenant_id}/*",
               "member_is_refused[billing]"),
    _unchecked("run_deletions", "workflow runs", "DELETE /api/v1/workflows/runs/{run_id}",
               "member_is_refused[workflow_runs]"),
    _unchecked("detached_files", "vector stores", "DELETE /api/v1/vector-stores/*/files/*",
               "member_is_refused[vector_stores]"),
    _unchecked("receipts", "activity", "POST /api/v1/activity/{event_id}/dismiss",
               "member_is_refused[activity]"),
    _unchecked("message_deletions", "conversations", "DELETE /api/v1/conversations/*/messages/*",
               "viewer_is_refused[conversations]"),
    _unchecked("cancellations", "workflows", "POST /api/v1/workflows/runs/*/cancel",
               "viewer_is_refused[workflows]"),
    _unchecked("deprovisions", "platform", "POST /api/v1/platform/tenants/*/deprovision",
               "owner_is_refused[platform]"),
    _unchecked("decisions", "signup", "POST /api/v1/auth/signup-requests/*/reject",
               "owner_is_refused[signup]"),
    Fault(
        "tenant_header_ignored", GROUP, "tenancy",
        Proxied(asked_otherwise(API, lambda asked: asked.drop("x-tenant-id"))),
        caught_by="tenancy.tenant_header_must_match_the_token",
    ),
    Fault(
        "tenant_header_obeyed", GROUP, "tenancy",
        InApp(rights.tenant_header_obeyed), caught_by="tenancy.tenant_header_must_match_the_token",
    ),
    Fault(
        "role_header_ignored", GROUP, "tenancy",
        Proxied(asked_otherwise(API, lambda asked: asked.drop("x-tenant-role"))),
        caught_by="tenancy.role_header_only_lowers",
    ),
    Fault(
        "role_header_lifts", GROUP, "tenancy",
        InApp(rights.role_header_lifts), caught_by="tenancy.role_header_only_lowers",
    ),
    Fault(
        "other_tenants_are_read", GROUP, "tenancy",
        InApp(rights.other_tenants_are_read), caught_by="tenancy.other_tenant_cannot_read",
    ),
    Fault(
        "other_tenants_chat", GROUP, "chat",
        InApp(rights.other_tenants_chat), caught_by="chat.other_tenant_asks_nothing",
    ),
    Fault(
        "other_tenants_attach", GROUP, "chat",
        InApp(rights.other_tenants_attach), caught_by="chat.other_tenant_attaches_nothing",
    ),
    Fault(
        "programs_act_for_any_tenant", GROUP, "service accounts",
        InApp(rights.programs_of_any_tenant),
        caught_by="service_accounts.other_tenant_gets_no_token",
    ),
    Fault(
        "runs_of_every_tenant_are_listed", GROUP, "workflows",
        Proxied(of_every_tenant("GET /api/v1/workflows/runs")),
        caught_by="isolation.other_tenants_are_hidden",
    ),
    Fault(
        "assets_of_every_tenant_are_listed", GROUP, "assets",
        Proxied(of_every_tenant("GET /api/v1/assets")),
        caught_by="isolation.other_tenants_are_hidden",
    ),
    Fault(
        "programs_get_more_than_they_ask_for", GROUP, "service accounts",
        Proxied(changed(ISSUE, lambda row: {**row, "scopes": [*row["scopes"], "tools:read"]})),
        caught_by="service_accounts.revoked_token_is_over",
    ),
    Fault(
        "anybody_issues_tokens", GROUP, "service accounts",
        Proxied(instead("POST /api/v1/auth/service-accounts/issue", 401, 201, {})),
        caught_by="service_accounts.program_gets_a_token",
    ),
    Fault(
        "service_tokens_of_every_tenant_are_listed", GROUP, "service accounts",
        Proxied(of_every_tenant("GET /api/v1/auth/service-accounts/tokens")),
        caught_by="service_accounts.revoked_token_is_over",
    ),
    Fault(
        "programs_get_any_scope", GROUP, "service accounts",
        InApp(rights.programs_get_any_scope),
        caught_by="service_accounts.revoked_token_is_over",
    ),
    Fault(
        "other_tenants_are_listed", GROUP, "tenancy",
        InApp(rights.other_tenants_are_listed), caught_by="tenancy.other_tenant_does_not_find",
    ),
    Fault(
        "search_index_is_shared", GROUP, "tenancy",
        InApp(rights.other_tenants_are_found), caught_by="tenancy.other_tenant_does_not_find",
    ),
    Fault(
        "other_tenants_are_deleted", GROUP, "tenancy",
        InApp(rights.other_tenants_are_deleted),
        caught_by="refusals.outsider_is_refused[conversations]",
    ),
    Fault(
        "role_check_dropped", GROUP, "tenancy",
        InApp(rights.writers_are_not_checked), caught_by="tenancy.viewer_cannot_write",
    ),
    Fault(
        "members_are_for_everyone", GROUP, "tenants",
        InApp(rights.members_are_for_everyone), caught_by="tenants.members_are_for_admins",
    ),
    Fault(
        "members_of_all_tenants_are_listed", GROUP, "tenancy",
        Proxied(changed(MEMBERS, _and_others)), caught_by="tenancy.lists_are_of_one_tenant",
    ),
    Fault(
        "list_open_without_token", GROUP, "tenancy",
        Proxied(open_to_nobody(CONVERSATIONS, {"items": [], "next_cursor": None})),
        caught_by="tenancy.anonymous_caller_is_refused",
    ),
    Fault(
        "settings_cached_across_tenants", GROUP, "tenancy",
        Proxied(shared(SETTINGS)), caught_by="tenancy.tenant_header_must_match_the_token",
    ),
    Fault(
        "search_cached_across_tenants", GROUP, "conversations",
        Proxied(shared(SEARCH)), caught_by="conversations.search_finds_what_was_said",
    ),
    Fault(
        "members_cached_across_roles", GROUP, "tenants",
        Proxied(shared(MEMBERS)), caught_by="tenancy.lists_are_of_one_tenant",
    ),
    Fault(
        "session_names_another_tenant", GROUP, "auth",
        Proxied(changed(TOKEN, lambda row: {**row, "tenant_id": row["user_id"]})),
        caught_by="auth.owner_is_who_the_token_says",
    ),
]  # fmt: skip
