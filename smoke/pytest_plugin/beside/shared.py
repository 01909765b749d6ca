"""
Fixtures that checks share, made in a task before pytest asks for them.

pytest sets up one fixture after the other, and each may wait for answers. Here several are made at
the same time. pytest then takes over the value and the cleanup, as if it had called the function.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from contextvars import copy_context
from functools import wraps
from typing import Any

import pytest

from smoke.pytest_plugin.beside.ahead import ERRORS
from smoke.pytest_plugin.beside.recipe import definition_of, value_of


class Made:
    """One shared fixture: its value or its error, and its cleanup."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Begin without a value."""
        # Kept here: while pytest sets the fixture up, its definition has another function.
        self.function = function
        self.task: asyncio.Task[None] | None = None
        self.value: Any = None
        self.error: BaseException | None = None
        self.stack = AsyncExitStack()
        # The check that it was made for, to which its cleanup belongs, too.
        self.context = copy_context()

    async def result(self) -> Any:
        """Wait for the value, or raise the error of the fixture."""
        if self.task is not None:
            await self.task
        if self.error is not None:
            raise self.error
        return self.value

    def instead(self) -> Callable[..., AsyncIterator[Any]]:
        """The function that pytest calls in place of the fixture's own."""

        @wraps(self.function)
        async def adopted(**_values: Any) -> AsyncIterator[Any]:
            yield await self.result()
            loop = asyncio.get_running_loop()
            await loop.create_task(self.stack.aclose(), context=self.context)

        return adopted


class Shared:
    """The shared fixtures that are being made, or that pytest has not taken over yet."""

    def __init__(self, ended: Callable[[object], None]) -> None:
        """Begin with none; `ended` is called with each task that has ended."""
        self._has_ended = ended
        self._open: dict[Any, Made] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}

    @property
    def names(self) -> set[str]:
        """The names of the fixtures that pytest has not taken over."""
        return {definition.argname for definition in self._open}

    @property
    def running(self) -> int:
        """How many tasks make fixtures at this moment."""
        return sum(not task.done() for task in self.tasks.values())

    def start(
        self, place: int, item: pytest.Item, names: Sequence[str], values: Mapping[str, Any],
        loop: asyncio.AbstractEventLoop,
    ) -> asyncio.Task[None]:  # fmt: skip
        """Make fixtures of an item, in this order; `values` has all others that they ask for."""
        definitions = [definition_of(item, name) for name in names]
        parts = {definition: Made(definition.func) for definition in definitions}
        task = self.tasks[place] = loop.create_task(_make(parts, dict(values)))
        task.add_done_callback(self._has_ended)
        for part in parts.values():
            part.task = task
        self._open |= parts
        return task

    def adopt(self, definition: Any) -> Made | None:
        """Return what pytest takes over instead of calling a fixture, if it was made here."""
        return self._open.pop(definition, None)


async def _make(parts: Mapping[Any, Made], values: dict[str, Any]) -> None:
    """Make fixtures one after the other; those that a failed one was made for are left out."""
    failed: BaseException | None = None
    for definition, part in parts.items():
        needed = {name: values[name] for name in definition.argnames if name in values}
        if failed is not None and len(needed) < len(definition.argnames):
            part.error = failed  # pytest finds the error of the other one first
            continue
        try:
            part.value = values[definition.argname] = await value_of(
                part.function, needed, part.stack
            )
        except ERRORS as error:
            failed = part.error = error


def makeable(item: pytest.Item, new: set[str]) -> list[str] | None:
    """
    Return new fixtures of an item in the order in which they can be made; None if only pytest can.

    pytest alone can make one that uses `request`. One without any that is async sends nothing.
    """
    ordered: list[str] = []
    if not all(_add(item, name, new, ordered) for name in sorted(new, key=_order(item))):
        return None
    functions = (definition_of(item, name).func for name in ordered)
    waits = (
        inspect.isasyncgenfunction(one) or inspect.iscoroutinefunction(one) for one in functions
    )
    return ordered if any(waits) else None


def _order(item: pytest.Item) -> Callable[[str], int]:
    return list(getattr(item, "fixturenames", ())).index


def _add(item: pytest.Item, name: str, new: set[str], ordered: list[str]) -> bool:
    """Add a fixture after those that it asks for; whether that is possible."""
    if name in ordered:
        return True
    definition = definition_of(item, name)
    if definition is None or "request" in definition.argnames:
        return False
    for need in definition.argnames:
        if need in new and not _add(item, need, new, ordered):
            return False
    ordered.append(name)
    return True


def asked_outside(item: pytest.Item, names: Sequence[str]) -> Iterator[str]:
    """The fixtures that these ask for, and that are not among them."""
    for name in names:
        for need in definition_of(item, name).argnames:
            if need not in names:
                yield need
