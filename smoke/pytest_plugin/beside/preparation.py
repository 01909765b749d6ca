"""
What checks share is set up before their turn, so that they can start ahead of it.

That happens in the suite's order, while no loop is running, and only if it disturbs no check.
"""

import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from smoke.pytest_plugin.beside.ahead import ERRORS
from smoke.pytest_plugin.beside.needs import Needs, needs_of
from smoke.pytest_plugin.beside.recipe import (
    Recipe,
    is_dynamic,
    is_of_project,
    is_skipped,
    needed_by,
    recipe_of,
    shared_names,
)
from smoke.session.actors import Actor
from smoke.session.caller import Caller

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from smoke.plan import Plan
    from smoke.pytest_plugin.beside.ahead import Ahead

LOOKAHEAD = 400
"""Checks after the one that pytest is at, among which the next to start is looked for."""

ACTORS = ("owner", "operator", "member", "viewer", "outsider", "disposable")
"""Fixtures that sign in when they are first used."""


class Preparation:
    """What each check needs, in the suite's order, and how its fixtures are made."""

    def __init__(
        self,
        plan: "Plan",
        begun: "Mapping[int, Ahead]",
        within: "Callable[[pytest.Item], AbstractContextManager[None]]",
        before_setup: "Callable[[], None]",
    ) -> None:
        """
        Begin with no check.

        `begun` has the checks that began ahead, by place. `within` gives the context for the setup
        of a check; `before_setup` is called before a setup that may send requests.
        """
        self.items: Sequence[pytest.Item] = ()
        self.recipes: list[Recipe | None] = []
        self.needs: list[Needs] = []
        self.users: Counter[str] = Counter()
        self.made: set[str] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._plan = plan
        self._begun = begun
        self._within = within
        self._before_setup = before_setup
        self._set: set[str] = set()
        self._waiting: list[int] = []
        self._actors: set[Actor] = set()

    def made_now(self) -> set[str]:
        """Return what need not be made any more; an actor is there once it has signed in."""
        there = {f"actor {actor.name}" for actor in self._actors if actor.is_signed_in}
        return self.made | there | ({"sign-in"} if there else set())

    def look_ahead(self, at: int) -> None:
        """Set up what the checks after `at` share, as far as possible."""
        self._waiting = [place for place in self._waiting if not self._is_prepared(place, at)]
        for place in range(len(self.needs), min(len(self.items), at + 1 + LOOKAHEAD)):
            self.recipes.append(None)
            self.needs.append(Needs())
            if not self._is_prepared(place, at):
                self.needs[place] = self._needs_of(self.items[place], {})
                self._waiting.append(place)

    def _is_prepared(self, place: int, at: int) -> bool:
        """Set up what a check shares with others, if it may, and note what it needs."""
        item = self.items[place]
        new = {name for name in shared_names(item) if is_of_project(item, name)} - self._set
        if place > at and new and not self._may_set_up(place, at, new):
            return False
        shared: dict[str, Any] | None = None
        if place == at or (place > at and not is_skipped(item)):
            if new:
                self._before_setup()
            with self._within(item):
                shared = self._set_up(item)
        recipe = recipe_of(item) if shared is not None and place > at else None
        if recipe is not None and shared is not None:
            recipe.values = {**shared, **recipe.values}
        needs = self._needs_of(item, shared or {})
        self.recipes[place], self.needs[place] = recipe, needs
        self.users.update(needs.changes | needs.reads)
        return True

    def _may_set_up(self, place: int, at: int, new: set[str]) -> bool:
        """
        Whether new fixtures of an item can be set up before its turn.

        They may sign in and send requests. What an earlier check is to do first, in the suite's
        order, they must not do; nor must they change a fixture that such a check uses.
        """
        item = self.items[place]
        earlier = [one for one in range(at, place) if not self._is_over(one)]
        # pytest has set up the current check itself: what that one asked for is there.
        unknown = (one for one in earlier if one > at and one not in self._begun)
        if any(is_dynamic(self.items[one]) for one in unknown):
            return False
        asked = {f"fixture {name}" for name in needed_by(item, new)}
        actors = {f"actor {name}" for name in ACTORS if name in getattr(item, "fixturenames", ())}
        first = (actors | ({"sign-in"} if actors else set())) - self.made_now()
        return not any(
            first & self.needs[one].first or asked & self.needs[one].changes for one in earlier
        )

    def _is_over(self, place: int) -> bool:
        return place in self._begun and self._begun[place].task.done()

    def _set_up(self, item: pytest.Item) -> dict[str, Any] | None:
        """The fixtures that an item shares, by name; None if one failed."""
        if not isinstance(item, pytest.Function):
            return None
        request: Any = item._request  # noqa: SLF001  (pytest has no other way to set up for an item)
        with warnings.catch_warnings():
            # pytest takes the time before an item's turn for the time after it. What is set up here
            # lasts as long as the session, so both are right.
            warnings.filterwarnings("ignore", ".*getfixturevalue.* during teardown")
            names = list(shared_names(item))
            self._set.update(names)
            try:
                self.loop = request.getfixturevalue("session_loop")
                return {name: request.getfixturevalue(name) for name in names}
            except ERRORS:  # pytest keeps the error, and raises it in the item's turn
                return None

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
