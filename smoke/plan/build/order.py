"""Order: prerequisites first, deletions last, and otherwise phase by phase."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any


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
