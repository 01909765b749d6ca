"""Rows of others: planted in a service before a run, and looked at again after it."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

API = "/api/v1"
PASSWORD = "a password of somebody else 1!"
FEW = 3
"""How many things of each kind are planted in each tenant."""

Digests = dict[tuple[str, str], str]
"""The digest of each row, by its table and row id; of each stored file, by its name."""


@dataclass(frozen=True)
class Store:
    """Where a service keeps its state."""

    database: Path
    objects: Path

    @classmethod
    def within(cls, folder: Path) -> "Store":
        """The state of a service that is started for this folder."""
        return cls(folder / "service.db", folder / "objects")

    @property
    def arguments(self) -> tuple[str, str, str, str]:
        """What makes the embedded service keep its state here."""
        return "--database", str(self.database), "--storage", str(self.objects)

    def digests(self) -> Digests:
        """What is there now: every row of every table, and every stored file."""
        found = {("files", str(path)): _digest(path.read_bytes()) for path in self._files()}
        with self._opened() as database:
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if not table.startswith("sqlite_"):
                    for rowid, *row in database.execute(f'SELECT rowid, * FROM "{table}"'):  # noqa: S608
                        found[table, str(rowid)] = _digest(repr(row).encode())
        return found

    def tenants(self, *slugs: str) -> set[tuple[str, str]]:
        """The rows of some tenants themselves, not of what is theirs."""
        with self._opened() as database:
            rows = database.execute("SELECT slug, rowid FROM tenants").fetchall()
        return {("tenants", str(rowid)) for slug, rowid in rows if slug in slugs}

    def _opened(self) -> "closing[sqlite3.Connection]":
        return closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True))

    def _files(self) -> Iterator[Path]:
        return (path for path in self.objects.rglob("*") if path.is_file())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tenant(slug: str, **more: Any) -> dict[str, Any]:
    """What seeding is asked for: an owner who operates the platform, a member, things."""
    owner, member = (f"{role}@{slug}.example.com" for role in ("owner", "member"))
    return {
        "slug": slug,
        "name": f"Tenant {slug}",
        "users": [
            {"email": owner, "password": PASSWORD, "role": "owner",
             "platform_role": "platform_operator"},
            {"email": member, "password": PASSWORD, "role": "member"},
        ],
        "conversations": [
            {"key": f"{slug}-{n}", "agent_entrypoint": "triage", "user_email": who, "messages": [
                {"role": "user", "text": f"Where is order {n}?"},
                {"role": "assistant", "text": "On its way."},
            ]}
            for n, who in enumerate([owner, member] * FEW)
        ],
        "assets": [{"key": f"{slug}-{n}", "filename": f"{n}.txt"} for n in range(FEW)],
        **more,
    }  # fmt: skip


def plant(url: str, own: str, *others: str) -> None:
    """Plant things of others in the tenant of the run, and in tenants it has nothing to do with."""
    billed = {
        "plan_code": "pro",
        "usage": [
            {"feature_key": "messages", "quantity": 2, "period_start": "2026-01-01T00:00:00Z"}
        ],
        "usage_counters": [{"period_start": "2026-01-01", "requests": 3}],
    }
    wanted = [tenant(own), *(tenant(slug, **billed) for slug in others)]
    with httpx.Client(base_url=url, verify=False, timeout=30) as client:  # noqa: S501  (loopback)
        seeded = _sent(client, "POST", "/test-fixtures/apply", json={"tenants": wanted})
        for slug, made in seeded["tenants"].items():
            _plant_by_hand(client, slug, made)


def _plant_by_hand(client: httpx.Client, slug: str, made: dict[str, Any]) -> None:
    """What only the API makes, as the tenant's owner."""
    login = {"email": f"owner@{slug}.example.com", "password": PASSWORD,
             "tenant_id": made["tenant_id"]}  # fmt: skip
    session = _sent(client, "POST", "/auth/token", json=login)
    client.headers["Authorization"] = f"Bearer {session['access_token']}"
    for n in range(FEW):
        _plant_things(client, f"{slug}-{n}", made["tenant_id"])
    chat = next(iter(made["conversations"].values()))["conversation_id"]
    for path in ("/chat", "/workflows/analysis_code/run"):
        _sent(client, "POST", path, json={"conversation_id": chat, "message": "Hello"})
    _sent(client, "POST", "/auth/mfa/totp/enroll", json={"label": "phone"})
    del client.headers["Authorization"]


def _plant_things(client: httpx.Client, name: str, tenant_id: str) -> None:
    store = _sent(client, "POST", "/vector-stores", json={"name": name})["id"]
    _sent(client, "POST", f"/vector-stores/{store}/bindings/agent-{name}")
    file = {"filename": f"{name}.txt", "mime_type": "text/plain", "size_bytes": 5}
    upload = _sent(client, "POST", "/storage/objects/upload-url", json=file)
    credential = client.headers.pop("Authorization")
    put = client.request(
        upload["method"], upload["upload_url"], headers=upload["headers"], content=b"hello"
    )
    assert put.is_success, put.text
    client.headers["Authorization"] = credential
    whole = {"object_id": upload["object_id"]}
    kept = _sent(client, "POST", f"/vector-stores/{store}/files/upload", json=whole)
    inside = {"name": name, "file_ids": [kept["openai_file_id"]]}
    container = _sent(client, "POST", "/containers", json=inside)["id"]
    _sent(
        client, "POST", f"/containers/agents/agent-{name}/container",
        json={"container_id": container},
    )  # fmt: skip
    invite = {"invited_email": f"{name}@invited.example.com", "role": "viewer"}
    _sent(client, "POST", "/tenants/invites", json=invite)
    _sent(client, "POST", "/auth/invites", json={})
    asked = {"email": f"{name}@asks.example.com", "organization": "Others", "full_name": "Other",
             "accept_terms": True}  # fmt: skip
    _sent(client, "POST", "/auth/request-access", json=asked)
    target = {"channel": "email", "target": f"{name}@reads.example.com"}
    _sent(client, "POST", "/status/subscriptions", json=target)
    _sent(client, "POST", "/users/consents", json={"policy_key": "terms", "version": name})
    preference = {"channel": "email", "category": name, "enabled": True}
    _sent(client, "PUT", "/users/notification-preferences", json=preference)
    issue = {"account": "analytics-batch", "scopes": ["conversations:read"], "tenant_id": tenant_id,
             "reason": "planted by us", "fingerprint": name}  # fmt: skip
    _sent(client, "POST", "/auth/service-accounts/browser-issue", json=issue)


def _sent(client: httpx.Client, method: str, path: str, **options: Any) -> Any:
    answer = client.request(method, API + path, **options)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
