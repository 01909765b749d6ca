"""Roles: operations for members, admins or operators refuse everybody below them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from smoke import Actor, Bounds, Expect, Run, gate, together

API = "/api/v1"
AUTH, BILLING = f"{API}/auth", f"{API}/billing/tenants/{{tenant_id}}"
PLATFORM, STORE = f"{API}/platform/tenants", f"{API}/vector-stores/{{vector_store_id}}"
CARD = f"{BILLING}/payment-methods/{{payment_method_id}}"
# The id of nothing: a role is checked before the service looks for a thing.
NAMELESS = str(UUID(int=7))
WHY = {"reason": "a smoke run tries it out"}
UPLOAD = {"filename": "smoke.txt", "mime_type": "text/plain", "size_bytes": 1}
SETTINGS: dict[str, Any] = {"billing_contacts": [], "plan_metadata": {}, "flags": {}}
STALE = {"If-Match": "0"}
# A stream that is open by mistake would not end.
NO_EVENTS = Bounds(events=0, time_s=5)


@dataclass(frozen=True)
class Attempt:
    """One operation that is refused; what it names or asks for does not exist."""

    operation: str
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    stream: Bounds | None = None


# Operations that a viewer may not use, by surface.
FOR_MEMBERS = {
    "conversations": [
        Attempt(f"DELETE {API}/conversations/{{conversation_id}}/messages/{{message_id}}")
    ],
    "uploads": [Attempt(f"POST {API}/uploads/agent-input", UPLOAD)],
    "workflows": [
        Attempt(f"POST {API}/workflows/{{workflow_key}}/run", {"message": "smoke"}),
        Attempt(
            f"POST {API}/workflows/{{workflow_key}}/run-stream",
            {"message": "smoke"},
            stream=NO_EVENTS,
        ),
        Attempt(f"POST {API}/workflows/runs/{{run_id}}/cancel"),
    ],
}
# Operations that a member may not use, by surface.
FOR_ADMINS = {
    "activity": [
        Attempt(f"POST {API}/activity/mark-all-read"),
        Attempt(f"POST {API}/activity/{{event_id}}/read"),
        Attempt(f"POST {API}/activity/{{event_id}}/dismiss"),
    ],
    "activity_stream": [Attempt(f"GET {API}/activity/stream", stream=NO_EVENTS)],
    "assets": [Attempt(f"DELETE {API}/assets/{{asset_id}}")],
    "service_accounts": [Attempt(f"POST {AUTH}/service-accounts/tokens/{{jti}}/revoke", WHY)],
    "billing": [
        Attempt(f"POST {BILLING}/payment-methods/setup-intent", {}),
        Attempt(f"POST {CARD}/default"),
        Attempt(f"DELETE {CARD}"),
        Attempt(f"POST {BILLING}/portal", {}),
        Attempt(f"PATCH {BILLING}/subscription", {}),
        Attempt(f"POST {BILLING}/subscription/cancel", {"cancel_at_period_end": True}),
        Attempt(f"POST {BILLING}/subscription/plan", {"plan_code": "smoke-no-such-plan"}),
        Attempt(f"POST {BILLING}/usage", {"feature_key": "smoke", "quantity": 1}),
    ],
    "containers": [Attempt(f"DELETE {API}/containers/agents/{{agent_key}}/container")],
    "memory": [Attempt(f"PATCH {API}/conversations/{{conversation_id}}/memory", {"mode": "none"})],
    "tenants": [
        Attempt(f"GET {API}/tenants/account"),
        Attempt(f"PATCH {API}/tenants/account", {"name": "Smoke"}),
        Attempt(f"PUT {API}/tenants/settings", SETTINGS, STALE),
        Attempt(f"GET {API}/tenants/invites"),
        Attempt(f"POST {API}/tenants/invites/{{invite_id}}/revoke"),
        Attempt(
            f"POST {API}/tenants/members", {"email": "smoke-none@example.com", "role": "viewer"}
        ),
        Attempt(f"DELETE {API}/tenants/members/{{user_id}}"),
    ],
    "vector_stores": [
        Attempt(f"DELETE {STORE}/bindings/{{agent_key}}"),
        Attempt(f"POST {STORE}/files", {"file_id": "file-smoke"}),
        Attempt(f"POST {STORE}/files/upload", {"object_id": NAMELESS}),
        Attempt(f"DELETE {STORE}/files/{{file_id}}"),
    ],
    "workflow_runs": [Attempt(f"DELETE {API}/workflows/runs/{{run_id}}")],
}
# Operations that an owner who is not an operator may not use, by surface.
FOR_OPERATORS = {
    "signup": [
        Attempt(f"POST {AUTH}/invites/{{invite_id}}/revoke"),
        Attempt(f"POST {AUTH}/signup-requests/{{request_id}}/approve", {}),
        Attempt(f"POST {AUTH}/signup-requests/{{request_id}}/reject", {}),
    ],
    "platform": [
        Attempt(f"GET {PLATFORM}/{{tenant_id}}"),
        Attempt(f"PATCH {PLATFORM}/{{tenant_id}}", {"name": "Smoke"}),
        Attempt(f"POST {PLATFORM}/{{tenant_id}}/reactivate", WHY),
        Attempt(f"POST {PLATFORM}/{{tenant_id}}/deprovision", WHY),
        Attempt(f"GET {PLATFORM}/{{tenant_id}}/features"),
        Attempt(f"PUT {PLATFORM}/{{tenant_id}}/features", {"flags": {}}),
    ],
}
GATES = {
    "activity_stream": "activity",
    "assets": "storage",
    "billing": "billing",
    "containers": "containers",
    "uploads": "storage",
    "vector_stores": "vector",
    "workflow_runs": "ai",
    "workflows": "ai",
}


def _each(surfaces: dict[str, list[Attempt]]) -> pytest.MarkDecorator:
    """One check for each surface, so that a failure names it."""
    rows = [
        pytest.param(attempts, id=name, marks=[gate(GATES[name])] if name in GATES else [])
        for name, attempts in surfaces.items()
    ]
    return pytest.mark.parametrize("attempts", rows)


@_each(FOR_MEMBERS)
async def test_viewer_is_refused(
    attempts: list[Attempt], viewer: Actor, expect: Expect, run: Run
) -> None:
    """A viewer may not do what members may do."""
    await _must_be_refused(attempts, viewer, expect, run)


@_each(FOR_ADMINS)
async def test_member_is_refused(
    attempts: list[Attempt], member: Actor, expect: Expect, run: Run
) -> None:
    """A member may not do what admins may do."""
    await _must_be_refused(attempts, member, expect, run)


@_each(FOR_OPERATORS)
async def test_owner_is_refused(
    attempts: list[Attempt], owner: Actor, expect: Expect, run: Run
) -> None:
    """An owner may not do what operators of the platform may do."""
    await _must_be_refused(attempts, owner, expect, run)


async def _must_be_refused(attempts: list[Attempt], actor: Actor, expect: Expect, run: Run) -> None:
    """Expect 403 for each attempt, not 404: the service checks the role first."""
    tenant_id = str((await actor.session()).answer["tenant_id"])
    calls = []
    for one in attempts:
        path = _nowhere(one.operation)
        if one.operation.partition(" ")[2].startswith(BILLING):
            path["tenant_id"] = tenant_id  # of another tenant it would be refused anyway
        run.own(one.operation, path, actor.name)  # it names nothing, so nothing is lost
        calls.append(
            actor.call(one.operation, json=one.json, headers=one.headers, stream=one.stream, **path)
        )
    for exchange in await together(calls):
        expect(exchange, 403)


def _nowhere(operation: str) -> dict[str, Any]:
    """Path values that name nothing."""
    names = [part[1:-1] for part in operation.split("/") if part.startswith("{")]
    return dict.fromkeys(names, NAMELESS)
