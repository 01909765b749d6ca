"""Is the service up, and does it tell the truth about itself?"""

from collections.abc import Mapping
from typing import Any

from smoke import Answer, Caller, Expect, LeftOutError, exercises, gate


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


@gate("storage")
@exercises("GET /health/storage")
async def test_storage_is_healthy(anonymous: Caller, expect: Expect) -> None:
    """The service says that its object storage can be reached."""
    storage = expect(await anonymous.call("GET /health/storage"))
    storage.that("a status that is no complaint", _content(storage), storage.json)


async def test_metrics_are_readable(anonymous: Caller, expect: Expect) -> None:
    """The metrics, where they are shown, are in Prometheus' text format and have a sample."""
    read = await anonymous.call("GET /metrics")
    if read.status in (401, 403, 404):
        raise LeftOutError(f"the metrics are not shown to everybody: {read.status}")
    metrics = expect(read, 200)
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
    """The page that a debug mode publishes is absent, unless the target says it may be seen.

    What a proxy shows in its place, such as its own start page or the way to a sign-in, may be.
    """
    page = expect(await anonymous.call("GET /docs"), *NOT_SHOWN)
    shown = page.exchange.status == 200 and "swagger" in page.exchange.text.lower()
    page.that("no page of the interactive documentation", options["docs"] or not shown)


NOT_SHOWN = (200, 301, 302, 303, 307, 308, 401, 403, 404, 405, 410)
"""Whatever is answered for a page that may not be there, as long as nothing breaks."""

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
