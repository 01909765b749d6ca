"""The deadline of a run, for a check that sends nothing: whatever is running then is ended."""

from typing import TYPE_CHECKING

import pytest

from smoke.errors import UnverifiedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.session.session import SmokeSession

GRACE_S = 1.2
"""Seconds after the deadline that are left to whoever is told of it by the client."""


class Deadline:
    """The hooks that let no check outlast the run's deadline; pytest-timeout does the ending."""

    def __init__(self, smoke: "SmokeSession") -> None:
        self._smoke = smoke

    @property
    def _left_s(self) -> float:
        return self._smoke.settings.target.deadline_s - self._smoke.run.elapsed_s

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> "Iterator[None]":
        """Give a check the time that is left, where that is less than it may take."""
        left_s = max(self._left_s, 0) + GRACE_S
        if item.config.pluginmanager.hasplugin("timeout") and left_s < _usual_s(item):
            item.add_marker(pytest.mark.timeout(left_s), append=False)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> "Iterator[None]":
        """What was ended while its fixtures were made is not verified."""
        return (yield from self._told(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> "Iterator[None]":
        """What was ended while it ran is not verified."""
        return (yield from self._told(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> "Iterator[None]":
        """What was ended while it was taken down is not verified."""
        return (yield from self._told(item))

    def _told(self, item: pytest.Item) -> "Iterator[None]":
        try:
            return (yield)
        except pytest.fail.Exception as error:
            if self._left_s > 0 or not str(error).startswith("Timeout"):
                raise
            deadline_s = self._smoke.settings.target.deadline_s
            raise UnverifiedError(
                f"The run's deadline of {deadline_s:g} s has passed while {item.name} was running; "
                "what was not asked by then is not verified."
            ) from None


def _usual_s(item: pytest.Item) -> float:
    """How long a check may take: its own time, else the project's; for ever where none is told."""
    own = item.get_closest_marker("timeout")
    told = own.args[0] if own and own.args else item.config.getini("timeout")
    return float(told or "inf")
