"""Time limits: the limit of each check, and the deadline of the whole run.

The client limits requests itself; these limits end a check that sends nothing and hangs. The alarm
is active only during a phase of a check: between phases it would interrupt pytest itself and look
like a crash. The alarm of pytest-timeout does that, so that plugin is off in a smoke run.
"""

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from smoke.config.targets import CLEANUP_S
from smoke.errors import UnverifiedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.session.session import SmokeSession

GRACE_S = 1.2
"""Seconds after the deadline for the client, because its message names the pending request."""

LEAST_S = 0.01
"""The shortest alarm in seconds: 0 would disable it."""


class Deadline:
    """The hooks that end each phase of a check at its own limit or at the run's deadline."""

    def __init__(self, config: pytest.Config, smoke: "SmokeSession") -> None:
        self._smoke = smoke
        timeout = config.pluginmanager.unregister(name="timeout")
        self._usual_s = float(_limit_of(config) or "inf") if timeout else float("inf")
        self._can_alarm = hasattr(signal, "setitimer")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> "Iterator[None]":
        """Limit the fixtures."""
        return (yield from self._limited(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> "Iterator[None]":
        """Limit the check."""
        return (yield from self._limited(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> "Iterator[None]":
        """Limit the cleanup."""
        return (yield from self._limited(item, CLEANUP_S))

    def _limited(self, item: pytest.Item, reserved_s: float = 0.0) -> "Iterator[None]":
        left_s = self._smoke.settings.target.deadline_s + reserved_s - self._smoke.run.elapsed_s
        own_s = _own_limit(item) or self._usual_s
        if not self._can_alarm or threading.current_thread() is not threading.main_thread():
            return (yield)
        limit_s = min(max(left_s, 0) + GRACE_S, own_s)
        if limit_s == float("inf"):
            return (yield)

        def ring(_number: int, _frame: object) -> None:
            if limit_s < own_s:
                deadline_s = self._smoke.settings.target.deadline_s
                raise UnverifiedError(
                    f"The run's deadline of {deadline_s:g} s has passed while {item.name} was "
                    "running; what was not asked by then is not verified."
                )
            pytest.fail(f"Timeout: {item.name} took more than {own_s:g} s.", pytrace=False)

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, max(limit_s, LEAST_S))
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _limit_of(config: pytest.Config) -> Any:
    """The general limit of pytest-timeout: from its option, else from its setting."""
    return config.getoption("timeout", None) or config.getini("timeout")


def _own_limit(item: pytest.Item) -> float | None:
    """The limit of a check from `@pytest.mark.timeout(seconds)`."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark is not None and mark.args else None
