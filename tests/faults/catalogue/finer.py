"""What only a finer look shows: one field, one right, one row too many or too few."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from smoke.reference.auth import service as sessions
from smoke.reference.schemas import TenantRole
from smoke.reference.security.roles import scopes_of
from smoke.reference.storage import presigned
from tests.faults.catalogue.operations import (
    AGENTS,
    BILLING,
    CHAT,
    CONVERSATIONS,
    FORGET,
    FORGET_MESSAGE,
    MESSAGES,
    PROFILE,
    PUT_SETTINGS,
    REVOKE,
    RUN_DETAIL,
    STORE,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.in_app import Change, replace
from tests.faults.interference import (
    Begin,
    asked_otherwise,
    body_changed,
    changed,
    instead,
    on,
    replied,
    together,
)
from tests.faults.proxy import Answered, Asked, Forward, Interference
from tests.faults.rewriting import moved, put, sent

AUTH = "/api/v1/auth"
POLICY = f"GET {AUTH}/signup-policy"
CALLBACK = f"POST {AUTH}/sso/{{provider}}/callback"
AUTHORIZE = "GET /identity-provider/authorize"
FILE_BYTES = "GET /api/v1/openai/files/{file_id}/download"
FILES = f"GET {STORE}/files"
DETACH = f"DELETE {STORE}/files/{{file_id}}"
WEBHOOK = "POST /webhooks/stripe"
ASSET_URL = "GET /api/v1/assets/{asset_id}/download-url"
NAMES = ("display_name", "given_name", "family_name")
TAKEN = {"success": True, "message": "Taken.", "data": None}


def _in_latin(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "message": body["message"].encode("latin-1", "replace").decode("latin-1")}


def _short_name(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "display_name": (body.get("display_name") or "")[:16] or None}


def _says_the_token() -> Interference:
    """The message of each refusal repeats the request's headers."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        said = await found.json() if found.status >= 400 else None
        if isinstance(said, dict):
            said["message"] = f"{said.get('message')} Headers: {dict(asked.headers)}"
            found.write_json(said)
        return found

    return on(f"{AGENTS}/{{agent_name}}/status", interfere)()


def _metadata_added() -> Interference:
    """Metadata that is sent is added to what was there; what is left out stays."""
    known: dict[str, str] = {}

    def add(body: dict[str, Any]) -> dict[str, Any]:
        known.update(body["plan_metadata"])
        return {**body, "plan_metadata": dict(known)}

    return asked_otherwise(PUT_SETTINGS, sent(add))()


def _emptied(delete: str, listed: str, rows: str) -> Begin:
    """Deleting one thing empties its list."""

    def begin() -> Interference:
        deleted: set[str] = set()

        async def note(asked: Asked, forward: Forward) -> Answered:
            deleted.add(asked.path.rpartition("/")[0])
            return await forward(asked)

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            found = await forward(asked)
            if asked.path in deleted and found.status == 200:
                found.write_json({**await found.json(), rows: []})
            return found

        return together(on(delete, note), on(listed, interfere))()

    return begin


def _answered_before() -> Interference:
    """Each answer of an agent is the one that the caller before got."""
    said: list[str] = []

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        if found.status == 200:
            whole = await found.json()
            said.append(whole["response"])
            found.write_json({**whole, "response": said[max(len(said) - 2, 0)]})
        return found

    return on(CHAT, interfere)()


def _any_state() -> Interference:
    """A code opens a session whatever state comes with it."""
    states: dict[str, str] = {}

    async def at_the_provider(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        back = parse_qs(urlsplit(found.header("location")).query)
        if "code" in back:
            states[back["code"][0]] = back["state"][0]
        return found

    def right(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "state": states.get(body["code"], body["state"])}

    return together(on(AUTHORIZE, at_the_provider), asked_otherwise(CALLBACK, sent(right)))()


def _answers_stay() -> Interference:
    """Taking back a question leaves the answer to it."""
    seen: dict[str, list[dict[str, Any]]] = {}
    gone: set[str] = set()

    async def forget(asked: Asked, forward: Forward) -> Answered:
        gone.add(asked.path.rpartition("/")[2])
        return await forward(asked)

    async def read(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        page = await found.json() if found.status == 200 else {"items": []}
        before = seen.setdefault(asked.path, page["items"])
        if gone.intersection(str(row["message_id"]) for row in before):
            left = [row for row in before if str(row["message_id"]) not in gone]
            found.write_json({**page, "items": left})
        return found

    return together(on(FORGET_MESSAGE, forget), on(MESSAGES, read))()


def _says_success() -> Interference:
    """The envelope of an error is that of a success."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        if found.status == 404:
            found.write_json({**(await found.json()), "success": True})
        return found

    return on(f"{AGENTS}/{{agent_name}}/status", interfere)()


def _longer_life() -> Change:
    """The signature of an object's address leaves out how long it lasts."""
    sign = presigned._signature  # noqa: SLF001

    def signed(secret: bytes, method: str, path: str, _expires: int, content_type: str) -> str:
        return sign(secret, method, path, 0, content_type)

    return replace(presigned, "_signature", signed)


def _everybody_an_admin() -> Change:
    """The token of every role has the scopes of an admin."""
    return replace(
        sessions, "scopes_of", lambda _role, platform: scopes_of(TenantRole.ADMIN, platform)
    )


ENTRIES = [
    Fault(
        "questions_are_kept_in_latin",
        "text",
        "chat",
        Proxied(asked_otherwise(CHAT, sent(_in_latin))),
        caught_by="chat.answer_is_kept_in_the_conversation",
    ),
    Fault(
        "answers_are_of_the_caller_before",
        "third parties",
        "chat",
        Proxied(_answered_before),
        caught_by="chat.conversation_goes_on",
    ),
    Fault(
        "display_names_are_cut",
        "text",
        "users",
        Proxied(asked_otherwise(PROFILE, sent(_short_name))),
        caught_by="users.profile_is_kept",
    ),
    Fault(
        "a_change_of_one_name_forgets_the_others",
        "database",
        "users",
        Proxied(
            asked_otherwise(PROFILE, sent(lambda body: {name: body.get(name) for name in NAMES}))
        ),
        caught_by="users.profile_is_kept",
    ),
    Fault(
        "settings_are_added_and_never_replaced",
        "database",
        "tenants",
        Proxied(_metadata_added),
        caught_by="tenants.settings_keep_a_change",
    ),
    Fault(
        "refusals_repeat_the_token",
        "headers",
        "agents",
        Proxied(_says_the_token),
        caught_by="agents.unknown_agent_is_not_found",
        says="shows the caller's credential",
    ),
    Fault(
        "viewers_get_the_scopes_of_an_admin",
        "tenancy",
        "auth",
        InApp(_everybody_an_admin()),
        caught_by="users.each_actor_is_itself",
    ),
    Fault(
        "invites_are_needed_in_words_only",
        "people",
        "signup",
        Proxied(
            changed(POLICY, lambda row: {**row, "policy": "invite_only", "invite_required": True})
        ),
        caught_by="signup.policy_is_consistent",
    ),
    Fault(
        "detaching_a_file_detaches_all",
        "third parties",
        "vector stores",
        Proxied(_emptied(DETACH, FILES, "items")),
        caught_by="vector_stores.detached_file_is_gone",
    ),
    Fault(
        "deleting_a_conversation_hides_all",
        "database",
        "conversations",
        Proxied(_emptied(FORGET, CONVERSATIONS, "items")),
        caught_by="conversations.deleted_conversation_is_gone",
    ),
    Fault(
        "a_cancellation_is_always_at_once",
        "third parties",
        "billing",
        Proxied(
            asked_otherwise(
                f"POST {BILLING}/subscription/cancel", sent(put("cancel_at_period_end", False))
            )
        ),
        caught_by="billing.subscription_runs_until_it_is_cancelled",
    ),
    Fault(
        "unsigned_events_are_taken",
        "third parties",
        "webhooks",
        Proxied(replied(WEBHOOK, 200, TAKEN)),
        caught_by="webhooks.unsigned_event_is_refused",
    ),
    Fault(
        "webhook_crashes",
        "third parties",
        "webhooks",
        Proxied(replied(WEBHOOK, 500, ERROR)),
        caught_by="webhooks.unsigned_event_is_refused",
    ),
    Fault(
        "files_come_back_empty",
        "third parties",
        "openai files",
        Proxied(body_changed(FILE_BYTES, lambda _body: b"")),
        caught_by="openai_files.file_of_a_store_comes_back",
    ),
    Fault(
        "assets_are_all_downloaded_from_one_address",
        "third parties",
        "assets",
        Proxied(changed(ASSET_URL, put("download_url", "https://objects.example.com/first"))),
        caught_by="assets.asset_is_read_and_downloaded",
    ),
    Fault(
        "addresses_of_objects_can_be_made_to_last",
        "storage",
        "storage",
        InApp(_longer_life()),
        caught_by="storage.bytes_come_back",
    ),
    Fault(
        "tools_of_agents_are_unknown",
        "agreement",
        "tools",
        Proxied(
            changed("GET /api/v1/tools", lambda row: {**row, "tool_names": row["tool_names"][1:]})
        ),
        caught_by="tools.tools_are_counted",
    ),
    Fault(
        "the_contract_crashes",
        "contract",
        "any",
        Proxied(replied("GET /openapi.json", 500, ERROR)),
        caught_by="live.document_is_the_contract",
    ),
    Fault(
        "anybody_ends_a_session",
        "sessions",
        "auth",
        Proxied(instead(REVOKE, 404, 200, TAKEN)),
        caught_by="sessions.revoked_session_is_over",
    ),
    Fault(
        "admins_set_passwords_of_other_tenants",
        "tenancy",
        "auth",
        Proxied(instead(f"POST {AUTH}/password/reset", 404, 200, TAKEN)),
        caught_by="passwords.admin_resets_a_password",
    ),
    Fault(
        "invites_are_accepted_by_anybody",
        "people",
        "members",
        Proxied(instead("POST /api/v1/tenants/invites/accept/current", 403, 200, TAKEN)),
        caught_by="members.account_joins_a_second_tenant",
    ),
    Fault(
        "an_answer_stays_without_its_question",
        "after a delete",
        "conversations",
        Proxied(_answers_stay),
        caught_by="conversations.deleted_message_is_gone",
    ),
    Fault(
        "stores_lose_their_description",
        "third parties",
        "vector stores",
        Proxied(changed(f"GET {STORE}", put("description", None))),
        caught_by="life_cycles.created_thing_is_listed_and_read[vector_store]",
    ),
    Fault(
        "runs_end_before_they_start",
        "time",
        "workflows",
        Proxied(changed(RUN_DETAIL, moved("ended_at", hours=-3))),
        caught_by="workflow_runs.run_reaches_its_end",
        says="is before started_at",
    ),
    Fault(
        "errors_say_success",
        "contract",
        "agents",
        Proxied(_says_success),
        caught_by="agents.unknown_agent_is_not_found",
        says="says success",
    ),
    Fault(
        "sso_state_does_not_matter",
        "people",
        "sso",
        Proxied(_any_state),
        caught_by="sso.identity_provider_signs_in",
    ),
]
