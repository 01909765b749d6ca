"""A field of a tenant that several runs may write at the same time."""

from collections.abc import Awaitable, Callable
from typing import Any

from smoke import Answer, at

# How often a write is tried that other runs get ahead of: each of them has two to make.
TRIES = 25


class SharedField:
    """
    Writes a field that another run may write too, and believes the write when it is read back.

    Two runs may write the same field at once, and put back what was there. Where the value is not
    the one written, but the answer not what it was before either (its `updated_at`, say), another
    run came between, and the write is tried again; an answer as before is a lost write.
    """

    def __init__(self, read: Callable[[], Awaitable[Answer]], pointer: str) -> None:
        self.read = read
        self.pointer = pointer

    async def write(
        self, value: str, send: Callable[[str], Awaitable[Any]], before: Answer | None = None
    ) -> Answer:
        """Write the value, read it back and return that answer; `before` was read just now."""
        for _ in range(TRIES):
            before = before or await self.read()
            await send(value)
            after = await self.read()
            if at(after.json, self.pointer) == value or after.json == before.json:
                break
            before = None
        return after.holds(self.pointer, value)
