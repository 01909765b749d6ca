"""Work that outlives the request that began it."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """
    The tasks of one running service, by name; a name may be used again when its task has ended.
    """

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin a piece of work and return its task."""
        task = asyncio.create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)
        return task

    def cancel(self, name: str) -> bool:
        """Ask a task to stop; tell whether it was still running."""
        task = self._tasks.get(name)
        return task is not None and task.cancel()

    async def ended(self, name: str) -> None:
        """Wait until a task has ended, however it did."""
        task = self._tasks.get(name)
        if task is not None:
            await asyncio.wait([task])

    async def close(self) -> None:
        """Stop every task."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if self._tasks.get(task.get_name()) is task:
            del self._tasks[task.get_name()]
