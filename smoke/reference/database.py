"""The SQL database: one SQLite file, many readers, one writer at a time.

Statements run where they stand, without a thread: SQLite answers from memory faster than a thread
can be woken. A transaction that began by reading fails at once when it wants to write after another
one wrote, so a transaction says at its start whether it will write (`BEGIN IMMEDIATE`), and writers
of this process queue for a lock that does not block the event loop.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    Session,
    declared_attr,
    mapped_column,
)
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

from .snapshots import Snapshots
from .variants import VARIANTS, Variant
from .web.errors import found

_BUSY_TIMEOUT_MS = 10_000
_WRITER_TIMEOUT_S = 20

# What creates the tables that are missing; a test compares it with the models.
SCHEMA = Path(__file__).with_name("schema.sql")


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


class Table(DeclarativeBase):
    """The parent of every table, which has the plural of its class's name unless it says so."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's attribute
        datetime: Moment,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
    }

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805  # of the class
        """The name of the table."""
        return re.sub("(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower() + "s"


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class WithId:
    """The primary key of most rows."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class Dated:
    """When a row was made, for rows that are not looked for by it."""

    created_at: Mapped[datetime] = mapped_column(default=now)


class OfTenant:
    """The tenant of a row that belongs to one."""

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), index=True)


def variant_of(session: Session) -> Variant:
    """Return the variant of the service that a session belongs to."""
    variant: Variant = session.info["variant"]
    return variant


def aware(moment: datetime) -> datetime:
    """Return a moment with an offset; one without is in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Row = TypeVar("Row", bound=Table)


def found_or_made(session: Session, table: type[Row], **key: object) -> Row:
    """Return the row with these values of columns; it is added where there is none."""
    row = session.scalar(select(table).filter_by(**key))
    if row is None:
        row = table(**key)
        session.add(row)
    return row


def existing(session: Session, table: type[Row], key: object, what: str) -> Row:
    """Return the row with a primary key; 404 without one."""
    return found(session.get(table, key), what)


def count(session: Session, *conditions: ColumnElement[bool]) -> int:
    """Return how many rows meet the conditions."""
    return session.scalar(select(func.count()).where(*conditions)) or 0


def part_of(column: InstrumentedAttribute[Any]) -> ForeignKey:
    """Return the foreign key of a row that is deleted with the row it belongs to."""
    return ForeignKey(column, ondelete="CASCADE")


class Database:
    """The open database.

    Never open `writing()` inside another `writing()`: the inner one waits for the outer.
    """

    def __init__(self, path: Path, variant: Variant = VARIANTS["full"]) -> None:
        self._info = {"variant": variant}
        self._snapshots = Snapshots(path, variant.lists_lag_s) if variant.lists_lag_s else None
        self._engine = create_engine(
            f"sqlite:///{path}", poolclass=NullPool, connect_args={"cached_statements": 1024}
        )
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        # Sessions share open connections: taking one out of a pool costs as much as a statement.
        self._written = self._engine.connect().execution_options(writes=True)
        self._idle: list[Connection] = []
        self._hot = sqlite3.connect(path, isolation_level=None)
        _prepare(self._hot, None)
        # Importing every model would take as long as the rest of the start.
        self._hot.executescript(f"BEGIN;{SCHEMA.read_text(encoding='utf-8')}COMMIT;")
        self._writer = asyncio.Lock()
        self._committed = asyncio.Event()

    def close(self) -> None:
        """Close every connection."""
        self._hot.close()
        if self._snapshots:
            self._snapshots.close()
        for connection in (self._written, *self._idle):
            connection.close()

    def answers(self) -> bool:
        """Tell whether the database answers."""
        try:
            with self.reading() as session:
                session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError):
            return False
        return True

    def row(self, sql: str, *values: str | None) -> tuple[Any, ...] | None:
        """Run a statement without the ORM and return its first row: for what every request asks."""
        found: tuple[Any, ...] | None = self._hot.execute(sql, values).fetchone()
        return found

    def next_commit(self) -> asyncio.Event:
        """Return what is set by the next commit of this process.

        A follower of a table takes it before reading, so that it misses nothing between the two.
        """
        return self._committed

    @contextmanager
    def reading(self, *, of_list: bool = False) -> Iterator[Session]:
        """Give a session that must not write; one of a list may show an older state."""
        if of_list and self._snapshots:
            with self._session(self._snapshots.engine, autoflush=False) as session:
                yield session
            return
        connection = self._idle.pop() if self._idle else self._engine.connect()
        try:
            with self._session(connection, autoflush=False) as session:
                yield session
        finally:
            self._idle.append(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        """Give a session that may write; commit at the end, roll back on an exception.

        Keep it short: no password hashing and no outside call inside.
        """
        async with asyncio.timeout(_WRITER_TIMEOUT_S):
            await self._writer.acquire()
        try:
            with self._session(self._written) as session:
                yield session
                session.commit()
            if self._snapshots:
                self._snapshots.take()
            self._committed.set()
            self._committed = asyncio.Event()
        finally:
            self._writer.release()

    def _session(self, bind: Engine | Connection, *, autoflush: bool = True) -> Session:
        return Session(bind, expire_on_commit=False, autoflush=autoflush, info=self._info)


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=OFF",  # a process that is killed loses nothing; only the machine could
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A reader needs no transaction: nothing of this process comes between its statements.
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
