"""A wrong base URL is not taken for a service without seeding."""

import asyncio
from pathlib import Path

import pytest
from fastapi import FastAPI

from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.errors import UnverifiedError
from smoke.http.client import Client
from smoke.results.exchange import Exchange
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.session.readiness import must_be_there, probes
from tests.desk import Desk, has, project
from tests.loopback import Heard, Loopback, answer, listening
from tests.smoking import Finished, reference, smoke_run
from tests.unlike.serve import serving

PATHS = (
    "/health",
    "/health/storage",
    "/v1/things",
    "/v1/things/{id}",
    "/v1/others",
    "/v1/open",
    "/v1/searched",
    "/v1/others/more",
    "/seed",
)


def contract() -> Contract:
    """Operations of which not all can be asked by anybody."""
    paths = {path: {"get": {"responses": {"200": {"description": ""}}}} for path in PATHS}
    paths["/v1/things"]["get"]["security"] = [{"key": []}]  # type: ignore[assignment]
    query = {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}
    paths["/v1/searched"]["get"]["parameters"] = [query]  # type: ignore[assignment]
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths["/v1/things/{id}"]["get"]["parameters"] = [one]  # type: ignore[assignment]
    key = {"key": {"type": "apiKey", "in": "header", "name": "x-key"}}
    info, components = {"title": "t", "version": "1"}, {"securitySchemes": key}
    return Contract({"openapi": "3.1.0", "info": info, "paths": paths, "components": components})


def test_probes_are_near_and_open_and_of_different_surfaces() -> None:
    found = [one.path for one in probes(contract(), "POST /v1/seed/apply")]
    assert found == ["/v1/others", "/v1/open", "/v1/things"]
    assert [one.path for one in probes(contract(), "")] == ["/health", "/v1/others", "/seed"]


async def asked(server: Loopback, before: str = "", missing: tuple[str, ...] = ()) -> None:
    """Look for the API after a 404 of its seeding."""
    client = Client(Target("t", base_url=server.url), contract(), Run("t", Secrets()))
    client.run.saw(Exchange(1, "", "", before, "GET", server.url, 0.0, {}, status=200))
    for name in missing:
        client.run.saw(Exchange(1, "", "", name, "GET", server.url, 0.0, {}, status=404))
    lost = Exchange(1, "", "", "POST /v1/seed", "POST", f"{server.url}/v1/seed", 0.0, {})
    try:
        await must_be_there(client, lost)
    finally:
        await client.close()


async def test_other_routes_that_are_missing_do_not_make_the_url_wrong() -> None:
    missing = ("GET /v1/others", "GET /v1/open", "GET /health/storage", "GET /seed")

    async def some(heard: Heard, writer: asyncio.StreamWriter) -> None:
        await answer(401 if "/v1/things" in heard.line else 404)(heard, writer)

    async with listening(some) as server:
        await asked(server, "GET /health", missing)
    assert [heard.line.split()[1] for heard in server.heard][-1] == "/v1/things"


async def test_one_answer_is_enough() -> None:
    async def somewhere(heard: Heard, writer: asyncio.StreamWriter) -> None:
        await answer(401 if "/v1/things" in heard.line else 404)(heard, writer)

    async with listening(somewhere) as server:
        await asked(server)
    assert [heard.line.split()[1] for heard in server.heard] == [
        "/v1/others",
        "/v1/open",
        "/v1/things",
    ]


async def test_known_operations_are_not_probed_again() -> None:
    async with listening(answer(404)) as server:
        with pytest.raises(UnverifiedError, match="so did GET /v1/open and GET /v1/others/more"):
            await asked(server, "GET /v1/others")


async def test_url_without_the_api_is_reported() -> None:
    reported = (
        "answered 404, and so did GET /v1/others and GET /v1/open and GET /v1/things: nothing "
    )
    async with listening(answer(404)) as server:
        with pytest.raises(UnverifiedError, match=reported):
            await asked(server)


async def test_probe_without_response_proves_nothing_about_the_url() -> None:
    async def hangs_up(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with listening(hangs_up) as server:
        await asked(server)


def reported(run: Finished) -> str:
    return " ".join(run.out.split())


def test_service_under_another_prefix_is_not_reported_as_shut(tmp_path: Path) -> None:
    with reference() as url:
        run = smoke_run(tmp_path, "--base-url", f"{url}/wrong")
    assert run.code == 2, run.out
    assert "UNVERIFIED (environment)" in run.out
    assert f"GET {url}/wrong/health/ready answered 404, and so did " in reported(run)
    assert "nothing of the API is at this URL. Is the base URL right" in reported(run)
    assert [row["method"] for row in run.record("exchange")] == ["GET"] * 4


@pytest.mark.parametrize(
    ("fault", "prefix", "code", "words"),
    [
        ("", "/v2", 2, "POST {url}/seed answered 404, and so did GET /notes: nothing of the API"),
        ("door_is_shut", "", 4, "POST {url}/seed answered 404: seeding is switched off."),
    ],
)
def test_missing_routes_differ_from_switched_off_seeding(
    fault: str, prefix: str, code: int, words: str, tmp_path: Path
) -> None:
    desk, app = Desk(fault), FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.get("/ready")(desk.ready)
    app.mount(prefix, desk.app())
    with serving(app) as url:
        root = project(tmp_path / "project")
        has(root, {"a": f'base_url = "{url}"'})
        run = smoke_run(tmp_path, "--target=a", root=root)
    assert run.code == code, run.out
    assert words.format(url=url) in reported(run)


def test_sign_in_missing_with_all_routes_is_reported(tmp_path: Path) -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.get("/ready")(Desk().ready)
    with serving(app) as url:
        root = project(tmp_path / "project")
        has(root, {"a": f'base_url = "{url}"\nseeded = true'})
        run = smoke_run(tmp_path, "--target=a", root=root)
    assert run.code == 2, run.out
    assert f"POST {url}/login answered 404, and so did GET /notes: nothing of" in reported(run)
