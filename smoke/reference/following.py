"""
Following a table as a stream that never ends: the rows that are there, then each as it comes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from time import monotonic
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from .database import Database
from .event_stream import HEARTBEAT_S, event


class Numbered(Protocol):
    """
    A row whose id grows with every row.
    """

    @property
    def id(self) -> int:
        """
        The position in the stream.
        """


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
