"""
Consents, notification preferences, the contact form, and limits.
"""

from typing import Any

import httpx
import pytest

from .process import client, served
from .world import World

CONSENTS = "/api/v1/users/consents"
PREFERENCES = "/api/v1/users/notification-preferences"
ASK = "/api/v1/auth/request-access"


def test_consents_are_read_back_newest_first(member: httpx.Client, viewer: httpx.Client) -> None:
    for version in ("1", "2"):
        body = {"policy_key": "terms", "version": version}
        assert member.post(CONSENTS, json=body).status_code == 201
    read = member.get(CONSENTS).json()
    assert [(one["policy_key"], one["version"]) for one in read] == [("terms", "2"), ("terms", "1")]
    assert viewer.get(CONSENTS).json() == []


def test_a_preference_is_kept_and_changed(world: World, viewer: httpx.Client) -> None:
    body: dict[str, Any] = {"channel": "email", "category": "billing", "enabled": False}
    first = viewer.put(PREFERENCES, json=body).json()
    again = viewer.put(PREFERENCES, json=body | {"enabled": True}).json()
    assert again == first | {"enabled": True}
    here = viewer.put(PREFERENCES, json=body | {"tenant_id": world.tenant_id}).json()
    assert here["id"] != first["id"]
    read = viewer.get(PREFERENCES).json()
    assert sorted(read, key=str) == sorted([again, here], key=str)
    elsewhere = body | {"tenant_id": world.other_tenant_id}
    assert viewer.put(PREFERENCES, json=elsewhere).status_code == 403


@pytest.mark.parametrize(("honeypot", "suppressed"), [(None, False), ("spam", True)])
def test_a_message_is_taken(
    anonymous: httpx.Client, honeypot: str | None, suppressed: bool
) -> None:
    body = {"email": "ada@example.com", "message": "Where is the lighthouse?"}
    taken = anonymous.post("/api/v1/contact", json=body | {"honeypot": honeypot})
    assert taken.status_code == 202
    assert taken.json()["data"]["suppressed"] is suppressed
    assert taken.json()["data"]["reference_id"]


def test_limits_hold_where_they_are_asked_for(anonymous: httpx.Client) -> None:
    body = {"email": "often@example.com", "message": "Where is the lighthouse?"}
    free = [anonymous.post("/api/v1/contact", json=body).status_code for _ in range(4)]
    assert free == [202] * 4
    with served(REFERENCE_LIMITS="true") as service, client(service.url) as visitor:
        answers = [visitor.post("/api/v1/contact", json=body) for _ in range(4)]
        assert [one.status_code for one in answers] == [202, 202, 202, 429]
        assert 0 < int(answers[3].headers["retry-after"]) <= 3600
        target = {"channel": "email", "target": "ada@example.com"}
        subscribe = "/api/v1/status/subscriptions"
        mails = [visitor.post(subscribe, json=target).status_code for _ in range(6)]
        assert mails == [201] * 5 + [429]
        elsewhere = {"X-Forwarded-For": "192.0.2.77"}
        assert visitor.post(subscribe, json=target, headers=elsewhere).status_code == 201
        asked = [visitor.post(ASK, json=_asking(n)).status_code for n in range(4)]
        assert asked == [202, 202, 202, 429]


def _asking(number: int) -> dict[str, Any]:
    email = f"asker{number}@example.com"
    return {"email": email, "organization": "Sea", "full_name": "Ada", "accept_terms": True}
