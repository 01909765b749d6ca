"""
Changes: whether a plan still matches its contract and rules, and the differences of two plans.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from smoke.config.rules import Rules
from smoke.contract import Contract
from smoke.plan.digests import Digests
from smoke.plan.model import GENERATOR, Entry, Plan

MAX_SHOWN = 120
KEYS = (
    "actor",
    "gate",
    "expect",
    "phase",
    "media_type",
    "creates",
    "destructive",
    "ends_session",
)
FILLED = ("path", "query", "headers", "body")


def stale(plan: Plan, contract: Contract, rules: Rules | None = None) -> list[str]:
    """
    The changes since the plan was built, one sentence each; empty if it is up to date.

    Another release of schemathesis does not make a plan stale: the plan is frozen.
    """
    found: list[str] = []
    if plan.generator != GENERATOR:
        found.append(f"The plan was built by generator {plan.generator}; this is {GENERATOR}.")
    if plan.contract != contract.digest:
        found += _operations(plan, contract) or ["The contract changed, but no operation did."]
    if rules is not None and plan.rules != rules.digest:
        found.append(f"The rules in {rules.source} changed.")
    return found


def _operations(plan: Plan, contract: Contract) -> list[str]:
    digests = Digests(contract)
    now = {o.id: digests.operation(o) for o in contract.operations.values()}
    old = plan.operations
    return [
        *(f"Operation added: {name}." for name in now if name not in old),
        *(f"Operation removed: {name}." for name in old if name not in now),
        *(f"Operation changed: {name}." for name in now if name in old and now[name] != old[name]),
    ]


def diff(old: Plan, new: Plan) -> list[str]:
    """The differences between an old and a new plan, one line each."""
    lines = [f"added: {name}" for name in new.by_name if name not in old.by_name]
    lines += [f"removed: {name}" for name in old.by_name if name not in new.by_name]
    for name, entry in new.by_name.items():
        if name in old.by_name:
            lines += [f"changed: {name}: {text}" for text in _entry(old.by_name[name], entry)]
    return lines + _order(old, new)


def _entry(old: Entry, new: Entry) -> Iterator[str]:
    for key in KEYS:
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield f"{key} {_short(before)} → {_short(after)}"
    for key in FILLED:
        yield from _values(getattr(old, key), getattr(new, key), key)
    if old.stream != new.stream:
        yield "limits of its stream"
    if old.then != new.then:
        yield "its follow-up request to a URL of the answer"
    if set(old.needs) != set(new.needs):
        yield f"needs {_list(old.needs)} → {_list(new.needs)}"
    if old.problem != new.problem:
        yield "problem solved" if new.problem is None else f"problem: {_first(new.problem)}"
    if old.excepted != new.excepted:
        yield f"excepted: {new.excepted.reason}" if new.excepted else "no longer excepted"


def _values(old: Any, new: Any, place: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict) and not _special(old) and not _special(new):
        for key in {**old, **new}:
            yield from _values(old.get(key), new.get(key), f"{place}/{key}")
    elif old != new:
        yield f"{place} {_short(old)} → {_short(new)}"


def _special(value: Mapping[str, Any]) -> bool:
    return any(key.startswith("$") for key in value)


def _order(old: Plan, new: Plan) -> list[str]:
    """The first request with a new position, comparing only the requests of both plans."""
    # Added and removed entries have lines of their own.
    before = [name for name in old.by_name if name in new.by_name]
    after = [name for name in new.by_name if name in old.by_name]
    moved = next((b for a, b in zip(before, after, strict=True) if a != b), None)
    return [] if moved is None else [f"order: from {moved} on"]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _first(text: str) -> str:
    return text.splitlines()[0]
