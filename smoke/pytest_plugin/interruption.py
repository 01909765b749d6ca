"""SIGTERM ends a run as Ctrl-C does: what it made is removed, and it says that it was cut short."""

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TICK_S = 0.3
"""Seconds between two looks whether the parent process is there."""


def interrupt_on_term() -> "Callable[[], None]":
    """
    Have SIGTERM raise KeyboardInterrupt, as SIGINT does; return what undoes that.

    It does so once: a supervisor that sends it again must not interrupt the cleanup.
    """
    if threading.current_thread() is not threading.main_thread():
        return _nothing  # only the main thread may set handlers, as in a worker of execnet
    before = signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # execnet ignores it in its workers
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def undo() -> None:
        signal.signal(signal.SIGTERM, before)

    return undo


def pass_on(stop: "Callable[[], None]") -> "Callable[[], None]":
    """
    Call `stop` on SIGTERM and Ctrl-C, in a process whose workers end by themselves then.

    A second Ctrl-C ends this process at once. Returns what undoes that.
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


def ignore_term() -> None:
    """Let no SIGTERM interrupt the cleanup that has begun."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_with_parent(environ: "Mapping[str, str]") -> None:
    """
    Under nox, end as by SIGTERM when nox is gone, also where it was killed and could not say so.

    A run that somebody starts by hand may outlive its shell.
    """
    if "NOX_CURRENT_SESSION" in environ:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(TICK_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _nothing() -> None:
    pass
