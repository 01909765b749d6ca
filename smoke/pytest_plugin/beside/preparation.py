"""
What checks share is set up before their turn, so that they can start ahead of it.

That happens in the suite's order, while no loop is running, and only if it disturbs no check.
"""

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from smoke.pytest_plugin.beside.ahead import ERRORS
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

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from smoke.plan import Plan
    from smoke.pytest_plugin.beside.ahead import Ahead

LOOKAHEAD = 400
"""Checks after the one that pytest is at, among which the next to start is looked for."""

ACTORS = ("owner", "operator", "member", "viewer", "outsider", "disposable")
"""Fixtures that sign in when they are first used."""

ANY_ACTOR = frozenset({"actor", "actors"})
"""Fixtures that give any of them."""


@dataclass
class Earlier:
    """What the checks before one that is looked at are still to make, and what they change."""

    changes: set[str] = field(default_factory=set)
    first: set[str] = field(default_factory=set)
    # Whether one of them may use any fixture: that shows only when it runs.
    is_unknown: bool = False

    def add(self, item: pytest.Item, needs: Needs, *, is_known: bool) -> None:
        """Take one more check into account, which has not ended."""
        self.changes |= needs.changes
        self.first |= needs.first
        self.is_unknown = self.is_unknown or (not is_known and is_dynamic(item))


class Preparation:
    """What each check needs, in the suite's order, and how its fixtures are made."""

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
        # The places that are not prepared, and how many fixtures there were when that was noted.
        self._waiting: dict[int, int] = {}
        self._actors: set[Actor] = set()

    def made_now(self) -> set[str]:
        """Return what need not be made any more; an actor is there once it has signed in."""
        there = {f"actor {actor.name}" for actor in self._actors if actor.is_signed_in}
        return self.made | there | ({"sign-in"} if there else set())

    def look_ahead(self, at: int) -> None:
        """Set up what the checks after `at` share, as far as possible."""
        most = min(len(self.items), at + 1 + LOOKAHEAD)
        if not self._waiting and len(self.needs) >= most:
            return
        earlier = Earlier()
        for place in range(at, most):
            if place == len(self.needs):
                self.recipes.append(None)
                self.needs.append(Needs())
                self._waiting[place] = -1
            if place in self._waiting:
                self._prepare(place, at, earlier)
            if not self._is_over(place):
                # pytest has set up the current check itself: what that one asked for is there.
                is_known = place == at or place in self._begun
                earlier.add(self.items[place], self.needs[place], is_known=is_known)

    def _prepare(self, place: int, at: int, earlier: "Earlier") -> None:
        """Set up what a check shares with others, if it may, and note what it needs."""
        if self._is_prepared(place, at, earlier):
            del self._waiting[place]
            self.changed += 1
        elif self._waiting[place] != len(self._set):
            self._waiting[place] = len(self._set)
            self.needs[place] = self._needs_unprepared(self.items[place])

    def _is_prepared(self, place: int, at: int, earlier: "Earlier") -> bool:
        item = self.items[place]
        new = self._new(item)
        if place > at and new and not self._is_there(place, item, new, earlier):
            return False
        shared: dict[str, Any] | None = None
        if place == at or not is_skipped(item):
            if new:
                self._before_setup()
            with self._within(item):
                shared = self._set_up(item, shared_names(item))
        recipe = recipe_of(item) if shared is not None and place > at else None
        if recipe is not None and shared is not None:
            recipe.values = {**shared, **recipe.values}
        self.recipes[place], self.needs[place] = recipe, self._needs_of(item, shared or {})
        return True

    def _is_there(self, place: int, item: pytest.Item, new: set[str], earlier: "Earlier") -> bool:
        """Whether pytest may set up the new fixtures of an item, made in a task if possible."""
        task = self.shared.tasks.get(place)
        if task is not None:
            return task.done()
        if not self._may_set_up(item, new, earlier):
            return False
        names = None if is_skipped(item) else makeable(item, new)
        if names is None:
            return True
        with self._within(item):
            values = self._set_up(item, asked_outside(item, names))
            if values is None or self.loop is None:
                return True
            self.shared.start(place, item, names, values, self.loop)
        self._before_setup()
        return False

    def _may_set_up(self, item: pytest.Item, new: set[str], earlier: "Earlier") -> bool:
        """
        Whether new fixtures of an item can be set up before its turn.

        They may sign in and send requests. What an earlier check is to do first, in the suite's
        order, they must not do; nor must they change a fixture that such a check uses, or what
        the item must be alone with.
        """
        if earlier.is_unknown or new & self.shared.names:
            return False
        asked = self._asked(item, new) | named_alone(item)
        names = _signing_in(item, new)
        first = {f"actor {name}" for name in names} | ({"sign-in"} if names else set())
        first -= self.made_now()
        return first.isdisjoint(earlier.first) and asked.isdisjoint(earlier.changes)

    def _is_over(self, place: int) -> bool:
        return place in self._begun and self._begun[place].task.done()

    def take_over(self) -> None:
        """Let pytest take over, and later clean up, all that was made for it."""
        for place in self.shared.tasks:
            if place in self._waiting:
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

    def _needs_unprepared(self, item: pytest.Item) -> Needs:
        """What an item needs until it is set up: its setup may change all that it asks for."""
        needs, new = self._needs_of(item, {}), self._new(item)
        first = {f"actor {name}" for name in _signing_in(item, new)}
        return replace(
            needs, changes=needs.changes | self._asked(item, new), first=needs.first | first
        )

    def _new(self, item: pytest.Item) -> set[str]:
        """The project's shared fixtures of an item that pytest has not set up, for any other."""
        names = (name for name in shared_names(item) if name not in self._set)
        return {name for name in names if is_of_project(item, name) and not is_set_up(item, name)}

    def _asked(self, item: pytest.Item, new: set[str]) -> set[str]:
        """
        The fixtures that the setup of new ones may change.

        What a mark sets apart is changed only by the setup of a fixture that asks for it itself.
        """
        apart = named_beside(item)
        asked = needed_by(item, new) - apart | needed_by(item, new, there=self._set)
        return {f"fixture {name}" for name in asked if is_of_project(item, name)}

    def _needs_of(self, item: pytest.Item, shared: dict[str, Any]) -> Needs:
        self._actors.update(value for value in shared.values() if isinstance(value, Actor))
        actors = {value.name for value in shared.values() if isinstance(value, Caller)}
        actors |= set(ACTORS).intersection(getattr(item, "fixturenames", ()))
        # Before it is set up, a fixture may be anything: also something that a check changes.
        values = {name: shared.get(name, ...) for name in shared_names(item)}
        things = {
            name: value
            for name, value in values.items()
            if value is not None and not isinstance(value, Caller) and is_of_project(item, name)
        }
        return needs_of(item, self._plan, things, actors - {"anonymous"})


def _signing_in(item: pytest.Item, new: set[str]) -> set[str]:
    """The actors that may sign in while new fixtures are set up: any, where one asks for any."""
    named = needed_by(item, new).union(getattr(item, "fixturenames", ()))
    asked = {need for name in new for need in asked_by(item, definition_of(item, name))}
    return set(ACTORS).intersection(named if asked.isdisjoint(ANY_ACTOR) else ACTORS)
