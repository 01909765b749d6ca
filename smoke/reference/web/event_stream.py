"""Server-sent events: an answer that goes on as long as there is something to say."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from time import monotonic
from typing import Protocol, TypeVar

from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from ..database import Database

HEARTBEAT_S = 15
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def event_stream(blocks: AsyncIterator[str]) -> StreamingResponse:
    """Return the answer that sends these blocks, each an event or a comment with its empty line."""
    return StreamingResponse(blocks, media_type="text/event-stream", headers=_HEADERS)


def event(data: str) -> str:
    """Return the event of a text without line breaks."""
    return f"data: {data}\n\n"


async def relayed(
    frames: asyncio.Queue[str | None], heartbeat: Callable[[], str]
) -> AsyncIterator[str]:
    """Give the frames of a queue as events until None, and a comment when nothing came for 15 s."""
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                frame = await frames.get()
        except TimeoutError:
            yield f": {heartbeat()}\n\n"
            continue
        if frame is None:
            return
        yield event(frame)


class Numbered(Protocol):
    """A row whose id grows with every row."""

    @property
    def id(self) -> int:
        """The position in the stream."""


Row = TypeVar("Row", bound=Numbered)


async def followed(
    database: Database,
    rows_after: Callable[[AsyncSession, int], Awaitable[Sequence[Row]]],
    data_of: Callable[[Row], str],
    *,
    start: int = 0,
    heartbeat_s: float = HEARTBEAT_S,
) -> AsyncIterator[str]:
    """
    Give each row after a position as an event, oldest first, and `: ping` when none came for long.
    """
    last, due = start, monotonic() + heartbeat_s
    while True:
        committed = database.next_commit()
        # Shielded, since a query that is cut off halfway breaks its connection.
        rows = await asyncio.shield(asyncio.ensure_future(_read(database, rows_after, last)))
        for row in rows:
            last, due = row.id, monotonic() + heartbeat_s
            yield event(data_of(row))
        if rows:
            continue
        try:
            async with asyncio.timeout(due - monotonic()):
                await committed.wait()
        except TimeoutError:
            due = monotonic() + heartbeat_s
            yield ": ping\n\n"


async def _read(
    database: Database,
    rows_after: Callable[[AsyncSession, int], Awaitable[Sequence[Row]]],
    last: int,
) -> Sequence[Row]:
    async with database.reading() as session:
        return await rows_after(session, last)
