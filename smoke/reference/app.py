"""The application: its surfaces, and which of them a deployment serves."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from .health.router import VERSION
from .service import opened
from .settings import Settings
from .starting import record_start
from .surfaces import LOGS, SURFACES, TEST_FIXTURES, WEBHOOKS, Surface
from .web.correlation import Correlation
from .web.document import document
from .web.errors import answer_errors
from .web.metrics import Metrics
from .web.rewriting import Rewriting

# Seconds after the start in which a first request finds the processor free.
_QUIET_S = 0.05

# Requests drop little that only the collector finds, so it may look rarely.
_GARBAGE = (50_000, 20, 50)


def build_api(settings: Settings) -> FastAPI:
    """Return the application without its process-wide parts."""
    api = FastAPI(
        title="api-service",
        description="api-service FastAPI microservice",
        version=VERSION,
        openapi_url="/openapi.json" if settings.debug else None,
        docs_url="/docs" if settings.debug else None,
        redoc_url=None,
    )
    surfaces = surfaces_of(settings)
    api.openapi = lambda: document(api, [one.load() for one in surfaces])  # type: ignore[method-assign]  # FastAPI's documented hook
    answer_errors(api)
    api.router.routes.extend(surfaces)
    return api


def surfaces_of(settings: Settings) -> list[Surface]:
    """Return what a deployment with these settings serves."""
    surfaces = list(SURFACES)
    if settings.enable_frontend_log_ingest:
        surfaces.append(LOGS)
    if settings.enable_billing:
        surfaces.append(WEBHOOKS)
    if settings.use_test_fixtures:
        surfaces.append(TEST_FIXTURES)
    return surfaces


def build_app(settings: Settings, database: Path, storage: Path) -> ASGIApp:
    """Return the whole application; its lifespan opens and closes the database."""
    metrics = Metrics()
    api = build_api(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings, database, storage, metrics) as service:
            record_start(service.database)
            app.state.service = service
            service.background.start("surfaces", _load(surfaces_of(settings)))
            yield

    api.router.lifespan_context = lifespan
    variant = settings.reference_variant
    if variant.naive_times or variant.extra_fields:
        return Correlation(Rewriting(api, variant), metrics, settings.reference_work_ms)
    return Correlation(api, metrics, settings.reference_work_ms)


async def _load(surfaces: Iterable[Surface]) -> None:
    """Import the surfaces one after the other, and let requests in between."""
    for surface in surfaces:
        await asyncio.sleep(_QUIET_S)
        surface.load()
    gc.freeze()  # what is there by now stays: no request waits for it to be looked through
    gc.set_threshold(*_GARBAGE)
    gc.enable()
