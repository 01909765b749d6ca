"""Health: the service is up, and reports the truth about itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from smoke import Answer, Caller, Exchange, Expect, LeftOutError, exercises, gate
from smoke.checks.answered import answered

HEALTH = "GET /health"
METRICS = "GET /metrics"
# Whatever is answered for a page that may be hidden, as long as nothing breaks.
HIDDEN = (200, 301, 302, 303, 307, 308, 401, 403, 404, 405, 410)
# The contract leaves the word of `status` open, so what is known is what it must not say.
COMPLAINTS = ("unhealthy", "not", "degraded", "down", "error", "fail", "unavailable", "starting")
# Seconds by which a time in an answer and the answer's `Date` may differ.
SKEW_S = 120
# How often metrics are read: each worker of a service may count on its own.
READINGS = 3


@exercises(HEALTH)
async def test_service_is_alive(
    health: Exchange, expect: Expect, options: Mapping[str, Any]
) -> None:
    """The service is up, and runs the expected version where one is expected."""
    answer = expect(health)
    answer.that("a status that reports no problem", _is_content(answer), answer.json)
    answer.holds("/version", options["version"] or answer.value("/version"))


async def test_health_is_of_this_moment(
    health: Exchange, health_again: Exchange, expect: Expect
) -> None:
    """The service reports its health of this moment, not one that a cache has kept."""
    for answer in (expect(health), expect(health_again)):
        stated = datetime.fromisoformat(str(answer.value("/timestamp")))
        stated = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
        date = answer.exchange.headers.get("date")
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        late_s = abs((now - stated).total_seconds())
        answer.that(f"a timestamp within {SKEW_S} s of the answer's date", late_s <= SKEW_S, late_s)


@exercises("GET /health/ready")
async def test_service_is_ready(anonymous: Caller, expect: Expect) -> None:
    """The service says that what it depends on can be reached."""
    ready = expect(await answered(anonymous, "GET /health/ready"))
    ready.that("a status that reports no problem", _is_content(ready), ready.json)


@gate("storage")
@exercises("GET /health/storage")
async def test_storage_is_healthy(anonymous: Caller, expect: Expect) -> None:
    """The service says that its object storage can be reached."""
    storage = expect(await anonymous.call("GET /health/storage"))
    storage.that("a status that reports no problem", _is_content(storage), storage.json)


async def test_metrics_count_requests(
    anonymous: Caller, expect: Expect, options: Mapping[str, Any]
) -> None:
    """The metrics, where they are public, are Prometheus text, and a counter moves."""
    readings = []
    for _ in range(READINGS):
        read = await anonymous.call(METRICS)
        if read.status in (401, 403, 404) and options["metrics"] != "required":
            raise LeftOutError(f"the metrics are not public: {read.status}")
        metrics = expect(read, 200)
        lines = metrics.exchange.text.splitlines()
        samples = [line for line in lines if line and not line.startswith("#")]
        readable = [line for line in samples if _is_number(line.rpartition(" ")[2])]
        metrics.that("samples, each ending in a number", bool(samples) and readable == samples)
        readings.append(samples)
        if samples != readings[0]:
            return
    expect.that("a counter that moves while requests are sent", False, "the same samples")


async def test_answers_can_be_traced(
    health: Exchange, health_again: Exchange, expect: Expect
) -> None:
    """Every answer has an id of its own, under which the service's logs speak of it."""
    answers = [expect(health), expect(health_again)]
    ids = [answer.exchange.headers.get("x-correlation-id", "") for answer in answers]
    answers[1].that("an X-Correlation-ID of its own for each", all(ids) and ids[0] != ids[1], ids)


async def test_inner_workings_are_hidden(
    anonymous: Caller, expect: Expect, options: Mapping[str, Any]
) -> None:
    """
    The page that a debug mode publishes is absent, unless the target says it may be seen.

    What a proxy shows in its place, such as its own start page or the way to a sign-in, may be.
    """
    page = expect(await anonymous.call("GET /docs"), *HIDDEN)
    shown = page.exchange.status == 200 and "swagger" in page.exchange.text.lower()
    page.that("no page of the interactive documentation", options["docs"] or not shown)


def _is_content(health: Answer) -> bool:
    status = str(health.value("/status")).lower()
    return not any(word in status for word in COMPLAINTS)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
