"""The running service: what lives as long as the process, and how a request reaches it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from .background import Background
from .chat.responder import Responder, responder_of
from .database import Database, now
from .security.keys import Keys, open_keys
from .security.tokens import Tokens
from .settings import Settings
from .storage.object_store import ObjectStore
from .web.limits import Limits
from .web.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Service:
    """The open parts of one running service."""

    settings: Settings
    database: Database
    keys: Keys
    tokens: Tokens
    objects: ObjectStore
    metrics: Metrics
    responder: Responder
    limits: Limits
    background: Background = field(default_factory=Background)
    started_at: float = field(default_factory=time.monotonic)
    started: datetime = field(default_factory=now)


@asynccontextmanager
async def opened(
    settings: Settings, database_path: Path, storage: Path, metrics: Metrics
) -> AsyncIterator[Service]:
    """Open the database (made if missing), the keys and the object store; close them at the end."""
    database = Database(database_path)
    try:
        await database.create_tables()
        keys = await open_keys(database)
        objects, responder = ObjectStore(storage), responder_of(settings)
        limits = Limits(is_on=settings.enable_rate_limits)
        tokens = Tokens(keys)
        service = Service(settings, database, keys, tokens, objects, metrics, responder, limits)
        try:
            yield service
        finally:
            await service.background.close()
    finally:
        await database.close()


async def current_service(request: Request) -> Service:
    """Return the service that answers this request.

    It waits for nothing, as other such dependencies; where it were not `async`, FastAPI would run
    it in a thread, which takes longer than what it does.
    """
    service: Service = request.app.state.service
    return service


Running = Annotated[Service, Depends(current_service)]


async def _session(request: Request, service: Running) -> AsyncIterator[AsyncSession]:
    """
    Give a request its session: reading for GET, else writing, committed before the answer leaves.
    """
    reads = request.method in {"GET", "HEAD"}
    async with service.database.reading() if reads else service.database.writing() as session:
        yield session


Session = Annotated[AsyncSession, Depends(_session, scope="function")]
