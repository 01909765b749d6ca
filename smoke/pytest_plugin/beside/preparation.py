"""
Setup of shared fixtures before the turn of a check, so that it can start ahead.

That happens in the suite's order, while no loop is running, and only if it disturbs no check.
"""

import asyncio
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from smoke.plan import Plan
from smoke.pytest_plugin.beside.ahead import ERRORS, Ahead
from smoke.pytest_plugin.beside.needs import Needs, named_alone, named_beside, needs_of
from smoke.pytest_plugin.beside.recipe import (
    Recipe,
    asked_by,
    definition_of,
    is_dynamic,
    is_of_project,
    is_set_up,
    is_skipped,
    needed_by,
    recipe_of,
    shared_names,
)
from smoke.pytest_plugin.beside.shared import Shared, asked_outside, makeable
from smoke.session.actors import Actor
from smoke.session.caller import Caller

# The number of checks after the current one among which the next to start is chosen.
LOOKAHEAD = 400


# Fixtures that sign in when they are first used.
ACTORS = frozenset({"owner", "operator", "member", "viewer", "outsider", "disposable"})

# Fixtures that give any of them.
ANY_ACTOR = frozenset({"actor", "actors"})


@dataclass
class Earlier:
    """What earlier checks still have to make, and what they change."""

    changes: set[str] = field(default_factory=set)
    first: set[str] = field(default_factory=set)
    # Whether one of them asks for fixtures while it runs, so that it may use any.
    is_unknown: bool = False

    def add(self, needs: Needs, *, is_unknown: bool) -> None:
        """Take one more check into account, which has not ended."""
        self.changes |= needs.changes
        self.first |= needs.first
        self.is_unknown = self.is_unknown or is_unknown


# What is not set up yet may change anything that its fixtures ask for.
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


class Preparation:
    """The needs of each check, in the suite's order, and the recipe for its fixtures."""

    def __init__(
        self,
        plan: "Plan",
        begun: "Mapping[int, Ahead]",
        within: "Callable[[pytest.Item], AbstractContextManager[None]]",
        before_setup: "Callable[[], None]",
        after_setup: "Callable[[object], None]",
    ) -> None:
        """
        Begin with no check.

        `begun` has the checks that began ahead, by place. `within` gives the context for the setup
        of a check; the other two are called before and after a setup that may send requests.
        """
        self.items: Sequence[pytest.Item] = ()
        self.recipes: list[Recipe | None] = []
        self.needs: list[Needs] = []
        self.changed = 0
        self.made: set[str] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._plan = plan
        self._begun = begun
        self._within = within
        self._before_setup = before_setup
        self._set: set[str] = set()
        self.shared = Shared(after_setup)
        self._pending: dict[int, Pending] = {}
        # Their needs, without the changes of their setup.
        self._base: dict[int, Needs] = {}
        self._dynamic: set[int] = set()
        self._actors: set[Actor] = set()

    def made_now(self) -> set[str]:
        """Return what exists by now; an actor does once it has signed in."""
        there = {f"actor {actor.name}" for actor in self._actors if actor.is_signed_in}
        return self.made | there | ({"sign-in"} if there else set())

    def look_ahead(self, at: int) -> None:
        """Set up what the checks after `at` share, as far as possible."""
        most = min(len(self.items), at + 1 + LOOKAHEAD)
        if not self._pending and len(self.needs) >= most:
            return
        earlier = Earlier()
        # The checks before it may all have been skipped: then they have not been prepared.
        for place in range(min(at, len(self.needs)), most):
            if place == len(self.needs):
                self.recipes.append(None)
                self.needs.append(Needs())
                if place < at:
                    continue
                self._pending[place] = Pending(self.items[place])
                if is_dynamic(self.items[place]):
                    self._dynamic.add(place)
            pending = self._pending.get(place)
            if pending is not None:
                self._prepare(place, at, pending, earlier)
            if not self._is_over(place):
                # pytest has set up the current check itself: what that one asked for is there.
                is_known = place == at or place in self._begun
                is_unknown = not is_known and place in self._dynamic
                earlier.add(self.needs[place], is_unknown=is_unknown)

    def _prepare(self, place: int, at: int, pending: Pending, earlier: Earlier) -> None:
        """Set up what a check shares with others, if it may, and note what it needs."""
        is_new = pending.update(self._set)
        if self._is_prepared(place, at, pending, earlier):
            del self._pending[place]
            self.changed += 1
        elif is_new:
            if place not in self._base:
                self._base[place] = self._needs_of(self.items[place], {})
            self.needs[place] = pending.needs(self._base[place])

    def _is_prepared(self, place: int, at: int, pending: Pending, earlier: Earlier) -> bool:
        item = self.items[place]
        if place > at and pending.new and not self._is_there(place, item, pending, earlier):
            return False
        shared: dict[str, Any] | None = None
        if place == at or not is_skipped(item):
            if pending.new:
                self._before_setup()
            with self._within(item):
                shared = self._set_up(item, shared_names(item))
        recipe = recipe_of(item) if shared is not None and place > at else None
        if recipe is not None and shared is not None:
            recipe.values = {**shared, **recipe.values}
        self.recipes[place], self.needs[place] = recipe, self._needs_of(item, shared or {})
        return True

    def _is_there(self, place: int, item: pytest.Item, pending: Pending, earlier: Earlier) -> bool:
        """Whether pytest may set up the new fixtures of an item, made in a task if possible."""
        task = self.shared.tasks.get(place)
        if task is not None:
            return task.done()
        if not self.shared.names.isdisjoint(pending.new):
            return False
        if not pending.may_be_set_up(earlier, self.made_now()):
            return False
        names = None if is_skipped(item) else makeable(item, pending.new)
        if names is None:
            return True
        with self._within(item):
            values = self._set_up(item, asked_outside(item, names))
            if values is None or self.loop is None:
                return True
            self.shared.start(place, item, names, values, self.loop)
        self._before_setup()
        return False

    def _is_over(self, place: int) -> bool:
        return place in self._begun and self._begun[place].task.done()

    def take_over(self) -> None:
        """Let pytest take over, and later clean up, all that was made for it."""
        for place in self.shared.tasks:
            if place in self._pending:
                self._set_up(self.items[place], shared_names(self.items[place]))

    def _set_up(self, item: pytest.Item, wanted: "Iterator[str]") -> dict[str, Any] | None:
        """Shared fixtures of an item, by name; None if one failed."""
        if not isinstance(item, pytest.Function):
            return None
        request: Any = item._request  # noqa: SLF001  (pytest has no other way to set up for an item)
        with warnings.catch_warnings():
            # pytest takes the time before an item's turn for the time after it. What is set up here
            # lasts as long as the session, so both are right.
            warnings.filterwarnings("ignore", ".*getfixturevalue.* during teardown")
            names = list(wanted)
            self._set.update(names)
            try:
                self.loop = request.getfixturevalue("session_loop")
                return {name: request.getfixturevalue(name) for name in names}
            except ERRORS:  # pytest keeps the error, and raises it in the item's turn
                return None

    def _needs_of(self, item: pytest.Item, shared: dict[str, Any]) -> Needs:
        self._actors.update(value for value in shared.values() if isinstance(value, Actor))
        actors = {value.name for value in shared.values() if isinstance(value, Caller)}
        actors |= ACTORS.intersection(getattr(item, "fixturenames", ()))
        # Before it is set up, a fixture may be anything: also something that a check changes.
        values = {name: shared.get(name, ...) for name in shared_names(item)}
        things = {
            name: value
            for name, value in values.items()
            if value is not None and not isinstance(value, Caller) and is_of_project(item, name)
        }
        return needs_of(item, self._plan, things, actors - {"anonymous"})
