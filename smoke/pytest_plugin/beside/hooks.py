"""
The hooks that start checks ahead of their turn.

pytest's own loop stays as it is: it takes one check after the other, in the suite's order, so what
it reports and when it stops does not depend on how checks interleave. While the event loop runs for
one check, the checks that follow run beside it, and pytest only waits for their results.
"""

import asyncio
import warnings
from collections import Counter
from contextlib import suppress
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from smoke.pytest_plugin.beside.ahead import ERRORS, Ahead, stop
from smoke.pytest_plugin.beside.needs import Crowd, Needs, needs_of
from smoke.pytest_plugin.beside.recipe import (
    Recipe,
    is_dynamic,
    is_of_project,
    is_skipped,
    needed_by,
    recipe_of,
    shared_names,
)
from smoke.pytest_plugin.items import name_of
from smoke.results.checking import Checking
from smoke.session.actors import Actor
from smoke.session.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from smoke.pytest_plugin.deadline import Deadline
    from smoke.session.session import SmokeSession

LOOKAHEAD = 400
"""Checks after the one that pytest is at, among which the next to start is looked for."""

ACTORS = ("owner", "operator", "member", "viewer", "outsider", "disposable")
"""Fixtures that sign in when they are first used."""

HOOKS = ("pytest_runtest_protocol", "pytest_runtest_setup", "pytest_runtest_call",
         "pytest_runtest_teardown", "pytest_pyfunc_call", "pytest_fixture_setup")  # fmt: skip
"""Hooks of a conftest that must see each check by itself."""


class Beside:
    """Starts the checks that follow the current one, as far as they do not disturb each other."""

    def __init__(self, config: pytest.Config, smoke: "SmokeSession", deadline: "Deadline") -> None:
        self._config = config
        self._run = smoke.run
        self._plan = smoke.plan
        self._deadline_s = smoke.settings.target.deadline_s
        self._deadline = deadline
        self._most = smoke.settings.target.concurrency
        self._items: list[pytest.Item] = []
        self._places: dict[pytest.Item, int] = {}
        self._recipes: list[Recipe | None] = []
        self._needs: list[Needs] = []
        self._checks: dict[int, Checking] = {}
        self._ahead: dict[int, Ahead] = {}
        self._made: set[str] = set()
        self._set: set[str] = set()
        self._waiting: list[int] = []
        self._users: Counter[str] = Counter()
        self._running: set[int] = set()
        self._failures: set[int] = set()
        self._actors: set[Actor] = set()
        self._at = 0
        self._failed = False
        self._interrupted = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the suite's order."""
        self._items = session.items
        self._places = {item: place for place, item in enumerate(session.items)}
        if self._most > 1 and self._has_own_hooks():
            self._most = 1
            self._run.note("checks run one after the other: a conftest has hooks for each check")

    def check_of(self, item: pytest.Item) -> Checking:
        """What the run keeps of an item: of one that began ahead, with what it has seen so far."""
        place = self._places.get(item, 0)
        check = self._checks.setdefault(place, Checking(name_of(item), place))
        if place not in self._ahead:
            check.began_s = perf_counter()
        return check

    @property
    def uncounted(self) -> list[str]:
        """The checks that began ahead, and that pytest did not come to."""
        return [one.check.name for place, one in sorted(self._ahead.items()) if place > self._at]

    def running(self) -> str:
        """The name of the check ahead that runs at this moment, as a signal's handler sees it."""
        with suppress(RuntimeError):  # no loop is running
            now = asyncio.current_task()
            for ahead in self._ahead.values():
                if ahead.task is now:
                    return ahead.item.name
        return ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> "Iterator[None]":
        """Follow pytest through the suite."""
        self._at, self._failed = self._places[item], False
        try:
            return (yield)
        finally:
            if not self._failed:
                self._has_made(self._at)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Function) -> "Iterator[None]":
        """Give a check that began ahead its fixtures: it has made them itself."""
        ahead = self._ahead.get(self._at)
        if ahead is None or self._loop is None:
            return (yield)
        item.funcargs.update(dict.fromkeys(item.fixturenames))
        result = yield
        ahead.end_setup(self._loop)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> "Iterator[None]":
        """Start what may run beside this check."""
        if self._most > 1:
            self._look_ahead()
            self._top_up()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: "pytest.CallInfo[None]"
    ) -> "Generator[None, pytest.TestReport, pytest.TestReport]":
        """Let a report have the check's own time, not pytest's wait for it."""
        report = yield
        ahead = self._ahead.get(self._at)
        if ahead is not None and call.when == "call":
            report.duration = ahead.check.seconds
        self._failed = self._failed or not report.passed
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, nextitem: pytest.Item | None) -> "Iterator[None]":
        """Wait for all that began before pytest takes away what checks share."""
        if nextitem is None:
            self._drain()
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """End what began ahead: it cleans up."""
        self._interrupted = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Wait for all that began, also where the run was interrupted."""
        self._drain()

    def _has_own_hooks(self) -> bool:
        manager = self._config.pluginmanager
        return any(
            str(getattr(one.plugin, "__file__", "")).endswith("conftest.py")
            for name in HOOKS
            for one in getattr(manager.hook, name).get_hookimpls()
        )

    def _look_ahead(self) -> None:
        """Set up what the next checks share, in the suite's order, while no loop is running."""
        for place in [place for place in self._waiting if place >= self._at]:
            if self._may_set_up(place):
                self._waiting.remove(place)
                self._prepare(place)
        last = min(len(self._items), self._at + 1 + LOOKAHEAD)
        for place in range(len(self._needs), last):
            self._recipes.append(None)
            self._needs.append(self._needs_of(self._items[place], {}))
            if self._may_set_up(place):
                self._prepare(place)
            else:
                self._waiting.append(place)

    def _prepare(self, place: int) -> None:
        """Set up what a check shares with others, and note what it needs."""
        item = self._items[place]
        shared: dict[str, Any] | None = None
        if place == self._at or (place > self._at and not is_skipped(item)):
            if self._new_fixtures(item):
                self._top_up()  # what follows may send requests, one by one
            with self._run.within(self.check_of(item)), self._deadline.limited(item):
                shared = self._set_up(item)
        recipe = recipe_of(item) if shared is not None and place > self._at else None
        if recipe is not None and shared is not None:
            recipe.values = {**shared, **recipe.values}
        needs = self._needs_of(item, shared or {})
        self._recipes[place], self._needs[place] = recipe, needs
        self._users.update(needs.changes | needs.reads)

    def _new_fixtures(self, item: pytest.Item) -> set[str]:
        """The project's fixtures that an item shares, and that are not set up yet."""
        return {name for name in shared_names(item) if is_of_project(item, name)} - self._set

    def _may_set_up(self, place: int) -> bool:
        """
        Whether what an item shares can be set up before its turn.

        Its fixtures may sign in and send requests. What an earlier check is to do first, in the
        suite's order, they must not do; nor must they change a fixture that such a check uses.
        """
        item = self._items[place]
        new = self._new_fixtures(item)
        if place <= self._at or not new:
            return True
        earlier = [at for at in range(self._at, place) if not self._is_over(at)]
        # pytest has set up the current check itself: what that one asked for is there.
        unknown = (at for at in earlier if at > self._at and at not in self._ahead)
        if any(is_dynamic(self._items[at]) for at in unknown):
            return False
        asked = {f"fixture {name}" for name in needed_by(item, new)}
        actors = {f"actor {name}" for name in ACTORS if name in getattr(item, "fixturenames", ())}
        first = (actors | ({"sign-in"} if actors else set())) - self._made_now()
        return not any(
            first & self._needs[at].first or asked & self._needs[at].changes for at in earlier
        )

    def _is_over(self, place: int) -> bool:
        return place < self._at or (place in self._ahead and self._ahead[place].task.done())

    def _made_now(self) -> set[str]:
        """What need not be made any more; an actor is there as soon as it has signed in."""
        there = {f"actor {actor.name}" for actor in self._actors if actor.is_signed_in}
        return self._made | there | ({"sign-in"} if there else set())

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
                self._loop = request.getfixturevalue("session_loop")
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

    def _top_up(self) -> None:
        """Start the next checks, up to the target's number."""
        if self._loop is None:
            return
        free = self._most - len(self._running) - (self._at not in self._ahead)
        if free > 0:
            for place in self._startable()[:free]:
                self._start(place)

    def _startable(self) -> list[int]:
        """The places of the checks that may start now, those with the most rivals first."""
        crowd = Crowd(self._made_now())
        found: list[int] = []
        for place in range(self._at, min(len(self._needs), self._stop_at())):
            if crowd.is_closed:
                break
            ahead, needs = self._ahead.get(place), self._needs[place]
            if ahead is not None and ahead.task.done():
                continue
            # pytest itself runs the current one.
            is_next = place > self._at and ahead is None and self._recipes[place] is not None
            if is_next and crowd.admits(needs):
                found.append(place)
            # An earlier check that has not begun counts, too: it must not wait for a later one.
            crowd.add(needs)
        # Checks that must wait for each other take longest in all, so their chain begins first.
        return sorted(found, key=lambda place: (-self._rivals(place), place))

    def _rivals(self, place: int) -> int:
        """How many checks use what this one changes."""
        return max((self._users[name] for name in self._needs[place].changes), default=0)

    def _start(self, place: int) -> None:
        item, recipe = self._items[place], self._recipes[place]
        assert isinstance(item, pytest.Function)  # noqa: S101  (else it has no recipe)
        assert self._loop is not None  # noqa: S101
        assert recipe is not None  # noqa: S101
        limit_s = self._deadline.own_limit_s(item)
        ahead = Ahead(item, self.check_of(item), recipe, limit_s)
        self._ahead[place] = ahead
        self._running.add(place)
        ahead.start(self._loop, self._run)
        ahead.task.add_done_callback(partial(self._has_ended, place))

    def _has_ended(self, place: int, _task: "asyncio.Task[None]") -> None:
        self._running.discard(place)
        if self._ahead[place].passed:
            self._has_made(place)
        elif self._ahead[place].failed:
            self._failures.add(place)
        self._top_up()

    def _has_made(self, place: int) -> None:
        """What a check was to make first is there for the others, if the check passed."""
        if place < len(self._needs):
            self._made |= self._needs[place].first

    def _stop_at(self) -> int:
        """The place before which checks may start: pytest stops at the first failure of the suite.

        With `--maxfail=0` it does not.
        """
        if self._interrupted:
            return 0
        if not self._config.option.maxfail:
            return len(self._items)
        ahead = (place for place in self._failures if place >= self._at)
        return 0 if self._failed else min(ahead, default=len(self._items))

    def _drain(self) -> None:
        """Wait until all that began has ended; start nothing more."""
        self._most = 0
        tasks = [ahead.task for ahead in self._ahead.values() if not ahead.task.done()]
        if self._loop is not None:
            left_s = max(self._deadline_s - self._run.elapsed_s, 0)
            stop(self._loop, tasks, left_s, cancelled=self._interrupted)
