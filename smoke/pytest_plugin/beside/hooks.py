"""
The hooks that start checks ahead of their turn.

pytest's own loop stays as it is: it takes one check after the other, in the suite's order, so what
it reports and when it stops does not depend on how checks interleave. While the event loop runs for
one check, the checks that follow run beside it, and pytest only waits for their results.
"""

import asyncio
from contextlib import contextmanager, suppress
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from smoke.pytest_plugin.beside.ahead import Ahead, stop
from smoke.pytest_plugin.beside.chains import Chains
from smoke.pytest_plugin.beside.needs import Crowd
from smoke.pytest_plugin.beside.preparation import Preparation
from smoke.pytest_plugin.items import name_of
from smoke.results.outcome import Checking

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from smoke.pytest_plugin.deadline import Deadline
    from smoke.session.session import SmokeSession

# Hooks of a conftest that must see the checks one by one.
HOOKS = ("pytest_runtest_protocol", "pytest_runtest_setup", "pytest_runtest_call",
         "pytest_runtest_teardown", "pytest_pyfunc_call", "pytest_fixture_setup")  # fmt: skip


class Beside:
    """Starts the checks that follow the current one, as far as they do not disturb each other."""

    def __init__(self, config: pytest.Config, smoke: "SmokeSession", deadline: "Deadline") -> None:
        self._config = config
        self._run = smoke.run
        self._deadline_s = smoke.settings.target.deadline_s
        self._deadline = deadline
        self._most = smoke.settings.target.concurrency
        self._places: dict[pytest.Item, int] = {}
        self._checks: dict[int, Checking] = {}
        self._ahead: dict[int, Ahead] = {}
        self._running: set[int] = set()
        self._failures: set[int] = set()
        self._at = 0
        self._failed = False
        self._interrupted = False
        self._ended = asyncio.Event()
        self._chains = Chains()
        self._prepared = Preparation(
            smoke.plan, self._ahead, self._within, self._top_up, self._has_made_shared
        )

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the suite's order."""
        self._prepared.items = session.items
        self._places = {item: place for place, item in enumerate(session.items)}
        if self._most > 1 and self._has_own_hooks():
            self._most = 1
            self._run.note("checks run one after the other: a conftest has hooks for each check")

    def check_of(self, item: pytest.Item) -> Checking:
        """The run's notes on the check of an item, which may have begun ahead of its turn."""
        place = self._places.get(item, 0)
        check = self._checks.setdefault(place, Checking(name_of(item), place))
        if place not in self._ahead:
            check.began_s = perf_counter()
        return check

    @property
    def uncounted(self) -> list[str]:
        """The checks that began ahead and whose turn never came."""
        return [one.check.name for place, one in sorted(self._ahead.items()) if place > self._at]

    def running(self) -> str:
        """The name of the check ahead that a signal interrupts at this moment."""
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
        if ahead is None or self._prepared.loop is None:
            return (yield)
        item.funcargs.update(dict.fromkeys(item.fixturenames))
        result = yield
        ahead.end_setup(self._prepared.loop)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)  # before pytest-asyncio looks at the function
    def pytest_fixture_setup(self, fixturedef: Any) -> "Iterator[None]":
        """Let pytest take over a shared fixture that was made ahead."""
        made, function = self._prepared.shared.adopt(fixturedef), fixturedef.func
        if made is not None:
            fixturedef.func = made.instead()
        try:
            return (yield)
        finally:
            fixturedef.func = function

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> "Iterator[None]":
        """Start what may run beside this check, now and each time a check has ended."""
        if self._most > 1:
            self._look_ahead()
            self._top_up()
            while self._has_news():
                self._look_ahead()
        return (yield)

    def _look_ahead(self) -> None:
        self._ended.clear()
        before = self._prepared.changed
        self._prepared.look_ahead(self._at)
        if self._prepared.changed != before:  # otherwise all that may start have started
            self._top_up()

    def _has_news(self) -> bool:
        """Wait until any check has ended; if it is the current one, pytest goes on."""
        ahead, loop = self._ahead.get(self._at), self._prepared.loop
        if ahead is None or loop is None or ahead.task.done():
            return False
        loop.run_until_complete(self._ended.wait())
        return not ahead.task.done()

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

    @contextmanager
    def _within(self, item: pytest.Item) -> "Iterator[None]":
        with self._run.within(self.check_of(item)), self._deadline.limited(item):
            yield

    def _top_up(self) -> None:
        """Start the next checks, up to the target's number."""
        if self._prepared.loop is None:
            return
        running = len(self._running) + self._prepared.shared.running
        free = self._most - running - (self._at not in self._ahead)
        if free > 0:
            for place in self._startable(free):
                self._start(place)

    def _startable(self, free: int) -> list[int]:
        """The places of the checks to start now, at most as many as are free."""
        all_needs, recipes = self._prepared.needs, self._prepared.recipes
        made = self._prepared.made_now()
        crowd = Crowd(made)
        found: list[int] = []
        fillers: list[int] = []
        for place in range(self._at, min(len(all_needs), self._stop_at())):
            if crowd.is_closed:
                break
            ahead, needs = self._ahead.get(place), all_needs[place]
            if ahead is not None and ahead.task.done():
                continue
            # pytest itself runs the current one.
            is_next = place > self._at and ahead is None and recipes[place] is not None
            if is_next and crowd.admits(needs):
                (fillers if crowd.fits_only_in_gaps(needs) else found).append(place)
            # An earlier check that has not begun counts, too: it must not wait for a later one.
            crowd.add(needs)
        # With room for all of them the order does not matter.
        if len(found) <= free:
            # Checks that wait for the first sign-in leave no gap: there is room for them.
            is_gap = "sign-in" in made and free - len(found) >= self._most // 2
            return found + fillers[:1] if is_gap else found
        # Checks that wait for each other take the longest together, so their chain begins first.
        lengths = self._chains.lengths(self._prepared)
        return sorted(found, key=lambda place: (-lengths[place], place))[:free]

    def _start(self, place: int) -> None:
        item, recipe = self._prepared.items[place], self._prepared.recipes[place]
        assert isinstance(item, pytest.Function)  # noqa: S101  (else it has no recipe)
        assert self._prepared.loop is not None  # noqa: S101
        assert recipe is not None  # noqa: S101
        limit_s = self._deadline.own_limit_s(item)
        ahead = Ahead(item, self.check_of(item), recipe, limit_s)
        self._ahead[place] = ahead
        self._running.add(place)
        ahead.start(self._prepared.loop, self._run)
        ahead.task.add_done_callback(partial(self._has_ended, place))

    def _has_ended(self, place: int, _task: "asyncio.Task[None]") -> None:
        self._running.discard(place)
        self._ended.set()
        if self._ahead[place].passed:
            self._has_made(place)
        elif self._ahead[place].failed:
            self._failures.add(place)
        self._top_up()

    def _has_made_shared(self, _task: object) -> None:
        self._ended.set()
        self._top_up()

    def _has_made(self, place: int) -> None:
        """Note that a passed check has made what the others wait for."""
        if place < len(self._prepared.needs):
            self._prepared.made |= self._prepared.needs[place].first

    def _stop_at(self) -> int:
        """The place before which checks may start: pytest stops at the first failure of the suite.

        With `--maxfail=0` it does not.
        """
        if self._interrupted:
            return 0
        if not self._config.option.maxfail:
            return len(self._prepared.items)
        ahead = (place for place in self._failures if place >= self._at)
        return 0 if self._failed else min(ahead, default=len(self._prepared.items))

    @property
    def was_interrupted(self) -> bool:
        """Whether a check that began ahead was interrupted, as by Ctrl-C."""
        return self._interrupted or any(one.was_interrupted for one in self._ahead.values())

    def _drain(self) -> None:
        """Wait until all that began has ended; start nothing more."""
        self._most = 0
        tasks = [ahead.task for ahead in self._ahead.values()]
        tasks = [
            task for task in (*tasks, *self._prepared.shared.tasks.values()) if not task.done()
        ]
        if self._prepared.loop is not None:
            left_s = max(self._deadline_s - self._run.elapsed_s, 0)
            stop(self._prepared.loop, tasks, left_s, cancelled=self.was_interrupted)
            self._prepared.take_over()
