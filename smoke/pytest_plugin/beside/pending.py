"""Checks that are not prepared yet: what is to be set up for them, and what must not run then."""

from dataclasses import dataclass, field, replace

import pytest

from smoke.pytest_plugin.beside.needs import Needs, named_alone, named_beside
from smoke.pytest_plugin.beside.recipe import (
    asked_by,
    definition_of,
    is_of_project,
    is_set_up,
    needed_by,
    shared_names,
)

# Fixtures that sign in when they are first used.
ACTORS = frozenset({"owner", "operator", "member", "viewer", "outsider", "disposable"})

# Fixtures that give any of them.
ANY_ACTOR = frozenset({"actor", "actors"})


@dataclass
class Earlier:
    """What the checks before one that is looked at are still to make, and what they change."""

    changes: set[str] = field(default_factory=set)
    first: set[str] = field(default_factory=set)
    # Whether one of them may use any fixture: that shows only when it runs.
    is_unknown: bool = False

    def add(self, needs: Needs, *, is_unknown: bool) -> None:
        """Take one more check into account, which has not ended."""
        self.changes |= needs.changes
        self.first |= needs.first
        self.is_unknown = self.is_unknown or is_unknown


class Pending:
    """The shared fixtures of one check that pytest has not set up, and what their setup changes."""

    def __init__(self, item: pytest.Item) -> None:
        """Begin with what does not change."""
        names = [name for name in shared_names(item) if is_of_project(item, name)]
        self.new = set(names)
        self._item = item
        self._size = -1
        self._alone, self._apart = named_alone(item), named_beside(item)
        self._changes: set[str] = set()
        self._first: set[str] = set()

    def update(self, there: set[str]) -> bool:
        """Leave out fixtures that pytest has set up by now; whether there are more of these."""
        if self._size == len(there):
            return False
        self._size = len(there)
        left = self.new - there
        self.new = {name for name in left if not is_set_up(self._item, name)}
        # What a mark sets apart is changed only by the setup of a fixture that asks for it itself.
        needed = needed_by(self._item, self.new)
        asked = needed - self._apart | needed_by(self._item, self.new, there=there)
        found = {f"fixture {name}" for name in asked if is_of_project(self._item, name)}
        self._changes = found | self._alone
        signing_in = {f"actor {name}" for name in self._signing_in(needed)}
        self._first = signing_in | ({"sign-in"} if signing_in else set())
        return True

    def _signing_in(self, needed: set[str]) -> frozenset[str]:
        """The actors that may sign in during the setup: any, where a fixture asks for any."""
        definitions = (definition_of(self._item, name) for name in self.new)
        asked = {need for one in definitions for need in asked_by(self._item, one)}
        if not asked.isdisjoint(ANY_ACTOR):
            return ACTORS
        return ACTORS.intersection(needed.union(getattr(self._item, "fixturenames", ())))

    def may_be_set_up(self, earlier: Earlier, made: set[str]) -> bool:
        """
        Whether the new fixtures can be set up before the check's turn.

        They may sign in and send requests. What an earlier check is to do first, in the suite's
        order, they must not do; nor must they change a fixture that such a check uses, or what
        the check must be alone with.
        """
        if earlier.is_unknown or not self._changes.isdisjoint(earlier.changes):
            return False
        return self._first.intersection(earlier.first) <= made

    def needs(self, needs: Needs) -> Needs:
        """What the check needs until it is set up: its setup may change all that it asks for."""
        return replace(
            needs, changes=needs.changes | self._changes, first=needs.first | self._first
        )
