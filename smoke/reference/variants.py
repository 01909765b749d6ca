"""Variants: what a deployment may do in another way, where its contract leaves it open.

A suite that is right about the service is green on each of them: `--variant NAME` chooses one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ConversationIds(StrEnum):
    """How answers name a conversation; paths take the UUID and the fixtures' key as well."""

    KEY = "key"
    UUID = "uuid"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to be right; `settings` are variables that it sets where the environment does not.

    `lists_lag_s` is the age in seconds of what lists and searches show.
    """

    conversation_ids: ConversationIds = ConversationIds.KEY
    newest_first: bool = True
    empty_last_page: bool = False
    extra_fields: bool = False
    naive_times: bool = False
    anonymous_status: int = 401
    foreign_status: int = 404
    lists_lag_s: float = 0.0
    has_guardrails: bool = True
    decides_signups: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)


VARIANTS: Mapping[str, Variant] = {
    # Everything is on.
    "full": Variant(),
    # What a deployment on SQLite is that was given nothing but the fixtures.
    "stock": Variant(
        naive_times=True,
        has_guardrails=False,
        decides_signups=False,
        settings={
            "ENABLE_BILLING": "false",
            "ENABLE_ACTIVITY_STREAM": "false",
            "STORAGE_PROVIDER": "memory",
            "REFERENCE_WITHOUT": "provider, sso",
            "REFERENCE_LIMITS": "true",
        },
    ),
    "strict": Variant(
        conversation_ids=ConversationIds.UUID,
        newest_first=False,
        foreign_status=403,
        settings={"REFERENCE_LIMITS": "true"},
    ),
    "lenient": Variant(
        conversation_ids=ConversationIds.NUMBER,
        empty_last_page=True,
        extra_fields=True,
        anonymous_status=403,
        settings={"STORAGE_PROVIDER": "memory"},
    ),
    "lagging": Variant(lists_lag_s=0.5),
}
