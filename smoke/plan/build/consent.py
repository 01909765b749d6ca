"""
Consent: what is sent without a person having decided it; everything else is a problem with a rule.

A request is sent that only asks; that makes something new which can be taken away again; or whose
path names a thing that this run made. No list of words decides that: a name that says nothing
(`POST /flows/frobnicate`) is undecided like one that says `purge`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smoke.plan.build import kinds
from smoke.plan.build.sources import shape
from smoke.plan.build.words import effect_of
from smoke.plan.values import is_entry, mark_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smoke.config.rules import Rules
    from smoke.plan.build.draft import Draft

DISPOSABLE = "disposable"
"""The actor whose sessions may end."""

CREATED = 201


def undecided(draft: Draft, drafts: Mapping[str, Draft], rules: Rules) -> str:
    """
    Why a person must decide whether a request is sent, with rules to paste; empty where it may.
    """
    rule, operation = draft.rule, draft.operation
    usual = drafts[operation.id].rule if operation.id in drafts else rule
    if rule.send or usual.send or rule.destroys is False or rule.ends_session:
        return ""
    if draft.ends_session:
        return "" if _may_end(draft, rules) else _problem(draft, "it ends a session or an account")
    if kinds.reads(operation):
        return ""
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
    """Whether the path names, last, what this run made, what the world has, or a person chose."""
    named = draft.operation.id.last_parameter
    value: Any = draft.values["path"].get(named)
    if f"path/{named}" in draft.fixed or mark_of(value) == "$unique":
        return True
    if mark_of(value) != "$from":
        return False
    of_world = not is_entry(value) and str(value["$from"]).startswith("world.")
    return bool(value.get("owned")) or of_world


def _is_made_up(draft: Draft) -> bool:
    """Whether the id in the path is a new one that the run made up: the request makes the thing."""
    named = draft.operation.id.last_parameter
    chosen = f"path/{named}" in draft.fixed
    return mark_of(draft.values["path"][named]) == "$unique" and not chosen


def _unproven(draft: Draft, drafts: Mapping[str, Draft]) -> str:
    """A documented 201 says that something is new; after another success, a list can show it."""
    listing = drafts.get(f"GET {draft.operation.path}")
    proven = draft.rule.creates is not None or CREATED in draft.operation.success
    name = (draft.creates or "").rpartition("/")[2]
    sent = draft.body.get(name) if isinstance(draft.body, dict) else None
    if proven or mark_of(sent) == "$unique" or (listing is not None and listing.sent):
        return ""
    return _problem(
        draft,
        "its answer need not be about something new (201 is not documented, and no list shows it)",
        f'creates = "{draft.creates}"  # it always makes a new one',
    )


def _stays(draft: Draft, drafts: Mapping[str, Draft]) -> str:
    """What nothing takes away again would stay in the service after every run."""
    item = shape(draft.operation.path.rstrip("/"))
    item = item if draft.operation.path.endswith("}") else f"{item}/{{}}"
    for other in drafts.values():
        deletes = other.operation.method == "DELETE" and other.sent
        if deletes and shape(other.operation.path.rstrip("/")) == item:
            return ""
    return _problem(draft, "nothing takes away again what it makes")


def _why(draft: Draft) -> str:
    told = effect_of(draft.operation)
    if told:
        return f"its name says that it {told}"
    if draft.operation.method in {"PUT", "PATCH"}:
        return "it overwrites what this run did not make"
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
