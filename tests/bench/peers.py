"""
Ours beside its peers: the same service, the same conditions, in one run.

Each peer gets a fresh service, and the service's own counters show what it sent: requests,
sign-ins, and operations that answered with their documented success.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import httpx

from smoke.contract import Contract
from smoke.errors import UnverifiedError
from smoke.session.service_process import Service
from tests.bench import by_hand
from tests.bench.costs import Cost, cost_of
from tests.bench.tap import CPU, REQUESTS
from tests.smoking import ROOT, clean_environ

CONTRACT = ROOT / "openapi/api-service.json"
COUNTER = re.compile(r'http_requests_total\{method="(\w+)",route="([^"]+)",status="(\d+)"\} (\S+)')
SIGN_IN = ("POST /api/v1/auth/token", 200)
TENANT = "bench"

# Seconds that a run of ours may take.
DEADLINE_S = 600

# Milliseconds of a round trip; and of a password hash, as on a real deployment.
ROUND_TRIPS_MS = (20, 80, 200)
HASH_MS = 250


@dataclass(frozen=True)
class Condition:
    """What a request costs: a round trip, and a password hash where one is needed."""

    name: str
    round_trip_ms: int = 0
    hash_ms: int = 0


CONDITIONS = [
    Condition("no round trip"),
    Condition("0.25 s hashes", hash_ms=HASH_MS),
    *(Condition(f"{ms} ms round trip", round_trip_ms=ms) for ms in ROUND_TRIPS_MS),
]


@dataclass(frozen=True)
class Result:
    """What one peer did under one condition."""

    condition: str
    peer: str
    operations: int
    requests: int
    sign_ins: int
    wall_s: float
    cpu_s: float
    code: int


@dataclass(frozen=True)
class Place:
    """Where a peer works: a folder of its own, and the URL of a fresh service behind the lag."""

    folder: Path
    url: str


Peer = Callable[[Place], tuple[list[str], dict[str, str]]]
"""Gives the command of a peer and its variables."""


def ours(*options: str) -> Peer:
    """This project's own run."""

    def command(place: Place) -> tuple[list[str], dict[str, str]]:
        root = place.folder / "project"
        root.mkdir()
        table = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        served = 'serve = "smoke.reference"'
        table = table.replace(served, f"{served}\ndeadline_s = {DEADLINE_S}")
        (root / "pyproject.toml").write_text(table, encoding="utf-8")
        (root / "tests").mkdir()
        (root / "openapi").symlink_to(ROOT / "openapi")
        words = ["-m", "pytest", "-p", "tests.bench.tap", "-p", "no:cacheprovider", "-q",
                 f"--rootdir={root}", "-c", f"{root}/pyproject.toml", "--target=local",
                 f"--base-url={place.url}", f"--records={place.folder}", "--maxfail=0"]  # fmt: skip
        environ = {CPU: str(place.folder / "cpu"), REQUESTS: str(place.folder / "requests")}
        return [sys.executable, *words, *options], {**environ, "PYTHONPATH": str(ROOT)}

    return command


def st_run(place: Place) -> tuple[list[str], dict[str, str]]:
    """schemathesis, one example for each operation, with a token."""
    words = ["run", str(CONTRACT), f"--url={place.url}", "--max-examples=1", "--phases=fuzzing",
             "--mode=positive", "--workers=1", f"--header=Authorization: Bearer {token(place.url)}",
             "--generation-deterministic", "--no-shrink", "--no-color"]  # fmt: skip
    return [sys.executable, "-m", "schemathesis.cli", *words], {}


def hand_written(place: Place) -> tuple[list[str], dict[str, str]]:
    """Fifty tests that sign in one by one."""
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis",
             "-c", os.devnull, f"--rootdir={ROOT / 'tests/bench'}", by_hand.__file__]  # fmt: skip
    return [sys.executable, *words], {"BENCH_URL": place.url, "PYTHONPATH": str(ROOT)}


def floor(requests: Path) -> Peer:
    """A bare client that sends again what a run of ours sent."""
    words = [sys.executable, "-m", "tests.bench.replay", str(requests)]
    return lambda place: ([*words, place.url], {"PYTHONPATH": str(ROOT)})


def seed(url: str) -> None:
    """Make the account of the peers that do not seed."""
    user = {"email": by_hand.EMAIL, "password": by_hand.PASSWORD, "role": "owner"}
    body = {"tenants": [{"slug": TENANT, "name": "Bench", "users": [user]}]}
    httpx.post(f"{url}/api/v1/test-fixtures/apply", json=body, timeout=30).raise_for_status()


def token(url: str) -> str:
    """An access token of that account."""
    body = {"email": by_hand.EMAIL, "password": by_hand.PASSWORD}
    answer = httpx.post(f"{url}/api/v1/auth/token", json=body, timeout=30)
    return str(answer.raise_for_status().json()["access_token"])


@contextmanager
def lagging(url: str, milliseconds: int) -> Iterator[str]:
    """The service behind a round trip; itself where there is none."""
    if not milliseconds:
        yield url
        return
    relay = Service(f"tests.bench.lag {url} {milliseconds}", clean_environ(PYTHONPATH=str(ROOT)))
    try:
        yield relay.url
    finally:
        relay.stop()


def measured(name: str, peer: Peer, condition: Condition, folder: Path) -> Result:
    """Run one peer against a fresh service, and read the service's counters before and after."""
    folder.mkdir(parents=True)
    environ = {"REFERENCE_HASH_MS": str(condition.hash_ms)}
    with _started(environ) as own, lagging(own, condition.round_trip_ms) as url:
        seed(own)
        command, variables = peer(Place(folder, url))
        before = httpx.get(f"{own}/metrics").text
        began = perf_counter()
        cost = cost_of(command, ROOT, variables)
        wall_s = perf_counter() - began
        after = httpx.get(f"{own}/metrics").text
    return _result(name, condition, (before, after), wall_s, cost)


@contextmanager
def _started(environ: Mapping[str, str]) -> Iterator[str]:
    """A fresh service; on a busy machine it may need another try."""
    for last in (False, False, True):
        service = Service("smoke.reference", clean_environ(USE_TEST_FIXTURES="true", **environ))
        try:
            url = service.url
        except UnverifiedError:
            service.stop()
            if last:
                raise
            continue
        try:
            yield url
        finally:
            service.stop()
        return


def _result(
    name: str, condition: Condition, metrics: tuple[str, str], wall_s: float, cost: Cost
) -> Result:
    before, after = (_counted(text) for text in metrics)
    grown = {key: after[key] - before.get(key, 0) for key in after}
    succeeds = {
        str(operation.id): operation.success
        for operation in Contract.load(CONTRACT).operations.values()
    }
    seen = {
        operation
        for (operation, status), count in grown.items()
        if count > 0 and status in succeeds.get(operation, ())
    }
    requests = sum(count for (operation, _), count in grown.items() if operation != "GET /metrics")
    return Result(condition.name, name, len(seen), int(requests), int(grown.get(SIGN_IN, 0)),
                  wall_s, cost.cpu_s, cost.code)  # fmt: skip


def _counted(text: str) -> dict[tuple[str, int], float]:
    """The service's counters: how often each operation answered with each status."""
    return {
        (f"{method} {route}", int(status)): float(count)
        for method, route, status, count in COUNTER.findall(text)
    }


PLAN_ONLY = ("-k", "test_operation", "--all-operations")


def compared(folder: Path, condition: Condition, *, everybody: bool) -> Iterator[Result]:
    """Our runs and the floor of each under a condition; `everybody` also asks the other peers."""
    for name, options in (("full", ()), ("quick", ("--depth=quick",))):
        yield measured(f"ours, {name}", ours(*options), condition, folder / name)
        bare = floor(folder / name / "requests")
        yield measured(f"bare replay of {name}", bare, condition, folder / f"bare-{name}")
    if everybody:
        yield measured("50 tests by hand", hand_written, condition, folder / "by-hand")
        yield measured("ours, plan only", ours(*PLAN_ONLY), condition, folder / "plan")
        yield measured("st run -n 1", st_run, condition, folder / "st")
