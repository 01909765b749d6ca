"""
Commands in the values of a request that only reads by its name: `?action=purge`, `mutation {…}`.

A service with one address for everything (GraphQL, SQL, JSON-RPC, CGI) hides the action there.
"""

from collections.abc import Iterator
from typing import Any

from smoke.plan.build.draft import Draft
from smoke.plan.build.naming import words
from smoke.plan.build.words import EFFECTS, NOUNS

# Names of fields with a value that is the action.
NAMES = frozenset(
    {
        *("action", "cmd", "command", "do", "exec", "fn", "func", "function", "method", "mode"),
        *("op", "operation", "procedure", "task", "verb"),
    }
)

# First words of a statement that changes something, in SQL, GraphQL and their relatives.
STATEMENTS = frozenset(
    {
        *("alter", "call", "create", "delete", "detach", "do", "drop", "exec", "execute", "grant"),
        *("insert", "kill", "load", "merge", "mutation", "remove", "rename", "replace", "revoke"),
        *("set", "truncate", "update", "upsert", "vacuum"),
    }
)

# Names of switches that turn a question into an action.
SWITCHES = frozenset({"apply", "commit", "confirm", "execute", "force"})


def command_in(draft: Draft) -> str:
    """The field of a request that commands an action, as `name=value`; empty if none does."""
    sent = [*_fields("", draft.values.get("query", {})), *_fields("", draft.body)]
    return next((f"{name}={value}" for name, value in sent if _commands(name, value)), "")


def _fields(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Each plain value in a request with the name of its field."""
    if isinstance(value, dict):
        for key, inner in value.items():
            # `$from` and its like are placeholders: the run fills them with ids.
            yield from () if key.startswith("$") else _fields(key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(name, inner)
    else:
        yield name, value


def _commands(name: str, value: Any) -> bool:
    named = words(name)
    if value is True:
        return _acts(named) or bool(SWITCHES & set(named))
    if not isinstance(value, str):
        return False
    said = words(value)
    statement = len(said) > 1 and said[0] in STATEMENTS
    return statement or (bool(named) and named[-1] in NAMES and _acts(said))


def _acts(named: tuple[str, ...]) -> bool:
    """Whether words name an action: `purge_after`, not `archive`, which may be the archive."""
    return any(word in EFFECTS for word in named) and not (len(named) == 1 and named[0] in NOUNS)
