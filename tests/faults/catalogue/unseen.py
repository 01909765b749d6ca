"""What a short look does not show: the end of a text, one speaker's words, another tenant's row."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from smoke.reference.auth import service as sessions
from smoke.reference.auth.models import UserSession
from smoke.reference.conversations import service as conversations
from smoke.reference.conversations.models import Conversation, Message
from smoke.reference.web.paging import Offsets
from tests.faults.catalogue.operations import (
    BILLING,
    CONVERSATION,
    CONVERSATIONS,
    DISCARD,
    GET_BYTES,
    PUT_SETTINGS,
    RUN_DETAIL,
    SEARCH,
    SETTINGS,
    TOKEN,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.in_app import Change, replace, signing
from tests.faults.interference import asked_otherwise, changed, on, together
from tests.faults.proxy import Answered, Asked, Forward, Interference, answer
from tests.faults.rewriting import each, kept_after, put

CONFIRM = "POST /api/v1/auth/password/confirm"
MAIL_TOKEN = "POST /api/v1/test-fixtures/email-verification-token"
USAGE = "GET /api/v1/usage"
PREFERENCES = "/api/v1/users/notification-preferences"
ENROLL = "POST /api/v1/auth/mfa/totp/enroll"
# Characters of a column that is too short for a message.
COLUMN = 255


def _cut(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "content": message["content"][:COLUMN]}


def _only_words_of(role: str) -> Change:
    """A search looks at the messages of one speaker only."""

    def found_in(query: Select[Conversation], text: str) -> Select[Conversation]:
        said = select(Message.conversation_id).where(
            Message.role == role, Message.text.icontains(text, autoescape=True)
        )
        return query.where(Conversation.id.in_(said))

    return replace(conversations, "found_in", found_in)


async def _ascii_only(asked: Asked, forward: Forward) -> Answered:
    return await forward(asked) if unquote_plus(asked.query).isascii() else answer(500, ERROR)


def _one_row_for_all() -> Interference:
    """The settings of all tenants are what was written last."""
    written: dict[str, Any] = {}

    def note(settings: dict[str, Any]) -> None:
        written.update({name: settings[name] for name in ("flags", "plan_metadata")})

    def show(settings: dict[str, Any]) -> dict[str, Any]:
        return {**settings, **written}

    return together(changed(PUT_SETTINGS, note), changed(SETTINGS, show))()


def _key_as_label() -> Interference:
    """The methods of a challenge are named by their keys."""
    keys: dict[str, str] = {}

    def note(enrolled: dict[str, Any]) -> None:
        keys[enrolled["method_id"]] = enrolled["secret"]

    def name(method: dict[str, Any]) -> dict[str, Any]:
        return {**method, "label": keys.get(method["id"], method.get("label"))}

    def show(answered: dict[str, Any]) -> dict[str, Any]:
        label: Callable[[Any], Any] = each("methods", name)
        return label(answered) if "methods" in answered else answered

    return together(changed(ENROLL, note), changed(TOKEN, show))()


def _any_mail_token() -> Interference:
    """A token that proves an address sets a password as well."""
    tokens: list[str] = []

    async def confirm(asked: Asked, forward: Forward) -> Answered:
        if (asked.json or {}).get("token") in tokens:
            return answer(200, {"success": True, "message": "The password is set.", "data": None})
        return await forward(asked)

    def note(made: dict[str, Any]) -> None:
        tokens.append(made["token"])

    return together(changed(MAIL_TOKEN, note), on(CONFIRM, confirm))()


async def _keeps_features(asked: Asked, forward: Forward) -> Answered:
    """A tenant's own settings switch on what its plan does not have."""
    sent = (asked.json or {}).get("flags", {})
    found = await forward(asked)
    if found.status == 200:
        settings = await found.json()
        kept = {name: on for name, on in sent.items() if name.startswith("feature.")}
        found.write_json({**settings, "flags": settings["flags"] | kept})
    return found


def _gives_a_reason(asked: Asked) -> None:
    if asked.header("x-operator-override"):
        asked.headers.append(("x-operator-reason", "none"))


def _of_everybody() -> Change:
    """The list of sessions has those of all users: its query forgot the user."""

    def sessions_page(
        session: Session, _user_id: UUID, _tenant_id: UUID | None, page: Offsets, **_asked: bool
    ) -> tuple[list[UserSession], int]:
        query = select(UserSession).where(UserSession.revoked_at.is_(None))
        return page.counted(session, query, UserSession.created_at, UserSession.id)

    return replace(sessions, "sessions_page", sessions_page)


def _preferences_of_all() -> Interference:
    """The preferences of all users are listed, as far as somebody has set them."""
    rows: dict[str, dict[str, Any]] = {}

    def note(row: dict[str, Any]) -> None:
        rows[row["id"]] = row

    def show(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return list(({row["id"]: row for row in listed} | rows).values())

    return together(changed(f"PUT {PREFERENCES}", note), changed(f"GET {PREFERENCES}", show))()


async def _stranger_on_the_last_page(asked: Asked, forward: Forward) -> Answered:
    """The query of a later page forgot the tenant."""
    found = await forward(asked)
    if "cursor=" not in asked.query or found.status != 200:
        return found
    page = await found.json()
    if page["next_cursor"] or not page["items"]:
        return found
    stranger = {**page["items"][-1], "conversation_id": "of-another-tenant"}
    return found.write_json({**page, "items": [*page["items"], stranger]})


async def _crashes_on_cursors(asked: Asked, forward: Forward) -> Answered:
    """A cursor is decoded, and nothing catches what goes wrong."""
    found = await forward(asked)
    return answer(500, ERROR) if "cursor=" in asked.query and found.status == 400 else found


def _none_is_default(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**card, "is_default": False} for card in cards]


ENTRIES = [
    Fault(
        "long_messages_are_cut",
        "database",
        "chat",
        Proxied(changed(CONVERSATION, each("messages", _cut))),
        caught_by="chat.answer_is_kept_in_the_conversation",
    ),
    Fault(
        "answers_are_not_searched",
        "database",
        "conversations",
        InApp(_only_words_of("user")),
        caught_by="conversations.deleted_conversation_is_gone",
    ),
    Fault(
        "questions_are_not_searched",
        "database",
        "conversations",
        InApp(_only_words_of("assistant")),
        caught_by="conversations.search_finds_what_was_said",
    ),
    Fault(
        "search_takes_ascii_only",
        "database",
        "conversations",
        Proxied(on(SEARCH, _ascii_only)),
        caught_by="conversations.search_finds_what_was_said",
    ),
    Fault(
        "settings_are_of_all_tenants",
        "tenancy",
        "tenants",
        Proxied(_one_row_for_all),
        caught_by="tenants.settings_keep_a_change",
        says="no setting of another tenant",
    ),
    Fault(
        "keys_of_the_second_factor_are_shown",
        "people",
        "mfa",
        Proxied(_key_as_label),
        caught_by="mfa.sign_in_needs_the_code",
        says="no key of a method",
    ),
    Fault(
        "bytes_of_deleted_objects_stay",
        "after a delete",
        "storage",
        Proxied(kept_after(DISCARD, GET_BYTES)),
        caught_by="storage.bytes_come_back",
    ),
    Fault(
        "public_key_signs_tokens",
        "sessions",
        "auth",
        InApp(signing.public_key_as_shared_secret),
        caught_by="auth.published_key_is_not_a_password",
    ),
    Fault(
        "token_of_an_address_sets_a_password",
        "people",
        "email",
        Proxied(_any_mail_token),
        caught_by="email.new_address_is_verified",
    ),
    Fault(
        "tenants_give_themselves_features",
        "tenancy",
        "tenants",
        Proxied(on(PUT_SETTINGS, _keeps_features)),
        caught_by="tenants.settings_keep_a_change",
        says="no feature that a tenant gives itself",
    ),
    Fault(
        "operators_look_in_without_a_reason",
        "tenancy",
        "platform",
        Proxied(asked_otherwise(USAGE, _gives_a_reason)),
        caught_by="platform.suspension_closes_a_tenant",
    ),
    Fault(
        "runs_lose_their_steps",
        "agreement",
        "workflows",
        Proxied(changed(RUN_DETAIL, put("steps", []))),
        caught_by="workflow_runs.run_reaches_its_end",
        says="the steps that were answered",
    ),
    Fault(
        "malformed_cursors_crash",
        "invalid input",
        "conversations",
        Proxied(on(CONVERSATIONS, _crashes_on_cursors)),
        caught_by="conversations.malformed_cursor_is_refused",
    ),
    Fault(
        "no_card_becomes_the_default",
        "third parties",
        "billing",
        Proxied(changed(f"GET {BILLING}/payment-methods", _none_is_default)),
        caught_by="billing.cards_are_set_and_detached",
        says="the one default card",
    ),
    Fault(
        "sessions_of_everybody_are_listed",
        "sessions",
        "auth",
        InApp(_of_everybody()),
        caught_by="sessions.revoked_session_is_over",
    ),
    Fault(
        "preferences_of_others_are_listed",
        "people",
        "users",
        Proxied(_preferences_of_all),
        caught_by="users.notification_preference_is_kept",
    ),
    Fault(
        "last_page_has_a_stranger",
        "tenancy",
        "conversations",
        Proxied(on(CONVERSATIONS, _stranger_on_the_last_page)),
        caught_by="paging.list_is_walked[GET /api/v1/conversations]",
    ),
]
