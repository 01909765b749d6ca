"""Invalid input: the service takes it, repairs it in silence, or breaks on it."""

import json
from typing import Any

from tests.faults.catalogue.operations import (
    BILLING,
    CHAT,
    CONTAINERS,
    LOGS,
    RENAME,
    RUN,
    STORES,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.entries import Fault, Proxied
from tests.faults.interference import Begin, asked_otherwise, instead
from tests.faults.proxy import Asked

GROUP = "invalid input"
CRASH = {**ERROR, "error": "InternalServerError", "message": "Something went wrong."}


def _caught(tag: str) -> str:
    return f"input.invalid_body_is_refused[{tag}]"


def _repaired(operation: str, **defaults: Any) -> Begin:
    """Where a field is missing or empty, the service takes one of its own."""

    def repair(asked: Asked) -> None:
        body = asked.json if isinstance(asked.json, dict) else {}
        given = {name: value for name, value in body.items() if value not in ("", None)}
        asked.body = json.dumps({**defaults, **given}).encode()
        asked.drop("content-length")
        asked.headers.append(("content-length", str(len(asked.body))))

    return asked_otherwise(operation, repair)


ENTRIES = [
    Fault(
        "empty_container_names_become_untitled", GROUP, "containers",
        Proxied(_repaired(f"POST {CONTAINERS}", name="untitled")), caught_by=_caught("containers"),
    ),
    Fault(
        "empty_store_names_become_untitled", GROUP, "vector stores",
        Proxied(_repaired(f"POST {STORES}", name="untitled")), caught_by=_caught("vector-stores"),
    ),
    Fault(
        "empty_titles_are_kept_as_they_are", GROUP, "conversations",
        Proxied(instead(RENAME, 422, 200, {
            "conversation_id": "smoke", "display_name": "", "title": ""})),
        caught_by=_caught("conversations"),
    ),
    Fault(
        "chat_without_a_message_is_answered", GROUP, "chat",
        Proxied(_repaired(CHAT, message="hello")), caught_by=_caught("chat"),
    ),
    Fault(
        "runs_without_a_message_begin", GROUP, "workflows",
        Proxied(_repaired(RUN, message="hello")), caught_by=_caught("workflows"),
    ),
    Fault(
        "negative_usage_is_taken_for_one", GROUP, "billing",
        Proxied(asked_otherwise(f"POST {BILLING}/usage", lambda asked: setattr(
            asked, "body", asked.body.replace(b'"quantity":-1', b'"quantity": 1')))),
        caught_by=_caught("billing"),
    ),
    Fault(
        "invalid_log_events_break_the_service", GROUP, "logs",
        Proxied(instead(LOGS, 422, 500, CRASH)), caught_by="logs.*",
    ),
    Fault(
        "invalid_uploads_break_the_service", GROUP, "uploads",
        Proxied(instead("POST /api/v1/uploads/agent-input", 422, 500, CRASH)),
        caught_by=_caught("uploads"),
    ),
]  # fmt: skip
