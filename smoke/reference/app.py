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
from .document import document
from .errors import answer_errors
from .metrics import Metrics
from .service import opened
from .settings import Settings
from .surfaces import (
    activity,
    agents,
    assets,
    auth_sessions,
    billing,
    billing_history,
    billing_payment,
    billing_subscriptions,
    billing_usage,
    chat,
    consents,
    contact,
    containers,
    conversation_ledger,
    conversation_messages,
    conversations,
    email_verification,
    features,
    guardrails,
    health,
    invite_acceptance,
    logs,
    mfa,
    notification_preferences,
    object_store,
    openai_files,
    passwords,
    platform_features,
    platform_lifecycle,
    platform_tenants,
    service_accounts,
    signup,
    signup_invites,
    signup_requests,
    status,
    status_subscriptions,
    storage,
    team_invites,
    tenant_account,
    tenant_members,
    tenant_settings,
    test_fixtures,
    tools,
    uploads,
    usage,
    user_account,
    users,
    vector_store_files,
    vector_stores,
    well_known,
    workflow_replay,
    workflow_runs,
    workflow_starts,
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
    Surface(mfa.router),
    Surface(email_verification.router),
    Surface(passwords.router),
    Surface(signup.router),
    Surface(signup_requests.router),
    Surface(signup_invites.router),
    Surface(service_accounts.router),
    Surface(user_account.router),
    Surface(consents.router),
    Surface(notification_preferences.router),
    Surface(invite_acceptance.router),
    Surface(team_invites.router),
    Surface(platform_tenants.router),
    Surface(platform_lifecycle.router),
    Surface(platform_features.router),
    Surface(status.router),
    Surface(status_subscriptions.router),
    Surface(contact.router),
    Surface(tenant_account.router),
    Surface(tenant_members.router),
    Surface(tenant_settings.router),
    Surface(agents.router),
    Surface(conversations.router),
    Surface(conversation_messages.router),
    Surface(conversation_ledger.router),
    Surface(chat.router),
    Surface(workflow_runs.router),
    Surface(workflow_replay.router),
    Surface(workflow_starts.router),
    Surface(workflows.router),
    Surface(billing.router),
    Surface(billing_history.router),
    Surface(billing_payment.router),
    Surface(billing_subscriptions.router),
    Surface(billing_usage.router),
    Surface(containers.router),
    Surface(openai_files.router),
    Surface(vector_store_files.router),
    Surface(vector_stores.router),
    Surface(storage.router),
    Surface(object_store.router),
    Surface(uploads.router),
    Surface(assets.router),
    Surface(activity.router),
    Surface(guardrails.router),
    Surface(tools.router),
    Surface(features.router),
    Surface(usage.router),
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
        openapi_url="/openapi.json" if settings.debug else None,
        docs_url="/docs" if settings.debug else None,
        redoc_url=None,
    )
    routers = [surface.router for surface in SURFACES if surface.is_served(settings)]
    api.openapi = lambda: document(api, routers)  # type: ignore[method-assign]  # FastAPI's documented hook
    answer_errors(api)
    for router in routers:
        # Served as they are: `include_router` would build each of them a second time.
        api.router.routes.extend(router.routes)
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
