"""
Consents, notification preferences and the contact form.
"""

from typing import Any

import httpx
import pytest

from .world import World

CONSENTS = "/api/v1/users/consents"
PREFERENCES = "/api/v1/users/notification-preferences"


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
    assert viewer.get(PREFERENCES).json() == [again, here] or viewer.get(PREFERENCES).json() == [
        here,
        again,
    ]
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
