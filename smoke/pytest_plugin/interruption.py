"""SIGTERM ends a run like Ctrl-C: the run cleans up, and reports that it was interrupted."""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping

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
