"""Is the service up, and does it tell the truth about itself?"""

from collections.abc import Mapping
from typing import Any

from smoke.auth import Caller
from smoke.checks import exercises
from smoke.expect import Answer, Expect


@exercises("GET /health")
async def test_service_is_alive(
    anonymous: Caller, expect: Expect, options: Mapping[str, Any]
) -> None:
    """The service is up, and runs the version that the target names, where it names one."""
    health = expect(await anonymous.call("GET /health"))
    health.that("a status that is no complaint", _content(health), health.json)
    wanted = options["version"] or health.value("/version")
    health.holds("/version", wanted)


@exercises("GET /health/ready")
async def test_service_is_ready(anonymous: Caller, expect: Expect) -> None:
    """The service says that what it depends on can be reached."""
    ready = expect(await anonymous.call("GET /health/ready"))
    ready.that("a status that is no complaint", _content(ready), ready.json)


@exercises("GET /health/storage")
async def test_storage_is_healthy(anonymous: Caller, expect: Expect) -> None:
    """The service says that its object storage can be reached."""
    storage = expect(await anonymous.call("GET /health/storage"))
    storage.that("a status that is no complaint", _content(storage), storage.json)


async def test_metrics_are_readable(anonymous: Caller, expect: Expect) -> None:
    """The metrics are in Prometheus' text format and have at least one sample."""
    metrics = expect(await anonymous.call("GET /metrics"), 200)
    samples = [
        line for line in metrics.exchange.text.splitlines() if line and not line.startswith("#")
    ]
    readable = [line for line in samples if _is_number(line.rpartition(" ")[2])]
    metrics.that("samples, each ending in a number", bool(samples) and readable == samples)


async def test_answers_can_be_traced(anonymous: Caller, expect: Expect) -> None:
    """Every answer has an id of its own, under which the service's logs speak of it."""
    answers = [expect(await anonymous.call("GET /health")) for _ in range(2)]
    ids = [answer.exchange.headers.get("x-correlation-id", "") for answer in answers]
    expect.that("an X-Correlation-ID of its own for each", all(ids) and ids[0] != ids[1], ids)


async def test_inner_workings_are_not_shown(
    anonymous: Caller, expect: Expect, options: Mapping[str, Any]
) -> None:
    """The page that a debug mode publishes is absent, unless the target says it may be seen."""
    allowed = (200, 401, 403, 404) if options["docs"] else (401, 403, 404)
    expect(await anonymous.call("GET /docs"), *allowed)


COMPLAINTS = ("unhealthy", "not", "degraded", "down", "error", "fail", "unavailable", "starting")
"""The contract leaves the word of `status` open, so what is known is what it must not say."""


def _content(health: Answer) -> bool:
    status = str(health.value("/status")).lower()
    return not any(word in status for word in COMPLAINTS)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
