"""Server-sent events: an answer that goes on as long as there is something to say."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from typing import TypeVar

from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from ..database import Database

Position = TypeVar("Position")

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


async def followed(
    database: Database,
    read: Callable[[Session, Position | None], Sequence[tuple[Position, str]]],
    *,
    heartbeat: str,
    heartbeat_s: float | None = None,
) -> AsyncIterator[str]:
    """Give each row of a table as an event, oldest first, then each as it comes; without end.

    `read` returns the next rows after a position, each with its own position. When no row came for
    `heartbeat_s` seconds (15), a comment is sent.
    """
    position: Position | None = None
    heartbeat_s = heartbeat_s or HEARTBEAT_S
    due = monotonic() + heartbeat_s
    while True:
        committed = database.next_commit()
        with database.reading() as session:
            rows = read(session, position)
        if rows:
            position, due = rows[-1][0], monotonic() + heartbeat_s
            for _, data in rows:
                yield event(data)
            continue
        try:
            async with asyncio.timeout(due - monotonic()):
                await committed.wait()
        except TimeoutError:
            due = monotonic() + heartbeat_s
            yield f":{heartbeat}\n\n"
