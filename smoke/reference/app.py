"""The application: the router of each feature, and which of them a deployment serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from .activity.router import router as activity
from .agents.router import router as agents
from .assets.router import router as assets
from .auth.router import router as auth
from .billing.router import router as billing
from .billing.subscription_router import router as subscriptions
from .chat.router import router as chat
from .contact.router import router as contact
from .containers.router import router as containers
from .conversations.router import router as conversations
from .credentials.router import router as credentials
from .features.router import router as features
from .guardrails.router import router as guardrails
from .health.router import VERSION
from .health.router import router as health
from .invites.router import router as invites
from .jwks.router import router as jwks
from .logs.router import router as logs
from .mfa.router import router as mfa
from .openai_files.router import router as openai_files
from .platform.router import router as platform
from .service import opened
from .service_accounts.router import router as service_accounts
from .settings import Settings
from .signup.router import router as signup
from .sso.provider_router import router as identity_provider
from .sso.router import router as sso
from .status.router import router as status
from .storage.bytes_router import router as object_bytes
from .storage.router import router as storage
from .tenants.router import router as tenants
from .test_fixtures.router import router as test_fixtures
from .tools.router import router as tools
from .uploads.router import router as uploads
from .usage.router import router as usage
from .users.router import router as users
from .vector_stores.router import router as vector_stores
from .web.correlation import Correlation
from .web.document import document
from .web.errors import answer_errors
from .web.metrics import Metrics
from .web.rewriting import Rewriting
from .workflows.abandoned import close_abandoned
from .workflows.router import router as workflows

ROUTERS: tuple[APIRouter, ...] = (
    health, jwks, auth, users, mfa, credentials, signup, service_accounts, sso,
    identity_provider, invites, platform, status, contact, tenants, agents, conversations, chat,
    workflows, billing, containers, openai_files, vector_stores, storage, uploads, assets,
    activity, guardrails, tools, features, usage, subscriptions, object_bytes,
)  # fmt: skip
"""What every deployment serves; a feature that is switched off answers 403 by itself."""


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
    routers = list(ROUTERS)
    if settings.enable_frontend_log_ingest:
        routers.append(logs)
    if settings.use_test_fixtures:
        routers.append(test_fixtures)
    api.openapi = lambda: document(api, routers)  # type: ignore[method-assign]  # FastAPI's documented hook
    answer_errors(api)
    for router in routers:
        # Served as they are: `include_router` would build each of them a second time.
        api.router.routes.extend(router.routes)
    return api


def build_app(settings: Settings, database: Path, storage: Path) -> ASGIApp:
    """Return the whole application; its lifespan opens and closes the database."""
    metrics = Metrics()
    api = build_api(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings, database, storage, metrics) as service:
            await close_abandoned(service.database)
            app.state.service = service
            yield

    api.router.lifespan_context = lifespan
    variant = settings.reference_variant
    if variant.naive_times or variant.extra_fields:
        return Correlation(Rewriting(api, variant), metrics, settings.reference_work_ms)
    return Correlation(api, metrics, settings.reference_work_ms)
