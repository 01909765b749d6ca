"""
Server-sent events: an answer that goes on as long as there is something to say.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from fastapi.responses import StreamingResponse

HEARTBEAT_S = 15
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def event_stream(blocks: AsyncIterator[str]) -> StreamingResponse:
    """
    Return the answer that sends these blocks, each an event or a comment with its empty line.
    """
    return StreamingResponse(blocks, media_type="text/event-stream", headers=_HEADERS)


def event(data: str) -> str:
    """
    Return the event of a text without line breaks.
    """
    return f"data: {data}\n\n"


async def relayed(
    frames: asyncio.Queue[str | None], heartbeat: Callable[[], str]
) -> AsyncIterator[str]:
    """
    Give the frames of a queue as events until None, and a comment when nothing came for 15 s.
    """
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
