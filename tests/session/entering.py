"""Entering a real server with a way to sign in that the rules declare."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from smoke.config.settings import Flags, read_settings
from smoke.http.client import Client
from smoke.session.run_actors import Actors
from smoke.session.seeding import Seeding
from smoke.session.session import SmokeSession
from tests.session.ways import CLIENTS, KEY, PEOPLE
from tests.unlike.projects import made

SCHEMES: dict[str, Any] = {
    "oauth": {
        "type": "oauth2",
        "flows": {
            "password": {"tokenUrl": "/oauth/token", "scopes": {}},
            "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}},
        },
    },
    "basic": {"type": "http", "scheme": "basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
}

GET = {"responses": {"200": {"description": "d"}, "401": {"description": "d"}}}

PATHS: dict[str, Any] = {
    "/oauth/things": {"get": {**GET, "security": [{"oauth": []}]}},
    "/basic/things": {"get": {**GET, "security": [{"basic": []}]}},
    "/keys/things": {"get": {**GET, "security": [{"basic": []}, {"query": []}, {"header": []}]}},
    "/session/things": {"get": GET, "post": GET},
    "/session/end": {"post": GET},
    "/accounts/logout/": {"post": {"responses": {"302": {"description": "d"}}}},
}

CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Ways", "version": "1"},
    "paths": PATHS,
    "components": {"securitySchemes": SCHEMES},
}

ENVIRON = {
    "SMOKE_ENVIRONMENT": "local",
    "SMOKE_USER_PASSWORD": PEOPLE["ann@example.com"],
    "BOB_PASSWORD": PEOPLE["bob@example.com"],
    "ROBOT_SECRET": CLIENTS["robot"],
    "WEB_SECRET": CLIENTS["web-app"],
    "MY_KEY": KEY,
}


@asynccontextmanager
async def entering(
    folder: Path, url: str, rules: str, row: str = "", **environ: str
) -> AsyncIterator[Actors]:
    """The actors of a session against a server, as a run has them."""
    contract = folder / "ways.json"
    contract.write_text(json.dumps(CONTRACT), encoding="utf-8")
    excepted = '\n[[rule]]\noperation = "*"\nanonymous = "allowed"\n'
    root = made(folder / "project", contract, rules + excepted, f'base_url = "{url}"\n{row}')
    from smoke.config.table import load_table

    environ = {**ENVIRON, **environ}
    settings = read_settings(load_table(root), root, environ, Flags())
    (folder / "records").mkdir()
    smoke = SmokeSession(settings, environ, folder / "records")
    client = Client(smoke.target(), smoke.contract, smoke.run, smoke.policy)
    seeding = Seeding(client, smoke.rules, client.target, smoke.gates_on, smoke.env)
    try:
        yield Actors(client, seeding, smoke)
    finally:
        await client.close()
        smoke.close()


def record_of(actors: Actors) -> str:
    """The run's record as it was written."""
    place: Path = actors.smoke.settings.root.parent / "records"
    return (place / "run.jsonl").read_text(encoding="utf-8")


ANN = '[actors.ann]\nemail = "ann@example.com"\n'

BOB = '[actors.bob]\nemail = "bob@example.com"\npassword = "{env:BOB_PASSWORD}"\n'

WEB = 'client_id = "web-app"\nclient_secret = "{env:WEB_SECRET}"\n'


async def who(actors: Actors, name: str, operation: str) -> Any:
    """Who the server takes an actor for."""
    exchange = await actors.actor(name).call(operation)
    return (exchange.json or {}).get("who", exchange.status)
