"""What stands in the embedded service's tables: before a run, and after it was swept."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

from tests.foreign import Store

Row = Mapping[str, Any]
# Each row by its table and row id; each stored file by its name.
Rows = dict[tuple[str, str], Row]


def _set(column: str) -> Callable[[Row], bool]:
    return lambda row: row[column] is not None


def _not(column: str, value: str) -> Callable[[Row], bool]:
    return lambda row: row[column] != value


# Whether a row that the API switches off, and never deletes, is switched off.
OVER: Mapping[str, Callable[[Row], bool]] = {
    "tenants": lambda row: row["status"] == "deprovisioned",
    "user_sessions": _set("revoked_at"),
    "mfa_methods": _set("revoked_at"),
    "service_account_tokens": _set("revoked_at"),
    "team_invites": _not("status", "active"),
    "signup_invites": _not("status", "active"),
    "workflow_runs": _set("hidden_at"),
}

# Rows that no operation deletes, and why they stay.
LASTING: Mapping[str, str] = {
    "users": "an account is only disabled by itself",
    "signup_requests": "a request is decided, and its decision kept",
    "status_subscriptions": "ends with a token that is only sent by mail",
    "status_tokens": "of a subscription to the status page",
    "status_notices": "of a subscription to the status page",
    "activity_events": "a log",
    "activity_receipts": "who has read the log",
    "billing_events": "a log",
    "invoices": "of a tenant that is billed",
    "usage_records": "of a tenant that is billed",
    "subscriptions": "of a tenant that is billed; canceled with it",
    "sso_states": "the state of a sign-in at a provider, which expires",
    "login_failures": "a counter",
    "usage_counters": "a counter",
    "status_incidents": "what the status page shows from the beginning",
    "provider_files": "a copy at the provider, which outlives what it was made of",
    "stored files": "bytes of such a copy; those of a stored object go with it",
    "one_time_tokens": "end by themselves",
    "former_passwords": "of an account",
    "consents": "of an account",
    "notification_preferences": "of an account",
    "mfa_recovery_codes": "of an account",
    "mfa_wrong_codes": "a counter",
    "contact_messages": "a message that was sent",
    "tenant_settings": "of a tenant",
    "tenant_features": "of a tenant",
}

# Columns that a run changes at most for a while.
PUT_BACK: Mapping[str, tuple[str, ...]] = {
    "tenants": ("name", "status", "plan_code"),
    "tenant_settings": ("billing_contacts", "billing_webhook_url", "plan_metadata", "flags"),
    "users": ("email", "display_name", "given_name", "family_name", "email_verified",
              "disabled_at", "platform_role"),
    "memberships": ("role", "status"),
    "mfa_methods": ("revoked_at",),
}  # fmt: skip

# Rows that only their own account takes away; a killed run takes their passwords along.
PERSONAL = frozenset({"user_sessions", "mfa_methods"})


def rows(store: Store) -> Rows:
    """Everything there is now: every row of every table, and every stored file."""
    found: Rows = {
        ("stored files", str(path.relative_to(store.objects))): {"bytes": path.read_bytes()}
        for path in store.objects.rglob("*")
        if path.is_file()
    }
    with closing(sqlite3.connect(f"file:{store.database}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if not table.startswith("sqlite_"):
                for row in database.execute(f'SELECT rowid AS row_number, * FROM "{table}"'):  # noqa: S608
                    found[table, str(row["row_number"])] = dict(row)
    return found


def left_behind(before: Rows, after: Rows) -> list[str]:
    """
    What is there that was not there before, and that the API could have taken away.

    What belongs to a tenant that is switched off is, too; so is what only an account that is new
    could take away from itself.
    """
    gone = {row["id"] for key, row in after.items() if key[0] == "tenants" and _over(*key, row)}
    new = {row["id"] for key, row in after.items() if key[0] == "users" and key not in before}
    return [
        f"{key[0]}: {_named(row)}"
        for key, row in after.items()
        if key not in before
        and key[0] not in LASTING
        and not _over(*key, row)
        and row.get("tenant_id") not in gone
        and not (key[0] in PERSONAL and row["user_id"] in new)
    ] + list(_altered(before, after))


def _altered(before: Rows, after: Rows) -> Iterator[str]:
    """What a run should have put back as it was."""
    for (table, number), row in before.items():
        now = after.get((table, number), row)
        for column in PUT_BACK.get(table, ()):
            if now[column] != row[column]:
                yield f"{table}: {column} was {row[column]!r} and is {now[column]!r}"


def _over(table: str, _number: str, row: Row) -> bool:
    """Whether a row is there and switched off."""
    return table in OVER and OVER[table](row)


def _named(row: Row) -> str:
    """A row in a few words: no digest, no secret, no time."""
    words = ("id", "name", "slug", "status", "email", "filename", "agent_key", "user_agent")
    values = {name: row[name] for name in words if row.get(name) is not None}
    return ", ".join(f"{name} {value}" for name, value in values.items()) or str(sorted(row))


def lasting(before: Rows, after: Rows) -> Counter[str]:
    """How many rows of each table are new and stay, because no operation deletes them."""
    fresh = [table for table, number in after if (table, number) not in before]
    return Counter(fresh)


def touched(planted: Rows, after: Rows) -> list[str]:
    """Rows of others that are gone or not bit by bit what they were."""
    return [
        f"{table} {number}"
        for (table, number), row in planted.items()
        if after.get((table, number)) != row
    ]
