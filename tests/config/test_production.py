"""Production is not seeded by a slip: its target is named twice, or nothing is sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from smoke.config.production import WORDS, looks_like
from smoke.config.settings import Flags, read_settings
from smoke.config.targets import Target
from smoke.errors import ConfigError
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
    ],
)
def test_host_that_says_production_looks_like_it(host: str, word: str) -> None:
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
def test_file_may_say_what_production_is(host: str, pattern: str) -> None:
    own = ("api.example.com", "*.api.example.com", "Customers", "*.0.0.1")
    assert found(host, *own).lower() == pattern


def test_production_of_the_file_is_a_list_of_texts() -> None:
    table = {"targets": {"local": {"base_url": "http://x"}}, "production": "prod"}
    with pytest.raises(ConfigError, match=r"\[tool.smoke\] production is 'prod'. Allowed: a list"):
        read_settings(table, Path(), {}, Flags())


def test_name_of_no_target_is_told() -> None:
    table = {"targets": {"local": {"base_url": "http://x"}, "prod": {"base_url": "http://prod"}}}
    told = r"^--production 'prud' \(or SMOKE_PRODUCTION\) names no target.* Did you mean 'prod'\?$"
    with pytest.raises(ConfigError, match=told):
        read_settings(table, Path(), {}, Flags(production=("prud",)))
    with pytest.raises(ConfigError, match=told):
        read_settings(table, Path(), {"SMOKE_PRODUCTION": "local, prud"}, Flags())


@asynccontextmanager
async def production() -> AsyncIterator[tuple[Desk, Proxy]]:
    """A desk whose name only a proxy knows."""
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
    told = " ".join(run.out.split())
    assert f"Target 'desk' is at http://{HOST}, which looks like production ('prod')" in told
    assert "name it a second time: --production desk (or SMOKE_PRODUCTION=desk)." in told
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


async def test_name_of_another_target_is_not_the_second_one(tmp_path: Path) -> None:
    async with production() as (desk, proxy):
        row = '\n[tool.smoke.targets.other]\nbase_url = "http://127.0.0.1:9"'
        run = await run_of(tmp_path, proxy, "--production=other", row=row)
    assert (run.code, desk.seedings, proxy.asked) == (4, 0, [])


@pytest.mark.parametrize("row", ["seeded = true", "read_only = true"])
async def test_production_that_is_not_to_be_seeded_is_run_at_once(row: str, tmp_path: Path) -> None:
    async with production() as (desk, proxy):
        emails = ["smoke-owner@example.com", "smoke-reader@example.com"]
        desk.passwords = dict.fromkeys(emails, "of-all-accounts-1")
        desk.notes = {"theirs": {"id": "theirs", "title": "not ours"}}
        run = await run_of(tmp_path, proxy, row=row)
    assert (run.code, desk.seedings) == (0, 0), run.out
    assert list(desk.notes) == ["theirs"]


async def test_protected_production_is_protected_though_it_is_named_twice(tmp_path: Path) -> None:
    async with production() as (desk, proxy):
        run = await run_of(tmp_path, proxy, "--production=desk", row="protected = true")
    assert (run.code, desk.seedings) == (4, 0)
    assert "--allow 'POST /seed'" in " ".join(run.out.split())
