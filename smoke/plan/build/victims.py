"""
Victims: no request uses a resource after its deletion, and each deletion has its own resource.
"""

import copy
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from smoke.plan.build.draft import Draft
from smoke.plan.build.producers import Producers
from smoke.plan.values import identity, is_entry, mark_of, references, thing


class Edges:
    """The order constraints between entries; `wish` refuses an edge that would close a circle."""

    def __init__(self) -> None:
        self.before: dict[str, set[str]] = defaultdict(set)

    def add(self, earlier: str, later: str) -> None:
        """Demand an order."""
        self.before[later].add(earlier)

    def wish(self, earlier: str, later: str) -> bool:
        """Demand an order unless the opposite is demanded already; return whether it is now."""
        if earlier == later or self.reaches(later, earlier):
            return False
        self.before[later].add(earlier)
        return True

    def reaches(self, earlier: str, later: str) -> bool:
        """Whether one must already come before the other."""
        stack, seen = [later], {later}
        while stack:
            for name in self.before.get(stack.pop(), ()):
                if name == earlier:
                    return True
                if name not in seen:
                    seen.add(name)
                    stack.append(name)
        return False


def arrange(keys: Mapping[str, Any], edges: Edges) -> tuple[list[str], list[str]]:
    """
    Names in an order that respects the edges, and the names that wait for each other in a circle.

    Where the edges leave a choice, the key decides.
    """
    waiting = {name: {n for n in edges.before.get(name, ()) if n in keys} for name in keys}
    followers: dict[str, list[str]] = defaultdict(list)
    for name, earlier in waiting.items():
        for other in earlier:
            followers[other].append(name)
    # A heap gives the smallest key among the free entries: the order is the same every time.
    ready = [(keys[name], name) for name, earlier in waiting.items() if not earlier]
    heapq.heapify(ready)
    done: list[str] = []
    while ready:
        _, name = heapq.heappop(ready)
        done.append(name)
        for other in followers[name]:
            waiting[other].discard(name)
            if not waiting[other]:
                heapq.heappush(ready, (keys[other], other))
    placed = set(done)
    return done, sorted(name for name in keys if name not in placed)


def circle(names: Iterable[str], edges: Edges) -> list[str]:
    """One circle among names that wait for each other."""
    left = set(names)
    name = min(left)
    way: list[str] = []
    while name not in way:
        way.append(name)
        name = min(n for n in edges.before[name] if n in left)
    return [*way[way.index(name) :], name]


Place = tuple[str, str]


def victim_of(draft: Draft) -> dict[str, Any] | None:
    """The reference to the deleted resource: the last id of the path, else one in the body."""
    named = draft.operation.id.last_parameter
    value: Any = draft.values["path"].get(named)
    if mark_of(value) == "$from":
        return dict(value)
    return next(iter(references(draft.body)), None)


def throw_aways(
    drafts: dict[str, Draft], producers: Producers, key: Callable[[Draft], Any]
) -> Iterator[tuple[Draft, Draft]]:
    """
    Copies of creating requests, each with the deleting request that it is for.

    The last deletion of a resource takes the resource itself; each earlier one gets a copy.
    """
    groups: dict[Place, list[Draft]] = defaultdict(list)
    for draft in drafts.values():
        victim = victim_of(draft) if draft.destructive and draft.sent else None
        if victim is None:
            continue
        if draft.rule.victim:
            yield from _throw_away(drafts, producers, draft, draft.rule.victim)
        elif is_entry(victim):
            groups[thing(victim)].append(draft)
    for (maker, _), group in groups.items():
        # The last deletion takes the resource itself, after all other requests used it.
        for draft in sorted(group, key=key)[:-1]:
            yield from _throw_away(drafts, producers, draft, maker)


def _throw_away(
    drafts: dict[str, Draft], producers: Producers, draft: Draft, maker: str
) -> Iterator[tuple[Draft, Draft]]:
    original = drafts.get(maker)
    if original is None or not original.sent:
        draft.problem = f"its victim is made by {maker}, which is not sent."
        return
    pointer = original.creates or producers.created(original.operation)
    if pointer is None:
        return
    made = _copy(original, f"{maker} for {draft.name}")
    victim = victim_of(draft)
    new = {"$from": made.name, "pointer": pointer, "owned": True}
    # By the same name of the thing: its id, or its key.
    if victim and victim["$from"] == maker:
        new = victim | {"$from": made.name, "owned": True}
    _point(draft, victim, new)
    draft.needs = [made.name, *(n for n in draft.needs if n != maker)]
    yield made, draft


def _copy(original: Draft, name: str) -> Draft:
    made = replace(
        original,
        name=name,
        values=copy.deepcopy(original.values),
        literal=copy.deepcopy(original.literal),
        body=copy.deepcopy(original.body),
        fixed=set(original.fixed),
        sources=dict(original.sources),
        needs=list(original.needs),
    )
    _relabel(made.values, name)
    _relabel(made.body, name)
    return made


def _relabel(value: Any, name: str) -> None:
    """A copy needs a unique name of its own: services refuse the same name twice."""
    if isinstance(value, dict):
        if "$unique" in value:
            value["label"] = f"{value.get('label') or value['$unique']} for {name}"
        for member in value.values():
            _relabel(member, name)
    elif isinstance(value, list):
        for item in value:
            _relabel(item, name)


def _point(draft: Draft, old: dict[str, Any] | None, new: dict[str, Any]) -> None:
    """Replace a reference wherever the request has it."""
    if old is None:
        return

    def replaced(value: Any) -> Any:
        if mark_of(value) == "$from":
            return dict(new) if identity(value) == identity(old) else value
        if isinstance(value, dict):
            return {key: replaced(member) for key, member in value.items()}
        return [replaced(item) for item in value] if isinstance(value, list) else value

    draft.values = replaced(draft.values)
    draft.body = replaced(draft.body)
    named = draft.operation.id.last_parameter
    if named:
        draft.sources[f"path/{named}"] = f"{' '.join(identity(new))} (thrown away)"


def spare(drafts: dict[str, Draft], edges: Edges) -> None:
    """Order the users of a resource before its deletion, unless a rule demands otherwise."""
    users: dict[Place, list[str]] = defaultdict(list)
    for draft in drafts.values():
        for reference in draft.references():
            users[thing(reference)].append(draft.name)
    for draft in drafts.values():
        victim = victim_of(draft) if draft.destructive and draft.sent else None
        for user in _dependents(thing(victim), users) if victim else ():
            edges.wish(user, draft.name)


def _dependents(place: Place, users: Mapping[Place, list[str]]) -> list[str]:
    """The users of a resource, then those of what was made with it: a session in a kernel."""
    found: dict[str, None] = {}
    waiting = [place]
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found[user] = None
                waiting += [other for other in users if other[0] == user]
    return list(found)
