"""
The application: which surfaces there are, and when each is served.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from .correlation import Correlation
from .document import RESPONSES, document
from .errors import answer_errors
from .metrics import Metrics
from .service import opened
from .settings import Settings
from .surfaces import (
    agents,
    auth_sessions,
    conversation_messages,
    conversations,
    health,
    logs,
    object_store,
    storage,
    tenant_account,
    tenant_members,
    tenant_settings,
    test_fixtures,
    users,
    well_known,
    workflow_runs,
    workflows,
)


def _always(_settings: Settings) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Surface:
    """
    A router, and whether it is there at all under some settings.

    A surface that is there but shut answers 403 by itself (`features.py`).
    """

    router: APIRouter
    is_served: Callable[[Settings], bool] = _always


SURFACES: tuple[Surface, ...] = (
    Surface(health.router),
    Surface(well_known.router),
    Surface(auth_sessions.router),
    Surface(users.router),
    Surface(tenant_account.router),
    Surface(tenant_members.router),
    Surface(tenant_settings.router),
    Surface(agents.router),
    Surface(conversations.router),
    Surface(conversation_messages.router),
    Surface(workflow_runs.router),
    Surface(workflows.router),
    Surface(storage.router),
    Surface(object_store.router),
    Surface(logs.router, lambda settings: settings.enable_frontend_log_ingest),
    Surface(test_fixtures.router, lambda settings: settings.use_test_fixtures),
)


def build_api(settings: Settings) -> FastAPI:
    """
    Return the application without its process-wide parts.
    """
    api = FastAPI(
        title="api-service",
        description="A reference api-service that behaves.",
        version=health.VERSION,
        responses=RESPONSES,
        separate_input_output_schemas=False,
        openapi_url="/openapi.json" if settings.debug else None,
        docs_url="/docs" if settings.debug else None,
        redoc_url=None,
    )
    api.openapi = lambda: document(api)  # type: ignore[method-assign]  # FastAPI's documented hook
    answer_errors(api)
    for surface in SURFACES:
        if surface.is_served(settings):
            api.include_router(surface.router)
    return api


def build_app(settings: Settings, database: Path, storage: Path) -> ASGIApp:
    """
    Return the whole application; its lifespan opens and closes the database.
    """
    metrics = Metrics()
    api = build_api(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings, database, storage, metrics) as service:
            app.state.service = service
            yield

    api.router.lifespan_context = lifespan
    return Correlation(api, metrics)
