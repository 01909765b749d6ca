"""
Consent: the requests that are sent without a decision by a person; all others are problems.

A request is sent if it only reads, if it creates a resource that can be deleted again, or if its
path names a resource of this run. No list of words decides that: a meaningless name
(`POST /flows/frobnicate`) is as undecided as `purge`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from smoke.config.rules import Rules
from smoke.contract.operation_id import shape
from smoke.contract.paging import listing_of
from smoke.plan.build import kinds
from smoke.plan.build.draft import Draft
from smoke.plan.build.kinds import EFFECTS, NOUNS, effect_of
from smoke.plan.build.naming import words
from smoke.plan.values import is_entry, mark_of

# The name of the actor with disposable sessions.
DISPOSABLE = "disposable"

CREATED = 201


def undecided(draft: Draft, drafts: Mapping[str, Draft], rules: Rules) -> str:
    """The decision that a person must make, with rules to paste; empty if none is necessary."""
    rule, operation = draft.rule, draft.operation
    usual = drafts[operation.id].rule if operation.id in drafts else rule
    # A decision for the usual request also holds for additional requests of the operation.
    if rule.send or usual.send or rule.destroys is False or rule.ends_session:
        return ""
    if draft.ends_session:
        return "" if _may_end(draft, rules) else _problem(draft, "it ends a session or an account")
    if kinds.reads(operation):
        command = command_in(draft)
        return _problem(draft, f"it reads by its name, but sends {command}") if command else ""
    # Such as `GET /cache/clear`: `reads` has found an action in its name.
    if operation.safe:
        return _problem(draft, "its method promises to change nothing, but its name does not")
    if names_own(draft):
        return _stays(draft, drafts) if _is_made_up(draft) else ""
    if draft.creates is not None and (rule.creates is not None or not effect_of(operation)):
        return _unproven(draft, drafts) or _stays(draft, drafts)
    return _problem(draft, _why(draft))


def _may_end(draft: Draft, rules: Rules) -> bool:
    """A session that this run began may end; an account, and sessions of others, may not."""
    if draft.destructive:
        return False
    own = rules.login.kind == "session" and not kinds.ends_all_sessions(draft.operation)
    return own or draft.actor == DISPOSABLE


def names_own(draft: Draft) -> bool:
    """Whether the last id of the path belongs to this run or the world, or a person chose it."""
    named = draft.operation.id.last_parameter
    value: Any = draft.values["path"].get(named)
    if f"path/{named}" in draft.fixed or mark_of(value) == "$unique":
        return True
    if mark_of(value) != "$from":
        return False
    of_world = not is_entry(value) and str(value["$from"]).startswith("world.")
    return bool(value.get("owned")) or of_world


def _is_made_up(draft: Draft) -> bool:
    """Whether the run invented the id in the path, so that the request creates the resource."""
    named = draft.operation.id.last_parameter
    chosen = f"path/{named}" in draft.fixed
    return mark_of(draft.values["path"][named]) == "$unique" and not chosen


def _unproven(draft: Draft, drafts: Mapping[str, Draft]) -> str:
    """A documented 201 proves a new resource; for another success, a list must show it."""
    listed = listing_of(
        draft.operation.path, {d.operation.id: d.operation for d in drafts.values()}
    )
    listing = drafts.get(listed or "")
    proven = draft.rule.creates is not None or CREATED in draft.operation.success
    name = (draft.creates or "").rpartition("/")[2]
    sent = draft.body.get(name) if isinstance(draft.body, dict) else None
    if proven or mark_of(sent) == "$unique" or (listing is not None and listing.sent):
        return ""
    return _problem(
        draft,
        "its answer may be about an older resource (201 is not documented, and no list shows it)",
        f'creates = "{draft.creates}"  # it always makes a new one',
    )


def _stays(draft: Draft, drafts: Mapping[str, Draft]) -> str:
    """Without a DELETE, the resource would stay in the service after every run."""
    item = shape(draft.operation.path.rstrip("/"))
    item = item if draft.operation.path.endswith("}") else f"{item}/{{}}"
    for other in drafts.values():
        deletes = other.operation.method == "DELETE" and other.sent
        if deletes and shape(other.operation.path.rstrip("/")) == item:
            return ""
    return _problem(draft, "no operation deletes the resource that it creates")


def _why(draft: Draft) -> str:
    effect = effect_of(draft.operation)
    if effect:
        return f"its name suggests that it {effect}"
    if draft.operation.method in {"PUT", "PATCH"}:
        return "it overwrites a resource that this run did not make"
    return "nothing shows that it touches only what this run made"


def _problem(draft: Draft, reason: str, other: str = "") -> str:
    operation = draft.operation
    lines = [f"# {other}"] if other else []
    if operation.id.last_parameter and not operation.safe:
        lines.append('# own = "POST /…"  # the operation that made what its path names')
    if draft.phase == kinds.UPDATE:
        lines.append('# send = "same"  # read it before, write that back, and compare')
    lines.append('# except = { reason = "…" }')
    return "\n".join(
        [
            f"it is not sent, as {reason}. Decide: to send it as it is, paste:",
            f'[[rule]]\noperation = "{operation.id}"\nsend = true\n# or, in place of send:',
            *lines,
        ]
    )


# Commands in the values of a request that only reads by its name: `?action=purge`, `mutation {…}`.
#
# A service with one address for everything (GraphQL, SQL, JSON-RPC, CGI) hides the action there.
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
