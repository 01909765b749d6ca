"""
Variants of the service: each does what the contract leaves open in its own way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from uuid import uuid4

import httpx
import pytest

from smoke.reference.settings import Settings, SettingsError, StorageProvider
from smoke.reference.variants import VARIANTS

from .process import client, served
from .world import World, seed

TALKS = "/api/v1/conversations"
STORES = "/api/v1/vector-stores"
LAG_S = 0.5


@contextmanager
def variant(name: str) -> Iterator[tuple[World, httpx.Client, httpx.Client]]:
    """
    A service in a variant: its world, an admin, and the owner of another tenant.
    """
    with served("--variant", name) as service:
        world = seed(service.url, uuid4().hex[:8])
        with world.signed_in("admin") as admin, world.signed_in("outsider") as outsider:
            yield world, admin, outsider


def named(admin: httpx.Client) -> str:
    (row,) = admin.get(TALKS).json()["items"]
    return str(row["conversation_id"])


def make_stores(admin: httpx.Client, *names: str) -> None:
    for name in names:
        assert admin.post(STORES, json={"name": name}).status_code == 201


def test_full_names_conversations_by_key_and_takes_both_forms() -> None:
    with variant("full") as (world, admin, outsider):
        assert named(admin) == world.conversation_name
        for text in (world.conversation_id, world.conversation_name):
            assert admin.get(f"{TALKS}/{text}").json()["conversation_id"] == named(admin)
        assert outsider.get(f"{TALKS}/{world.conversation_id}").status_code == 404
        make_stores(admin, "first", "second")
        assert [row["name"] for row in admin.get(STORES).json()["items"]] == ["second", "first"]


def test_stock_lacks_what_nobody_switched_on() -> None:
    with variant("stock") as (world, admin, _):
        assert admin.get(f"/api/v1/billing/tenants/{world.tenant_id}/invoices").status_code == 403
        assert admin.get("/api/v1/activity/stream").status_code == 503
        assert admin.post(STORES, json={"name": "x"}).status_code == 500
        wanted = {"filename": "a.txt", "mime_type": "text/plain", "size_bytes": 1}
        upload = admin.post("/api/v1/storage/objects/upload-url", json=wanted).json()
        assert upload["upload_url"].startswith("memory://")
        account = admin.get("/api/v1/tenants/account").json()
        assert account["created_at"][-1].isdigit()  # no offset
        assert admin.get("/api/v1/guardrails").json() == []


def test_strict_names_conversations_by_uuid_and_turns_lists_round() -> None:
    with variant("strict") as (world, admin, outsider):
        assert named(admin) == world.conversation_id
        assert outsider.get(f"{TALKS}/{world.conversation_id}").status_code == 403
        make_stores(admin, "first", "second")
        assert [row["name"] for row in admin.get(STORES).json()["items"]] == ["first", "second"]
        for title in ("one", "two"):
            admin.post("/api/v1/chat", json={"message": title})
        changed = [row["updated_at"] for row in admin.get(TALKS).json()["items"]]
        assert changed == sorted(changed, reverse=True)  # the contract documents this order


def test_lenient_names_conversations_by_number_and_says_more() -> None:
    with variant("lenient") as (world, admin, _):
        assert named(admin).isdigit()
        assert admin.get(f"{TALKS}/{named(admin)}").status_code == 200
        assert admin.get(f"{TALKS}/{world.conversation_name}").status_code == 200
        first = admin.get(TALKS, params={"limit": 1}).json()
        rest = admin.get(TALKS, params={"limit": 1, "cursor": first["next_cursor"]}).json()
        assert (rest["items"], rest["next_cursor"]) == ([], None)
        assert "x_newer_version" in first
        assert "x_newer_version" not in admin.get("/.well-known/jwks.json").json()
        assert admin.delete(f"{TALKS}/{uuid4()}").status_code == 204
        with client(world.url) as visitor:
            assert visitor.get(TALKS).status_code == 403


def test_lagging_shows_lists_late_and_details_at_once() -> None:
    with variant("lagging") as (_, admin, _):
        began = monotonic()
        made = admin.post(STORES, json={"name": "late"}).json()
        assert admin.get(f"{STORES}/{made['id']}").status_code == 200
        if monotonic() - began < LAG_S:
            assert admin.get(STORES).json()["items"] == []
        while not admin.get(STORES).json()["items"]:
            assert monotonic() - began < 20
        assert monotonic() - began > LAG_S


def test_environment_wins_over_the_variant() -> None:
    asked = {"REFERENCE_VARIANT": "stock", "ENABLE_BILLING": "true"}
    settings = Settings.from_environment(asked)
    assert (settings.enable_billing, settings.enable_activity_stream) == (True, False)
    assert settings.storage_provider is StorageProvider.MEMORY
    assert settings.reference_variant is VARIANTS["stock"]


def test_unknown_variant_part_and_number_are_named() -> None:
    wrong = {
        "REFERENCE_VARIANT": "tidy",
        "REFERENCE_WITHOUT": "ai, tape",
        "REFERENCE_HASH_MS": "long",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(wrong)
    assert str(caught.value).splitlines() == [
        "REFERENCE_VARIANT='tidy' is unknown. Use one of: full, stock, strict, lenient, lagging.",
        "REFERENCE_WITHOUT='tape' is unknown. Use one of: ai, containers, provider, sso, storage, "
        "vector_stores.",
        "REFERENCE_HASH_MS='long' is not a number. Use whole milliseconds.",
    ]


def test_slow_hashes_and_work_are_felt() -> None:
    with served(REFERENCE_HASH_MS="100", REFERENCE_WORK_MS="50") as service:
        world = seed(service.url, uuid4().hex[:8])
        began = monotonic()
        world.login("admin")  # one hash to verify the password, one to keep the refresh token
        assert monotonic() - began > 0.25
        with client(service.url) as visitor:
            began = monotonic()
            visitor.get("/health")
            assert monotonic() - began > 0.05
