"""Production is never written to by accident: its target is named twice, or nothing is sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from smoke.config.production import WORDS, looks_like, must_be_meant
from smoke.config.settings import Flags, read_settings
from smoke.config.targets import Target
from smoke.errors import ConfigError, SmokeError
from tests.desk import Desk, has, project
from tests.http.proxy import Proxy, proxying
from tests.smoking import Finished, smoke_run
from tests.unlike.serve import serving

HOST = "desk.prod.smoke-test.invalid"


def found(host: str, *patterns: str) -> str:
    return looks_like(Target("t", base_url=f"https://{host}/api"), patterns or WORDS)


@pytest.mark.parametrize(
    ("host", "word"),
    [
        ("prod.example.com", "prod"),
        ("api.prod.example.com", "prod"),
        ("API.PROD.EXAMPLE.COM.", "prod"),
        ("prod-eu.example.com", "prod"),
        ("eu-prod.example.com", "prod"),
        ("api-prod2.example.com", "prod"),
        ("api_prd.example.com", "prd"),
        ("example-production.net", "production"),
        ("live.example.com", "live"),
        ("api.prod.svc.cluster.local", "prod"),
        ("prod", "prod"),
        ("prod:8443", "prod"),
        ("api.production", "production"),
        ("api.prd", "prd"),
        ("prodapi.example.com", "prod"),
        ("apiprod.example.com", "prod"),
        ("eu1prod.example.com", "prod"),
        ("prod7eu.example.com", "prod"),
        ("liveapi.example.com", "live"),
        ("acme-productionapi.example.com", "prod"),
        ("apiprod2.example.com", "prod"),
        ("euprod01.example.com", "prod"),
        ("webprd7.example.com", "prd"),
        ("apilive2.example.com", "live"),
        ("gateway.example.com/%70rod", "prod"),
        ("gateway.example.com/eu%2Fprod1", "prod"),
    ],
)
def test_host_with_a_word_for_production_looks_like_production(host: str, word: str) -> None:
    assert found(host) == word


@pytest.mark.parametrize(
    "host",
    [
        "staging.example.com",
        "product-staging.example.com",
        "products.example.com",
        "reproduce.test",
        "preprod.example.com",
        "pre-prod.example.com",
        "non-prod.example.com",
        "delivery.example.com",
        "staging.example.live",
        "livestream.staging.example.com",
        "api.example.com",
        "10.0.0.1",
        "127.0.0.1:8000",
        "[::1]:8000",
        "localhost",
        "prod.localhost:8000",
        "preprodapi.example.com",
        "eu1nonprod.example.com",
        "eu1nonprod2.example.com",
        "olive7.example.com",
        "producers.example.com",
        "acme-productions.com",
        "olive.example.com",
        "liveness.example.com",
    ],
)
def test_other_hosts_do_not(host: str) -> None:
    assert found(host) == ""


@pytest.mark.parametrize(
    ("host", "pattern"),
    [
        ("api.example.com", "api.example.com"),
        ("eu.api.example.com", "*.api.example.com"),
        ("customers.example.com", "customers"),
        ("prod.example.com", ""),
        ("127.0.0.1", ""),
    ],
)
def test_file_may_define_the_words_for_production(host: str, pattern: str) -> None:
    own = ("api.example.com", "*.api.example.com", "Customers", "*.0.0.1")
    assert found(host, *own).lower() == pattern


@pytest.mark.parametrize(
    ("name", "path", "word"),
    [
        ("prod", "", "prod"),
        ("prod-eu", "", "prod"),
        ("EU_PROD", "", "prod"),
        ("production", "", "production"),
        ("eu", "/prod/v1", "prod"),
        ("eu", "/v1-production", "production"),
        ("staging", "/products", ""),
        ("preprod", "/v1", ""),
    ],
)
def test_path_and_name_of_a_target_count(name: str, path: str, word: str) -> None:
    assert looks_like(Target(name, base_url=f"https://gw.example.com{path}"), WORDS) == word


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/prod", "http://[::1]:1/prod"])
def test_path_counts_behind_a_tunnel_too(url: str) -> None:
    assert looks_like(Target("eu", base_url=url), WORDS) == "prod"


def test_environment_in_the_row_decides() -> None:
    here = "https://prod.example.com"
    assert looks_like(Target("prod", base_url=here, environment="test"), WORDS) == ""
    there = Target("eu", base_url="https://api.example.com", environment="production")
    assert looks_like(there, WORDS) == "environment"


def tunnel(environ: dict[str, str] | None = None, **row: object) -> str:
    """The reason to refuse a target on this machine; empty if the run may start."""
    rows = {"local": {"base_url": "http://127.0.0.1:8000", **row}}
    target = read_settings({"targets": rows}, Path("/x"), environ or {}, Flags()).target
    try:
        must_be_meant(target, "")
    except SmokeError as error:
        return str(error)
    return ""


def test_address_of_this_machine_must_declare_its_environment() -> None:
    assert "it may be a tunnel to production" in tunnel()
    assert 'environment = "local"' in tunnel()
    assert tunnel(environment="local") == ""
    assert tunnel({"SMOKE_ENVIRONMENT": "local"}) == ""
    assert tunnel(read_only=True) == ""


def test_environment_variable_only_applies_to_this_machine() -> None:
    rows = {"local": {"base_url": "https://prod.example.com"}}
    environ = {"SMOKE_ENVIRONMENT": "local"}
    settings = read_settings({"targets": rows}, Path("/x"), environ, Flags())
    assert (settings.target.environment, settings.production) == ("", "prod")
    with pytest.raises(ConfigError, match=r"SMOKE_ENVIRONMENT is 'home'. Allowed: local, test, "):
        tunnel({"SMOKE_ENVIRONMENT": "home"})


def test_production_of_the_file_is_a_list_of_texts() -> None:
    table = {"targets": {"local": {"base_url": "http://x"}}, "production": "prod"}
    with pytest.raises(ConfigError, match=r"\[tool.smoke\] production is 'prod'. Allowed: a list"):
        read_settings(table, Path(), {}, Flags())


def test_unknown_target_is_reported() -> None:
    table = {"targets": {"local": {"base_url": "http://x"}, "prod": {"base_url": "http://prod"}}}
    message = (
        r"^--production 'prud' \(or SMOKE_PRODUCTION\) names no target.* Did you mean 'prod'\?$"
    )
    with pytest.raises(ConfigError, match=message):
        read_settings(table, Path(), {}, Flags(production=("prud",)))
    with pytest.raises(ConfigError, match=message):
        read_settings(table, Path(), {"SMOKE_PRODUCTION": "local, prud"}, Flags())


@asynccontextmanager
async def production() -> AsyncIterator[tuple[Desk, Proxy]]:
    """A desk with a host name that only a proxy resolves."""
    desk = Desk()
    with serving(desk.app()) as url:
        async with proxying(url) as proxy:
            yield desk, proxy


async def run_of(
    folder: Path, proxy: Proxy, *arguments: str, row: str = "", **environ: str
) -> Finished:
    """A run against a target that is called `desk`, at a host that looks like production."""
    root = project(folder / "project")
    has(root, {"desk": f'base_url = "http://{HOST}"\n{row}'})
    environ |= {"HTTP_PROXY": proxy.url, "SMOKE_USER_PASSWORD": "of-all-accounts-1"}
    arguments = ("--target=desk", *arguments)
    return await asyncio.to_thread(smoke_run, folder, *arguments, root=root, **environ)


async def test_production_is_not_seeded_and_nothing_is_sent(tmp_path: Path) -> None:
    async with production() as (desk, proxy):
        run = await run_of(tmp_path, proxy)
    assert (run.code, desk.seedings, proxy.asked) == (4, 0, [])
    message = " ".join(run.out.split())
    assert f"Target 'desk' is at http://{HOST}, which looks like production ('prod')" in message
    assert "name it a second time: --production desk (or SMOKE_PRODUCTION=desk)." in message
    assert 'If it is not production, set there what it is: environment = "staging".' in message
    assert not (tmp_path / "desk/run.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [(("--production", "desk"), {}), ((), {"SMOKE_PRODUCTION": "desk"})],
    ids=["flag", "variable"],
)
async def test_production_that_is_named_twice_is_seeded(
    arguments: tuple[str, ...], environ: dict[str, str], tmp_path: Path
) -> None:
    async with production() as (desk, proxy):
        run = await run_of(tmp_path, proxy, *arguments, **environ)
    assert (run.code, desk.seedings) == (0, 1), run.out
    assert desk.notes == {}


async def test_second_name_must_be_that_of_the_target(tmp_path: Path) -> None:
    async with production() as (desk, proxy):
        row = '\n[tool.smoke.targets.other]\nbase_url = "http://127.0.0.1:9"'
        run = await run_of(tmp_path, proxy, "--production=other", row=row)
    assert (run.code, desk.seedings, proxy.asked) == (4, 0, [])


def of_others(desk: Desk) -> None:
    """Give a desk the accounts that a run expects, and a note of another user."""
    emails = ["smoke-owner@example.com", "smoke-reader@example.com"]
    desk.passwords = dict.fromkeys(emails, "of-all-accounts-1")
    desk.notes = {"theirs": {"id": "theirs", "title": "not ours"}}


async def test_read_only_production_needs_no_second_name(tmp_path: Path) -> None:
    async with production() as (desk, proxy):
        of_others(desk)
        run = await run_of(tmp_path, proxy, row="read_only = true")
    assert (run.code, desk.seedings) == (0, 0), run.out
    assert list(desk.notes) == ["theirs"]


async def test_production_with_existing_accounts_gets_no_write(tmp_path: Path) -> None:
    async with production() as (desk, proxy):
        of_others(desk)
        run = await run_of(tmp_path, proxy, row="seeded = true")
        twice = await run_of(tmp_path / "b", proxy, "--production=desk", row="seeded = true")
    assert (run.code, twice.code, desk.seedings) == (4, 0, 0), run.out + twice.out
    assert list(desk.notes) == ["theirs"]


async def test_protected_production_stays_protected_if_named_twice(tmp_path: Path) -> None:
    async with production() as (desk, proxy):
        run = await run_of(tmp_path, proxy, "--production=desk", row="protected = true")
    assert (run.code, desk.seedings) == (4, 0)
    assert "--allow 'POST /seed'" in " ".join(run.out.split())
