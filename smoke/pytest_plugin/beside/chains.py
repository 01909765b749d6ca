"""
Chains of checks that must wait for one another: the longest chain begins first.

The length is a guess, in requests: nothing is measured, so a run does not depend on an earlier one.
"""

from collections.abc import Iterable, Mapping, Sequence

from smoke.pytest_plugin.beside.needs import Needs
from smoke.pytest_plugin.beside.preparation import Preparation


class Chains:
    """The length of the longest chain that begins with each check."""

    def __init__(self) -> None:
        """Begin with no check."""
        self._lengths: list[int] = []
        self._of: tuple[int, int] = (-1, 0)

    def lengths(self, prepared: Preparation) -> Sequence[int]:
        """Return the lengths by place, counted anew where something was prepared or made."""
        made = prepared.made_now()
        now = (prepared.changed, len(made))
        if now != self._of:
            self._of = now
            pairs = zip(prepared.needs, prepared.recipes, strict=True)
            weights = [needs.size + (recipe.awaits if recipe else 1) for needs, recipe in pairs]
            self._lengths = chained(prepared.needs, weights, made)
        return self._lengths


def chained(all_needs: Sequence[Needs], weights: Sequence[int], made: Iterable[str]) -> list[int]:
    """Return for each check its own weight and that of the longest chain which waits for it."""
    there = frozenset(made)
    lengths = [0] * len(all_needs)
    # The longest chains so far, from the end, by what they change, touch and make first.
    changed: dict[str, int] = {}
    touched: dict[str, int] = {}
    first: dict[str, int] = {}
    for place in range(len(all_needs) - 1, -1, -1):
        needs = all_needs[place]
        new = needs.first - there
        waiting = (
            _longest(needs.changes, touched),
            _longest(needs.reads, changed),
            _longest(new, first),
        )
        lengths[place] = length = weights[place] + max(waiting)
        for names, longest in (
            (needs.changes, changed), (needs.changes, touched), (needs.reads, touched),
            (new, first),
        ):  # fmt: skip
            for name in names:
                if length > longest.get(name, 0):
                    longest[name] = length
    return lengths


def _longest(names: Iterable[str], lengths: Mapping[str, int]) -> int:
    return max([lengths.get(name, 0) for name in names], default=0)
