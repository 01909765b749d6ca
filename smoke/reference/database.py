"""The SQL database: one SQLite file, many readers, one writer at a time.

SQLite cannot wait when a transaction that began by reading wants to write after somebody else
wrote: it fails at once, whatever the busy timeout. So a transaction says at its start whether it
will write (`BEGIN IMMEDIATE`), and writers of this process queue for a lock instead of polling.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

_BUSY_TIMEOUT_MS = 10_000
_WRITER_TIMEOUT_S = 20


class Table(DeclarativeBase):
    """The parent of every table."""


class Moment(TypeDecorator[datetime]):
    """A date-time that is always aware: stored in UTC, returned with its offset."""

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """The type of a value, which cursors need to know."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Return the moment in UTC without an offset, as SQLite can store it."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Return the stored moment with its offset."""
        return None if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class Database:
    """The open database.

    Never open `writing()` inside another `writing()`: the inner one waits for the outer.
    """

    def __init__(self, path: Path) -> None:
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}",
            pool_size=10,
            max_overflow=20,
            pool_reset_on_return=None,  # a session has ended its transaction by then
        )
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        self._readers: AsyncEngine = engine
        self._writers: AsyncEngine = engine.execution_options(writes=True)
        self._writer = asyncio.Lock()
        self._committed = asyncio.Event()

    async def create_tables(self) -> None:
        """Create the tables that are missing."""
        async with self._writers.begin() as connection:
            await connection.run_sync(Table.metadata.create_all)

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.dispose()

    def next_commit(self) -> asyncio.Event:
        """Return what is set by the next commit of this process; whoever follows a table takes it
        before reading, so that nothing is missed between the two.
        """
        return self._committed

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a session that must not write."""
        async with AsyncSession(self._readers, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a session that may write; commit at the end, roll back on an exception.

        Keep it short: no password hashing and no outside call inside.
        """
        async with asyncio.timeout(_WRITER_TIMEOUT_S):
            await self._writer.acquire()
        try:
            async with AsyncSession(self._writers, expire_on_commit=False) as session:
                yield session
                await session.commit()
            self._committed.set()
            self._committed = asyncio.Event()
        finally:
            self._writer.release()


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
