"""Time limits: the limit of each check, and the deadline of the whole run.

The client limits requests itself; these limits end a check that sends nothing and hangs. The alarm
is active only during a phase of a check: between phases it would interrupt pytest itself and look
like a crash. The alarm of pytest-timeout does that, so that plugin is off in a smoke run.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from smoke.config.targets import CLEANUP_S
from smoke.errors import UnverifiedError

if TYPE_CHECKING:
    from smoke.session.session import SmokeSession

# Seconds after the deadline for the client, because its message names the pending request.
GRACE_S = 1.2

# The shortest alarm in seconds: 0 would disable it.
LEAST_S = 0.01

# Seconds between alarms while a check beside runs, and how many it may take: then it blocks.
AGAIN_S, RINGS = 0.05, 20


class Deadline:
    """The hooks that end each phase of a check at its own limit or at the run's deadline."""

    def __init__(self, config: pytest.Config, smoke: "SmokeSession") -> None:
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
        """The signal handler: it ends the check that is too slow, or one that blocks all others."""
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


# Seconds between two checks that the parent process is alive.
TICK_S = 0.3


def interrupt_on_term() -> Callable[[], None]:
    """
    Make SIGTERM raise KeyboardInterrupt, as SIGINT does; return a function that undoes this.

    Only the first SIGTERM counts: a supervisor that repeats it must not interrupt the cleanup.
    """
    if threading.current_thread() is not threading.main_thread():
        return _nothing  # only the main thread may set handlers, as in a worker of execnet
    before = signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # execnet ignores it in its workers
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def undo() -> None:
        signal.signal(signal.SIGTERM, before)

    return undo


def pass_on(stop: Callable[[], None]) -> Callable[[], None]:
    """
    Call `stop` on SIGTERM and Ctrl-C, in a process with workers that then end by themselves.

    A second Ctrl-C ends this process at once. Return a function that undoes this.
    """
    if threading.current_thread() is not threading.main_thread():
        return _nothing
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def called(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    for number in before:
        signal.signal(number, called)

    def undo() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    return undo


def _interrupt(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    signal.raise_signal(signal.SIGINT)


def was_interrupted(error: BaseException | None) -> bool:
    """
    Whether an error is an interruption, or happened because of one.

    Python itself may fail then: an interrupted wait for a lock ends with `release unlocked lock`.
    """
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def ignore_term() -> None:
    """Ignore SIGTERM from now on, so that it cannot interrupt the cleanup."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_with_parent(environ: Mapping[str, str]) -> None:
    """
    Under nox, send SIGTERM to this process when nox ends, also when nox was killed.

    A run that a user starts directly may outlive its shell.
    """
    if "NOX_CURRENT_SESSION" in environ:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(TICK_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _nothing() -> None:
    pass
