"""Contract: answers about conversations are wrong."""

from typing import Any

from tests.faults.catalogue.operations import (
    CONVERSATION,
    CONVERSATIONS,
    EVENTS,
    MEMORY,
    MESSAGES,
    RENAME,
    SEARCH,
)
from tests.faults.entries import Fault, Proxied
from tests.faults.interference import Begin, asked_otherwise, changed, pretended, stale, together
from tests.faults.proxy import Asked

GROUP = "contract"
LISTED = "conversations.conversation_is_listed"


def _each(change: Any) -> Any:
    def items(page: Any) -> None:
        for item in page["items"]:
            change(item)

    return items


def _to_text(name: str) -> Any:
    return _each(lambda item: item.update({name: str(item[name])}))


def _twice(page: Any) -> None:
    page["items"] += page["items"]


def _messages_of_nobody(detail: Any) -> None:
    for message in detail["messages"]:
        message["content"] = "…"


def _only_user(page: Any) -> None:
    page["items"] = page["items"][:1]


def _count_off(page: Any) -> None:
    for row in page["items"]:
        row["message_count"] += 1


def _remembered(_asked: Asked) -> tuple[int, Any]:
    return 200, {"mode": "none", "max_user_turns": None}


def _first_page_only(operation: str) -> Begin:
    """The cursor is ignored, so every page is the first."""
    return asked_otherwise(
        operation,
        lambda asked: setattr(
            asked,
            "query",
            "&".join(p for p in asked.query.split("&") if not p.startswith("cursor=")),
        ),
    )


def _cursor_lost(page: Any) -> None:
    page["next_cursor"] = None


ENTRIES = [
    Fault(
        "conversations_are_empty", GROUP, "conversations",
        Proxied(changed(CONVERSATIONS, lambda _page: {"items": [], "next_cursor": None})),
        caught_by=LISTED,
    ),
    Fault(
        "message_count_is_text", GROUP, "conversations",
        Proxied(changed(CONVERSATIONS, _to_text("message_count"))),
        caught_by=LISTED, says="message_count",
    ),
    Fault(
        "message_count_is_off", GROUP, "conversations",
        Proxied(changed(CONVERSATIONS, _count_off)), caught_by=LISTED,
    ),
    Fault(
        "conversations_twice", GROUP, "conversations",
        Proxied(changed(CONVERSATIONS, _twice)), caught_by=LISTED,
    ),
    Fault(
        "pages_repeat_for_ever", GROUP, "conversations",
        Proxied(together(_first_page_only(CONVERSATIONS),
                         changed(CONVERSATIONS, lambda page: {**page, "next_cursor": "bmV4dA=="}))),
        caught_by="conversations.*",
    ),
    Fault(
        "second_page_is_the_first", GROUP, "conversations",
        Proxied(_first_page_only(CONVERSATIONS)),
        caught_by="conversations.malformed_cursor_is_refused",
    ),
    Fault(
        "list_ends_after_a_page", GROUP, "conversations",
        Proxied(changed(CONVERSATIONS, _cursor_lost)),
        caught_by="paging.list_is_walked[GET /api/v1/conversations]",
    ),
    Fault(
        "messages_lose_their_words", GROUP, "conversations",
        Proxied(changed(CONVERSATION, _messages_of_nobody)),
        caught_by="conversations.conversation_has_its_messages",
    ),
    Fault(
        "messages_lose_the_answer", GROUP, "conversations",
        Proxied(changed(MESSAGES, _only_user)),
        caught_by="conversations.conversation_has_its_messages",
    ),
    Fault(
        "search_finds_nothing", GROUP, "conversations",
        Proxied(changed(SEARCH, lambda _page: {"items": [], "next_cursor": None})),
        caught_by="conversations.search_finds_what_was_said",
    ),
    Fault(
        "search_finds_everything", GROUP, "conversations",
        Proxied(stale(SEARCH, any_query=True)),
        caught_by="conversations.search_finds_what_was_said",
    ),
    Fault(
        "events_are_of_another_conversation", GROUP, "conversations",
        Proxied(changed(EVENTS, lambda page: {**page, "conversation_id": "another"})),
        caught_by="conversations.events_are_of_the_conversation",
    ),
    Fault(
        "events_share_a_number", GROUP, "conversations",
        Proxied(changed(EVENTS, _each(lambda item: item.update(sequence_no=1)))),
        caught_by="conversations.events_are_of_the_conversation",
    ),
    Fault(
        "events_are_empty", GROUP, "conversations",
        Proxied(changed(EVENTS, lambda page: {**page, "items": []})),
        caught_by="conversations.events_are_of_the_conversation",
        missed="it is not known whether every deployment keeps events of what was seeded",
    ),
    Fault(
        "memory_settings_are_ignored", GROUP, "conversations",
        Proxied(pretended(MEMORY, _remembered)), caught_by="conversations.memory_is_kept",
    ),
    Fault(
        "titles_lose_their_accents", GROUP, "conversations",
        Proxied(asked_otherwise(RENAME, lambda asked: setattr(
            asked, "body", asked.body.decode("utf-8").encode("ascii", "replace")))),
        caught_by="conversations.title_is_kept",
    ),
]  # fmt: skip
