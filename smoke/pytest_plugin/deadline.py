"""Time limits: the limit of each check, and the deadline of the whole run.

The client limits requests itself; these limits end a check that sends nothing and hangs. The alarm
is active only during a phase of a check: between phases it would interrupt pytest itself and look
like a crash. The alarm of pytest-timeout does that, so that plugin is off in a smoke run.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import pytest

from smoke.config.targets import CLEANUP_S
from smoke.errors import UnverifiedError
from smoke.session.session import SmokeSession

# Seconds after the deadline for the client, because its message names the pending request.
GRACE_S = 1.2

# The shortest alarm in seconds: 0 would disable it.
LEAST_S = 0.01

# Seconds between alarms while a check beside runs, and how many it may take: then it blocks.
AGAIN_S, RINGS = 0.05, 20


class Deadline:
    """The hooks that end each phase of a check at its own limit or at the run's deadline."""

    def __init__(self, config: pytest.Config, smoke: SmokeSession) -> None:
        self._smoke = smoke
        # The limit of pytest-timeout for every check: from its option, else from its setting.
        usual_s = config.getoption("timeout", None) or config.getini("timeout")
        timeout = config.pluginmanager.unregister(name="timeout")
        self._usual_s = float(usual_s or "inf") if timeout else float("inf")
        self._can_alarm = hasattr(signal, "setitimer")
        # The name of the check whose task an alarm interrupts, if it runs ahead of its turn.
        self.beside: Callable[[], str] = str

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Limit the fixtures."""
        with self.limited(item):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Limit the check."""
        with self.limited(item):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        """Limit the cleanup."""
        with self.limited(item, CLEANUP_S):
            return (yield)

    def own_limit_s(self, item: pytest.Item) -> float:
        """The limit of a check by itself, in seconds; infinite if it has none."""
        mark = item.get_closest_marker("timeout")
        return float(mark.args[0]) if mark is not None and mark.args else self._usual_s

    @contextmanager
    def limited(self, item: pytest.Item, reserved_s: float = 0.0) -> Iterator[None]:
        """Limit the block to the time of a check; blocks may lie inside each other."""
        left_s = self._smoke.settings.target.deadline_s + reserved_s - self._smoke.run.elapsed_s
        own_s = self.own_limit_s(item)
        limit_s = min(max(left_s, 0) + GRACE_S, own_s)
        is_main = threading.current_thread() is threading.main_thread()
        if not self._can_alarm or not is_main or limit_s == float("inf"):
            yield
            return
        by_run = limit_s < own_s
        before = signal.signal(signal.SIGALRM, self._alarm(item.name, own_s, by_run=by_run))
        outer_s, _ = signal.setitimer(signal.ITIMER_REAL, max(limit_s, LEAST_S))
        began_s = perf_counter()
        try:
            yield
        finally:
            outer_left_s = max(outer_s - (perf_counter() - began_s), LEAST_S) if outer_s else 0
            signal.setitimer(signal.ITIMER_REAL, outer_left_s)
            signal.signal(signal.SIGALRM, before)

    def _alarm(self, name: str, own_s: float, *, by_run: bool) -> Callable[[int, Any], None]:
        """The handler that ends what runs too long: the check, or one beside it that blocks all."""
        rings = 0

        def ring(_number: int, _frame: object) -> None:
            nonlocal rings
            rings += 1
            beside = self.beside()
            if beside:
                # An error raised here would be that of another check: wait for this one's code.
                signal.setitimer(signal.ITIMER_REAL, AGAIN_S)
                if rings <= RINGS:
                    return
            self._end(beside or name, own_s, by_run=by_run)

        return ring

    def _end(self, name: str, own_s: float, *, by_run: bool) -> None:
        if by_run:
            deadline_s = self._smoke.settings.target.deadline_s
            raise UnverifiedError(
                f"The run's deadline of {deadline_s:g} s has passed while {name} was "
                "running; what was not asked by then is not verified."
            )
        pytest.fail(f"Timeout: {name} took more than {own_s:g} s.", pytrace=False)
