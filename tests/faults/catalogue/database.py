"""Database: its schema, or its promises, are not what the service was written for."""

from typing import Any

from tests.faults.catalogue.operations import CONVERSATION, FORGET, FORGET_MESSAGE, PROFILE, USER
from tests.faults.entries import Database, Fault, Proxied
from tests.faults.interference import pretended, stale
from tests.faults.proxy import Asked

GROUP = "database"


def undone(table: str, column: str, key: str = "id", when: str = "1") -> Database:
    """Each update of a column is taken back."""
    return Database((
        f"CREATE TRIGGER undo AFTER UPDATE OF {column} ON {table} WHEN {when} BEGIN "  # noqa: S608
        f"UPDATE {table} SET {column} = OLD.{column} WHERE {key} = OLD.{key}; END",
    ))  # fmt: skip


def _refused(table: str, action: str, when: str = "") -> Database:
    """Each change of some kind is refused, as in a database that is read only."""
    condition = f"WHEN {when}" if when else ""
    return Database((
        f"CREATE TRIGGER refuse BEFORE {action} ON {table} {condition} "
        "BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END",
    ))  # fmt: skip


def ignored(table: str, action: str, when: str = "1") -> Database:
    """Each change of some kind is dropped without a word."""
    return Database((
        f"CREATE TRIGGER ignore BEFORE {action} ON {table} WHEN {when} "
        "BEGIN SELECT RAISE(IGNORE); END",
    ))  # fmt: skip


def _message_cut(asked: Asked) -> tuple[int, Any]:
    words = asked.path.split("/")
    return 200, {"conversation_id": words[-3], "deleted_message_id": words[-1]}


ENTRIES = [
    Fault(
        "storage_column_missing", GROUP, "storage",
        Database(("ALTER TABLE storage_objects DROP COLUMN agent_key",)),
        caught_by="storage.bytes_come_back",
    ),
    Fault(
        "settings_column_missing", GROUP, "tenants",
        Database(("ALTER TABLE tenant_settings DROP COLUMN plan_metadata",)),
        caught_by="tenancy.tenant_header_must_match_the_token",
        why="the header checks read the tenant's settings first",
    ),
    Fault(
        "runs_column_missing", GROUP, "workflows",
        Database(("ALTER TABLE workflow_runs DROP COLUMN request_message",)),
        caught_by="workflows.*",
    ),
    Fault(
        "users_column_missing", GROUP, "seeding",
        Database(("ALTER TABLE users DROP COLUMN locale",)),
        caught_by="*", says="test-fixtures/apply",
        why="seeding is the first to read users",
    ),
    Fault(
        "activity_column_missing", GROUP, "auth",
        Database(("ALTER TABLE activity_events DROP COLUMN request_id",)),
        caught_by="jwks.token_is_signed_with_a_published_key", says="could not sign in",
        why="every sign-in is recorded as activity, so that is the first thing to break",
    ),
    Fault(
        "migration_not_run", GROUP, "seeding",
        Database(("DROP TABLE conversation_messages",)),
        caught_by="*", says="test-fixtures/apply",
    ),
    Fault(
        "database_is_read_only", GROUP, "seeding",
        _refused("users", "INSERT"), caught_by="*", says="test-fixtures/apply",
    ),
    Fault(
        "objects_table_is_read_only", GROUP, "storage",
        _refused("storage_objects", "INSERT"), caught_by="storage.bytes_come_back",
    ),
    Fault(
        "conversations_cannot_be_updated", GROUP, "conversations",
        _refused("conversations", "UPDATE", "NEW.display_name IS NOT OLD.display_name"),
        caught_by="conversations.title_is_kept",
    ),
    Fault(
        "title_not_persisted", GROUP, "conversations",
        undone("conversations", "display_name"), caught_by="conversations.title_is_kept",
    ),
    Fault(
        "memory_not_persisted", GROUP, "conversations",
        undone("conversations", "memory"), caught_by="conversations.memory_is_kept",
        missed="the contract reads the memory settings of a conversation nowhere, so that only the "
        "answer to the change can be looked at",
    ),
    Fault(
        "profile_not_persisted", GROUP, "users",
        undone("users", "given_name"), caught_by="users.profile_is_kept",
    ),
    Fault(
        "account_name_not_persisted", GROUP, "tenants",
        undone("tenants", "name"), caught_by="tenants.account_name_is_kept",
    ),
    Fault(
        "settings_not_persisted", GROUP, "tenants",
        undone("tenant_settings", "flags", "tenant_id"),
        caught_by="tenants.settings_keep_a_change",
    ),
    Fault(
        "settings_version_never_grows", GROUP, "tenants",
        undone("tenant_settings", "version", "tenant_id"),
        caught_by="tenants.settings_keep_a_change",
    ),
    Fault(
        "conversation_is_not_deleted", GROUP, "conversations",
        ignored("conversations", "DELETE"),
        caught_by="conversations.deleted_conversation_is_gone",
    ),
    Fault(
        "delete_is_only_promised", GROUP, "conversations",
        Proxied(pretended(FORGET, lambda _asked: (204, None))),
        caught_by="conversations.deleted_conversation_is_gone",
    ),
    Fault(
        "message_is_not_deleted", GROUP, "conversations",
        Proxied(pretended(FORGET_MESSAGE, _message_cut)),
        caught_by="conversations.deleted_message_is_gone",
    ),
    Fault(
        "object_is_not_deleted", GROUP, "storage",
        ignored("storage_objects", "DELETE"), caught_by="storage.bytes_come_back",
    ),
    Fault(
        "sessions_are_not_updated", GROUP, "auth",
        undone("user_sessions", "refresh_digest"), caught_by="sessions.refresh_token_rotates",
    ),
    Fault(
        "conversation_is_read_stale", GROUP, "conversations",
        Proxied(stale(CONVERSATION)), caught_by="conversations.title_is_kept",
    ),
    Fault(
        "user_is_read_stale", GROUP, "users",
        Proxied(stale(USER)), caught_by="users.profile_is_kept",
    ),
    Fault(
        "writes_wait_for_a_lock", GROUP, "users",
        Proxied(pretended(PROFILE, lambda _asked: (500, {
            "success": False, "error": "InternalServerError",
            "message": "An unexpected error occurred.", "details": None}))),
        caught_by="users.profile_is_kept",
    ),
]  # fmt: skip
