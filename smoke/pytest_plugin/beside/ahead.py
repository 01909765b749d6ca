"""One check that runs ahead of its turn: its fixtures, its body and its cleanup, in one task."""

import asyncio
from contextlib import AsyncExitStack
from functools import wraps
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from smoke.config.targets import CLEANUP_S
from smoke.errors import LeftOutError
from smoke.results.outcome import Checking

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from smoke.pytest_plugin.beside.recipe import Recipe
    from smoke.results.run import Run

# Errors that end a check; any other, such as Ctrl-C, ends the run.
ERRORS = (Exception, SystemExit, pytest.skip.Exception, pytest.fail.Exception)


class Ahead:
    """
    A check that has begun before pytest comes to it; pytest then reports how each part ended.

    Errors are kept, not raised: a task that nobody awaits must not lose them.
    """

    def __init__(self, item: pytest.Function, check: Checking, recipe: "Recipe", limit_s: float):
        self.item = item
        self.check = check
        self.ready = asyncio.Event()
        self.setup_error: BaseException | None = None
        self.call_error: BaseException | None = None
        self.teardown_error: BaseException | None = None
        self._recipe = recipe
        self._limit_s = limit_s
        self._body = item.obj
        self.task: asyncio.Task[None]

    def start(self, loop: asyncio.AbstractEventLoop, run: "Run") -> None:
        """Start the task, and have pytest wait for it instead of calling the check."""
        with run.within(self.check):  # the task copies the context
            self.task = loop.create_task(self._run())
        self.item.obj = self._awaiting()

    @property
    def _errors(self) -> list[BaseException]:
        errors = (self.setup_error, self.call_error, self.teardown_error)
        return [error for error in errors if error is not None]

    @property
    def passed(self) -> bool:
        """Whether the check has ended without any error."""
        return self.task.done() and not self._errors

    @property
    def failed(self) -> bool:
        """Whether a part ended with an error that is not a skip."""
        skips = (pytest.skip.Exception, LeftOutError)
        return any(not isinstance(error, skips) for error in self._errors)

    @property
    def was_interrupted(self) -> bool:
        """Whether Ctrl-C has ended the check."""
        ended = self.task.done() and not self.task.cancelled()
        return ended and isinstance(self.task.exception(), KeyboardInterrupt)

    async def _run(self) -> None:
        stack = AsyncExitStack()
        try:
            values = await self._made(stack)
            if self.setup_error is None:
                await self._call(values)
        finally:
            self.check.took_s = perf_counter() - self.check.began_s
            self.check.has_ended = True
            await self._clean(stack)

    async def _made(self, stack: AsyncExitStack) -> dict[str, Any]:
        try:
            return await self._recipe.make(stack)
        except ERRORS as error:
            self.setup_error = error
            return {}
        finally:
            self.ready.set()

    async def _call(self, values: dict[str, Any]) -> None:
        names = self.item._fixtureinfo.argnames  # noqa: SLF001  (as pytest calls the function)
        limit = asyncio.timeout(None if self._limit_s == float("inf") else self._limit_s)
        try:
            async with limit:
                await self._body(**{name: values[name] for name in names})
        except TimeoutError as error:
            took_long = f"Timeout: {self.item.name} took more than {self._limit_s:g} s."
            late = pytest.fail.Exception(took_long, pytrace=False)
            self.call_error = late if limit.expired() else error
        except ERRORS as error:
            self.call_error = error

    async def _clean(self, stack: AsyncExitStack) -> None:
        try:
            await stack.aclose()
        except ERRORS as error:
            self.teardown_error = error

    def _awaiting(self) -> "Callable[..., Coroutine[Any, Any, None]]":
        """What pytest calls in the check's turn: it waits for the task and shows its result."""

        @wraps(self._body)
        async def result(**_values: Any) -> None:
            await self.task
            if self.call_error is not None:
                raise self.call_error

        return result

    def end_setup(self, loop: asyncio.AbstractEventLoop) -> None:
        """
        Wait for the fixtures of the check, and let pytest report the errors of its cleanup.

        Raises:
            BaseException: a fixture failed; it is the fixture's own error.
        """
        loop.run_until_complete(self.ready.wait())
        if self.setup_error is not None:
            raise self.setup_error
        self.item.addfinalizer(self._end_teardown)

    def _end_teardown(self) -> None:
        if self.teardown_error is not None:
            raise self.teardown_error


def stop(
    loop: asyncio.AbstractEventLoop,
    tasks: "list[asyncio.Task[None]]",
    limit_s: float,
    *,
    cancelled: bool,
) -> None:
    """
    Wait until tasks have ended, with their cleanup.

    Those that are `cancelled`, or that have not ended after `limit_s` seconds, only clean up.
    """
    if not tasks:
        return
    if not cancelled:
        loop.run_until_complete(asyncio.wait(tasks, timeout=limit_s))
    left = [task for task in tasks if not task.done()]
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=CLEANUP_S))
