"""Agreement: an answer is well formed and plausible, and another answer says something else."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from tests.faults.catalogue.operations import (
    ACTIVITY_STREAM,
    ASSETS,
    BILLING,
    CONTAINERS,
    CONVERSATIONS,
    MEMBERS,
    MEMBERS_PATH,
    PLATFORM,
    PROFILE,
    RUN_STREAM,
    STORE,
)
from tests.faults.entries import Fault, Proxied
from tests.faults.interference import Begin, asked_otherwise, changed, on
from tests.faults.proxy import Answered, Asked, Forward
from tests.faults.rewriting import each, moved, put

GROUP = "agreement"
VIEWS = "views.views_agree"
SUBSCRIPTION = f"{BILLING}/subscription"


def _rotated(name: str) -> Any:
    """Each row of a list has the value of the next one, as after a wrong join."""

    def change(page: dict[str, Any]) -> dict[str, Any]:
        rows = page["items"]
        values = [row[name] for row in rows]
        pairs = zip(rows, values[1:] + values[:1], strict=True)
        return {**page, "items": [{**row, name: value} for row, value in pairs]}

    return change


def _cut(name: str) -> Any:
    return lambda row: {**row, name: row[name][:-3]} if row.get(name) else row


def _turned(name: str) -> Any:
    return lambda row: {**row, name: not row[name]}


def _by(name: str, count: int) -> Any:
    return lambda row: {**row, name: (row[name] or 0) + count}


def _lacking(name: str) -> Callable[[Asked], None]:
    """The service never hears of a field that was sent."""

    def change(asked: Asked) -> None:
        body = asked.json
        if isinstance(body, dict):
            asked.body = json.dumps({k: v for k, v in body.items() if k != name}).encode()

    return change


def _events_twice(operation: str) -> Begin:
    """Each event is sent again, as by a queue that delivers at least once."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        if found.status == 200 and found.chunks is not None:
            found.drop("content-length")
            found.chunks = _twice(found.chunks)
        return found

    return on(operation, interfere)


async def _twice(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in chunks:
        *events, rest = (rest + chunk).split(b"\n\n")
        for event in events:
            yield 2 * (event + b"\n\n")
    yield rest


ENTRIES = [
    # --- A row, a detail, what a write answers ---
    Fault(
        "containers_are_listed_with_each_others_ids",
        GROUP,
        "containers",
        Proxied(changed(f"GET {CONTAINERS}", _rotated("openai_id"))),
        caught_by=VIEWS,
    ),
    Fault(
        "list_forgets_who_owns_a_container",
        GROUP,
        "containers",
        Proxied(changed(f"GET {CONTAINERS}", each("items", put("owner_user_id", None)))),
        caught_by=VIEWS,
    ),
    Fault(
        "detail_of_a_file_has_no_size",
        GROUP,
        "vector stores",
        Proxied(changed(f"GET {STORE}/files/{{file_id}}", put("size_bytes", 0))),
        caught_by=VIEWS,
    ),
    Fault(
        "assets_are_listed_in_another_time_zone",
        GROUP,
        "assets",
        Proxied(changed(ASSETS, each("items", moved("asset_updated_at", hours=-3)))),
        caught_by=VIEWS,
    ),
    Fault(
        "list_calls_conversations_by_another_agent",
        GROUP,
        "conversations",
        Proxied(changed(CONVERSATIONS, each("items", put("agent_entrypoint", "somebody_else")))),
        caught_by=VIEWS,
    ),
    Fault(
        "suspending_answers_with_another_birthday",
        GROUP,
        "platform",
        Proxied(changed(f"POST {PLATFORM}/{{tenant_id}}/suspend", moved("created_at", days=-1))),
        caught_by=VIEWS,
    ),
    Fault(
        "subscribing_answers_for_another_tenant",
        GROUP,
        "billing",
        Proxied(
            changed(
                f"POST {SUBSCRIPTION}", put("tenant_id", "00000000-0000-4000-8000-000000000000")
            )
        ),
        caught_by=VIEWS,
    ),
    Fault(
        "cancelling_answers_with_other_seats",
        GROUP,
        "billing",
        Proxied(changed(f"POST {SUBSCRIPTION}/cancel", _by("seat_count", 1))),
        caught_by=VIEWS,
        missed="the subscription is changed once more before views are compared",
    ),
    Fault(
        "uploading_answers_with_another_type",
        GROUP,
        "vector stores",
        Proxied(changed(f"POST {STORE}/files/upload", put("mime_type", "text"))),
        caught_by=VIEWS,
    ),
    # --- What is sent, and what is answered or read ---
    Fault(
        "renewal_is_read_as_switched_off",
        GROUP,
        "billing",
        Proxied(changed(f"GET {SUBSCRIPTION}", _turned("auto_renew"))),
        caught_by="*",
        says="auto_renew",
        why="a check of billing may look at the same field first",
    ),
    Fault(
        "renewal_is_answered_as_switched_off",
        GROUP,
        "billing",
        Proxied(changed(f"PATCH {SUBSCRIPTION}", _turned("auto_renew"))),
        caught_by="billing.changed_subscription_is_read_back",
    ),
    Fault(
        "renamed_tenant_answers_with_a_shorter_name",
        GROUP,
        "platform",
        Proxied(changed(f"PATCH {PLATFORM}/{{tenant_id}}", _cut("name"))),
        caught_by="platform.*",
    ),
    Fault(
        "profile_answers_with_another_name",
        GROUP,
        "users",
        Proxied(changed(PROFILE, lambda user: {**user, "data": _cut("given_name")(user["data"])})),
        caught_by="users.*",
    ),
    Fault(
        "added_member_is_answered_in_another_role",
        GROUP,
        "members",
        Proxied(changed(f"POST {MEMBERS_PATH}", put("role", "viewer"))),
        caught_by="members.*",
    ),
    Fault(
        "preference_is_answered_as_its_opposite",
        GROUP,
        "users",
        Proxied(changed("PUT /api/v1/users/notification-preferences", _turned("enabled"))),
        caught_by="users.*",
    ),
    Fault(
        "reason_of_a_rejection_is_lost",
        GROUP,
        "signup",
        Proxied(
            asked_otherwise(
                "POST /api/v1/auth/signup-requests/{request_id}/reject", _lacking("reason")
            )
        ),
        caught_by="signup.rejected_request_is_listed_as_rejected",
    ),
    Fault(
        "name_of_who_accepts_is_lost",
        GROUP,
        "invites",
        Proxied(asked_otherwise("POST /api/v1/tenants/invites/accept", _lacking("display_name"))),
        caught_by="invites.accepted_invite_makes_a_member",
    ),
    # --- Totals ---
    Fault(
        "containers_are_one_more_than_there_are",
        GROUP,
        "containers",
        Proxied(changed(f"GET {CONTAINERS}", _by("total", 1))),
        caught_by=VIEWS,
    ),
    Fault(
        "a_member_is_counted_and_not_listed",
        GROUP,
        "members",
        Proxied(changed(MEMBERS, lambda page: {**page, "total": page["total"] + 1})),
        caught_by=VIEWS,
    ),
    # --- Streams ---
    Fault(
        "activity_is_streamed_twice",
        GROUP,
        "activity",
        Proxied(_events_twice(ACTIVITY_STREAM)),
        caught_by="activity.*",
        says="came 2 times",
    ),
    Fault(
        "a_run_streams_each_event_twice",
        GROUP,
        "workflow runs",
        Proxied(_events_twice(RUN_STREAM)),
        caught_by="workflow_runs.*",
    ),
]
