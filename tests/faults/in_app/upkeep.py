"""A service that boots, stores or seeds wrongly, or is only different; and layers around it."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace as replace_fields
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from smoke.reference import app as application
from smoke.reference.agents import catalogue as agent_catalogue
from smoke.reference.agents import service as agents_service
from smoke.reference.agents.catalogue import AGENTS
from smoke.reference.conversations import service as conversation_store
from smoke.reference.database import Database
from smoke.reference.health import router as health
from smoke.reference.storage import presigned
from smoke.reference.storage.object_store import ObjectStore
from smoke.reference.surfaces import SURFACES
from smoke.reference.test_fixtures import conversations as seeded_conversations
from smoke.reference.test_fixtures import tenants as seeded_tenants
from smoke.reference.test_fixtures import users as seeded_users
from smoke.reference.users.models import User
from smoke.reference.workflows import catalogue as workflow_catalogue
from smoke.reference.workflows import service as workflows_service
from smoke.reference.workflows.catalogue import WORKFLOWS
from tests.faults.in_app import Change, each, replace, wrap

Layer = Callable[[ASGIApp], ASGIApp]


def version(text: str) -> Change:
    """Another version than the one that should be there."""
    return replace(health, "VERSION", text)


def without(tag: str) -> Change:
    """A surface is missing, as after a router was not included."""
    kept = tuple(surface for surface in SURFACES if tag not in surface.tags)
    if len(kept) == len(SURFACES):
        raise ValueError(f"the reference service has no surface tagged {tag!r}.")
    return replace(application, "SURFACES", kept)


def _gone() -> Change:
    @contextmanager
    def nothing(_self: Database) -> Iterator[Any]:
        raise OSError("the database is gone")
        yield

    return replace(Database, "reading", nothing)


database_gone = _gone()
objects_read_only = replace(ObjectStore, "is_writable", lambda _self: False)
urls_born_expired = replace(presigned, "LIFETIME_S", -1)


def _no_messages(*_arguments: object) -> None:
    return None


messages_not_seeded = replace(seeded_conversations, "_replace_messages", _no_messages)


def seeded_as(role: str, instead: str) -> Change:
    """Seeding gives another role than it was asked for."""

    def altered(seed_users: Any) -> Any:
        def seed(service: Any, session: Any, tenant: Any, wanted: Any) -> Any:
            rows = [
                row.model_copy(update={"role": instead}) if row.role == role else row
                for row in wanted
            ]
            return seed_users(service, session, tenant, rows)

        return seed

    return wrap(seeded_tenants, "seed_users", altered)


def _seeds_once() -> Change:
    """A user that exists is made again, which the database refuses."""

    def altered(_user: Any) -> Any:
        def make(session: Any, wanted: Any, password_hash: str) -> Any:
            user = User(email=wanted.email.lower(), password_hash=password_hash)
            user.email_verified = True
            session.add(user)
            session.flush()
            return user

        return make

    return wrap(seeded_users, "_user", altered)


seeds_once = _seeds_once()


def _passwords_kept() -> Change:
    """Seeding does not reset the password of a user that exists."""

    def altered(user_of: Any) -> Any:
        def keep(session: Any, wanted: Any, _password_hash: str) -> Any:
            return user_of(session, wanted, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$AAAA")

        return keep

    return wrap(seeded_users, "_user", altered)


passwords_not_seeded = _passwords_kept()


def _random_id(_tenant_id: UUID, _key: str) -> UUID:
    return uuid4()


other_ids = each(
    replace(seeded_conversations, "id_of_key", _random_id),
    replace(conversation_store, "id_of_key", _random_id),
)


def _longer_catalogues() -> Change:
    """Three times as many agents and workflows as there were, each with a key of its own."""
    numbers = (1, 2)
    agents = tuple(replace_fields(a, key=f"{a.key}_{n}") for n in numbers for a in AGENTS)
    flows = tuple(
        replace_fields(w, key=f"{w.key}_{n}", is_default=False) for n in numbers for w in WORKFLOWS
    )
    return each(
        *(replace(module, "AGENTS", AGENTS + agents) for module in (
            agent_catalogue, agents_service)),
        *(replace(module, "WORKFLOWS", WORKFLOWS + flows) for module in (
            workflow_catalogue, workflows_service)),
    )  # fmt: skip


longer_catalogues = _longer_catalogues()


def one_operation_more(api: FastAPI) -> None:
    """An operation that no contract knows yet."""
    api.add_api_route("/api/v1/fresh", lambda: {"fresh": True}, methods=["GET"])


def _http(serve: Callable[[ASGIApp, Scope, Receive, Send], Any]) -> Layer:
    """A layer that sees requests only; the lifespan passes."""

    def layer(app: ASGIApp) -> ASGIApp:
        async def served(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                await serve(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return served

    return layer


async def _ready_whatever(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/health/ready":
        scope = {**scope, "path": "/health", "raw_path": b"/health"}
    await app(scope, receive, send)


ready_whatever = _http(_ready_whatever)


def unavailable_for(seconds: float, *, says_ready: bool) -> Layer:
    """Everything is 503 for a while after the first request; readiness may say otherwise."""
    until: list[float] = []

    async def serve(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        until.extend([] if until else [time.monotonic() + seconds])
        passes = says_ready and scope["path"].startswith("/health")
        if passes or time.monotonic() > until[0]:
            await app(scope, receive, send)
        else:
            await JSONResponse({"detail": "starting"}, 503)(scope, receive, send)

    return _http(serve)


def dying_after(count: int) -> Layer:
    """The process is gone after some requests."""
    left = [count]

    async def serve(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        left[0] -= 1
        if left[0] < 0:
            os._exit(3)
        await app(scope, receive, send)

    return _http(serve)


def dying_at(method: str, ending: str) -> Layer:
    """One operation takes the process down."""

    async def serve(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == method and scope["path"].endswith(ending):
            os._exit(3)
        await app(scope, receive, send)

    return _http(serve)


def below(prefix: str) -> Layer:
    """The service is served below a base path (ASGI: `root_path`)."""

    async def serve(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "root_path": prefix}, receive, send)

    return _http(serve)
