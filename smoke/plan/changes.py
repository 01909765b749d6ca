"""
Changes: whether a plan still matches its contract and rules, and the differences of two plans.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from smoke.config.rules import Rules
from smoke.contract import Contract, Operation
from smoke.contract.document import references
from smoke.contract.pointers import local, lookup, split
from smoke.contract.shape import METHODS
from smoke.documents.files import cut
from smoke.documents.json import compact_json
from smoke.plan.model import GENERATOR, Entry, Plan

# Hexadecimal digits of a fingerprint: short in the file, and long enough against collisions.
LENGTH = 16


class Digests:
    """The fingerprints of operations, and the references reachable from a value."""

    def __init__(self, contract: Contract) -> None:
        self._document = contract.document
        self._hashes: dict[str, bytes] = {}
        self._direct: dict[str, frozenset[str] | None] = {}

    def operation(self, operation: Operation) -> str:
        """The fingerprint of one operation with its path's shared parts and all references."""
        itself = lookup(self._document, split(operation.pointer))
        item = lookup(self._document, split(operation.pointer.rpartition("/")[0]))
        # What a path declares applies to each of its operations.
        shared = {key: value for key, value in item.items() if key not in METHODS}
        # A request also depends on the server and on the document's security.
        own = [itself, shared, operation.base, self._document.get("security")]
        total = hashlib.sha256(_canonical(own))
        for ref in sorted(self.closure([itself, shared])):
            total.update(ref.encode())
            total.update(self._hash(ref))
        return total.hexdigest()[:LENGTH]

    def closure(self, nodes: Iterable[Any]) -> set[str]:
        """All references reachable from some values; those without a target are ignored."""
        found: set[str] = set()
        stack = [ref for node in nodes for ref in _refs(node)]
        while stack:
            ref = stack.pop()
            if ref not in found and self._leads(ref):
                found.add(ref)
                stack.extend(self._direct[ref] or ())
        return found

    def _leads(self, ref: str) -> bool:
        if ref not in self._direct:
            try:
                value = lookup(self._document, local(ref)) if ref.startswith("#") else None
            except LookupError:
                value = None
            self._direct[ref] = None if value is None else frozenset(_refs(value))
        return self._direct[ref] is not None

    def _hash(self, ref: str) -> bytes:
        if ref not in self._hashes:
            value = lookup(self._document, local(ref))
            self._hashes[ref] = hashlib.sha256(_canonical(value)).digest()
        return self._hashes[ref]


def _canonical(value: Any) -> bytes:
    return compact_json(value, sorted_names=True).encode("utf-8", "surrogatepass")


def _refs(node: Any) -> set[str]:
    return {ref for _, ref in references(node)}


MAX_SHOWN = 120
KEYS = (
    *("actor", "gate", "expect", "phase", "media_type", "creates", "destructive", "ends_session"),
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
    return cut(json.dumps(value, ensure_ascii=False, sort_keys=True), MAX_SHOWN)


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _first(text: str) -> str:
    return text.splitlines()[0]
