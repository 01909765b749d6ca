"""
The suite that many teams write: fifty tests, each signs in for itself and looks at a little.

`pytest tests/bench/by_hand.py` with the service's URL in BENCH_URL, where its account is seeded.
"""

import os
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

EMAIL, PASSWORD = "bench-owner@example.com", "Bench-owner-of-loopback-1a"
API = "/api/v1"

READS = [
    "activity", "agents", "assets", "auth/me", "auth/mfa", "auth/service-accounts/tokens",
    "auth/sessions", "auth/signup-policy", "billing/plans", "containers", "conversations",
    "features", "guardrails", "guardrails/presets", "status", "storage/objects",
    "tenants/account", "tenants/invites", "tenants/invites/policy", "tenants/members",
    "tenants/settings", "tools", "usage", "users/consents", "users/me",
    "users/notification-preferences", "vector-stores", "workflows", "workflows/runs",
]  # fmt: skip
OPEN = ["/health", "/health/ready", "/health/storage", "/.well-known/jwks.json"]
MADE = ["containers", "vector-stores"]
SECURED = [
    "agents", "assets", "conversations", "containers", "tenants/members", "tenants/settings",
    "users/me", "vector-stores", "workflows", "activity", "usage",
]  # fmt: skip


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """A client that has just signed in."""
    with httpx.Client(base_url=os.environ["BENCH_URL"], timeout=30) as client:
        signed_in = client.post(f"{API}/auth/token", json={"email": EMAIL, "password": PASSWORD})
        assert signed_in.status_code == 200
        client.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        yield client


@pytest.mark.parametrize("path", READS)
def test_read(path: str, client: httpx.Client) -> None:
    assert client.get(f"{API}/{path}").status_code == 200


@pytest.mark.parametrize("path", OPEN)
def test_open(path: str, client: httpx.Client) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", MADE)
def test_thing_is_made_read_and_deleted(path: str, client: httpx.Client) -> None:
    made = client.post(f"{API}/{path}", json={"name": f"bench-{uuid4().hex[:8]}"})
    assert made.status_code == 201
    place = f"{API}/{path}/{made.json()['id']}"
    assert client.get(place).status_code == 200
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404


@pytest.mark.parametrize("path", SECURED)
def test_anonymous_is_refused(path: str, client: httpx.Client) -> None:
    del client.headers["Authorization"]
    assert client.get(f"{API}/{path}").status_code == 401


def test_chat_answers(client: httpx.Client) -> None:
    answer = client.post(f"{API}/chat", json={"message": "Hello."})
    assert answer.status_code == 200


def test_workflow_runs(client: httpx.Client) -> None:
    key = client.get(f"{API}/workflows").json()["items"][0]["key"]
    assert client.post(f"{API}/workflows/{key}/run", json={"message": "Hello."}).status_code == 200


def test_name_is_changed(client: httpx.Client) -> None:
    body = {"display_name": "Bench"}
    assert client.patch(f"{API}/users/me/profile", json=body).status_code == 200


def test_wrong_password_is_refused(client: httpx.Client) -> None:
    body = {"email": EMAIL, "password": "wrong-for-the-bench-1A"}
    assert client.post(f"{API}/auth/token", json=body).status_code == 401
