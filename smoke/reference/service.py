"""The running service: what lives as long as the process, and how a request reaches it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from .background import Background
from .database import Database
from .security.keys import Keys, open_keys
from .security.passwords import Passwords
from .security.tokens import Tokens
from .settings import Settings
from .sso.identity_provider import IdentityProvider
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
    limits: Limits
    passwords: Passwords
    background: Background = field(default_factory=Background)
    identity_provider: IdentityProvider = field(default_factory=IdentityProvider)
    started_at: float = field(default_factory=time.monotonic)


@asynccontextmanager
async def opened(
    settings: Settings, database_path: Path, storage: Path, metrics: Metrics
) -> AsyncIterator[Service]:
    """Open the database (made if missing), the keys and the object store; close them at the end."""
    with closing(Database(database_path, settings.reference_variant)) as database:
        keys = await open_keys(database)
        objects, limits = ObjectStore(storage), Limits(settings.reference_limits)
        passwords = Passwords(settings.reference_hash_ms)
        service = Service(
            settings, database, keys, Tokens(keys), objects, metrics, limits, passwords
        )
        try:
            yield service
        finally:
            await service.background.close()


def service_of(request: Request) -> Service:
    """Return the service that answers a request."""
    service: Service = request.app.state.service
    return service


async def _running(request: Request) -> Service:
    # Not `async`, FastAPI would run it in a thread, which takes longer than what it does.
    return service_of(request)


Running = Annotated[Service, Depends(_running)]


async def _session(request: Request) -> AsyncIterator[Session]:
    """Give a request its session: reading for GET, else writing, committed before the answer."""
    if request.method in {"GET", "HEAD"}:
        # Handlers are named like their operations, so the name says which ones show many things.
        of_list = request.scope["route"].name.startswith(("list_", "search_"))
        with service_of(request).database.reading(of_list=of_list) as session:
            yield session
    else:
        async with service_of(request).database.writing() as session:
            yield session


OpenSession = Annotated[Session, Depends(_session, scope="function")]
