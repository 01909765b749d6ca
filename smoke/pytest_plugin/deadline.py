"""Time limits of checks: that of the check itself, and the deadline of the whole run.

The client ends requests by itself; this is for a check that sends nothing and does not end. The
alarm is set for a phase of a check only: between phases it would hit pytest itself, as that of
pytest-timeout does, and look like a crash of ours. So that plugin is off in a smoke run.
"""

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from smoke.errors import UnverifiedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.session.session import SmokeSession

GRACE_S = 1.2
"""Seconds after the deadline that are left to the client, which can say what it waited for."""

LEAST_S = 0.01
"""Seconds of the shortest alarm: 0 would switch it off."""


class Deadline:
    """The hooks that let no phase of a check outlast its own limit or the deadline of the run."""

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
        return (yield from self._limited(item))

    def _limited(self, item: pytest.Item) -> "Iterator[None]":
        left_s = self._smoke.settings.target.deadline_s - self._smoke.run.elapsed_s
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
    """The limit of pytest-timeout for every test: its option, else its setting."""
    return config.getoption("timeout", None) or config.getini("timeout")


def _own_limit(item: pytest.Item) -> float | None:
    """The limit that a check has by `@pytest.mark.timeout(seconds)`."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark is not None and mark.args else None
