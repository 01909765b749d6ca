"""The points at which a cell of the kill matrix ends its run: requests, and hooks of pytest."""

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

Hook = tuple[str, int]
"""The name of a hook of pytest, and which of its calls, from 1."""

# A run sends about 33 requests. What is before the first and after the last is at hooks.
SIGNALS: tuple[int | Hook, ...] = (
    1, 2, 3, 4, 5, 7, 9, 11, 13, 15, 17, 19, 21, 24,
    ("pytest_configure", 1), ("pytest_collection_modifyitems", 1), ("pytest_runtest_logstart", 1),
    ("pytest_runtest_logreport", 3), ("pytest_runtest_logfinish", 2), ("pytest_sessionfinish", 1),
)  # fmt: skip

CRASHES: tuple[Hook, ...] = (
    ("pytest_configure", 1), ("pytest_sessionstart", 1), ("pytest_itemcollected", 2),
    ("pytest_collection_modifyitems", 1), ("pytest_collection_finish", 1),
    ("pytest_runtestloop", 1), ("pytest_runtest_logstart", 1), ("pytest_runtest_logstart", 3),
    ("pytest_runtest_protocol", 2), ("pytest_runtest_makereport", 2),
    ("pytest_runtest_makereport", 5), ("pytest_runtest_logreport", 1),
    ("pytest_runtest_logreport", 3), ("pytest_runtest_logreport", 6),
    ("pytest_runtest_logfinish", 1), ("pytest_runtest_logfinish", 2),
    ("pytest_runtest_logfinish", 4), ("pytest_fixture_setup", 3), ("pytest_sessionfinish", 1),
    ("pytest_unconfigure", 1),
)  # fmt: skip

END = "/end-this-run"
"""The path that a hook asks for, so that the cell ends the run."""

ANSWER = Response()

# A slow answer: nox waits a moment before it ends a run, which might be over by then.
SLOW_S = 1.5

CONFTEST = """
import urllib.request

CALLS = []


def {hook}():
    CALLS.append(1)
    if len(CALLS) == {number}:
        {ends}
"""


def conftest(end: str, point: int, url: str) -> str:
    """The conftest of a cell: what ends its run at a hook; an empty one for other points."""
    if end == "crash":
        hook: int | Hook = CRASHES[point - 1]
        ends = 'raise RuntimeError("out of order")'
    elif end in ("TERM", "INT", "KILL"):
        hook = SIGNALS[point - 1]
        ends = f'urllib.request.urlopen("{url}{END}").read()'
    else:
        return ""
    return "" if isinstance(hook, int) else CONFTEST.format(hook=hook[0], number=hook[1], ends=ends)


class Gate:
    """Calls an action at one point of a run: before its n-th request, or when a hook asks."""

    def __init__(self, point: int | Hook, action: Callable[[], None]) -> None:
        self.seen, self.point, self.action = 0, point, action
        self.lock = threading.Lock()

    def of(self, app: "ASGIApp") -> "ASGIApp":
        """A service with the action before it; the requests of several services count together."""

        async def counted(scope: "Scope", receive: "Receive", send: "Send") -> None:
            is_asked = scope["type"] == "http" and scope["path"] == END
            if scope["type"] == "http" and self._is_now(is_asked):
                self.action()
                await asyncio.sleep(SLOW_S)
            await (ANSWER if is_asked else app)(scope, receive, send)

        return counted

    def _is_now(self, is_asked: bool) -> bool:
        with self.lock:
            if is_asked:
                now, self.point = self.point != 0, 0  # both targets have the hook; one call is it
                return now
            self.seen += 1
            return self.seen == self.point
