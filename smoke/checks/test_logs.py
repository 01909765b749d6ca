"""Does the service take the logs of a browser?"""

import pytest

from smoke.checks import exercises
from smoke.results.expectations import Expect
from smoke.results.run import Run
from smoke.session.actors import Actor, Caller

INGEST = "POST /api/v1/logs"


@exercises(INGEST)
async def test_log_event_is_accepted(owner: Actor, expect: Expect, run: Run) -> None:
    """An event with its level, message and fields is accepted."""
    event = {"event": "smoke", "level": "info", "message": f"run {run.id}", "fields": {"n": 1}}
    expect(await owner.call(INGEST, json=event)).holds("/accepted", True)


@pytest.mark.gate("logs")
async def test_log_event_without_name_is_refused(owner: Actor, expect: Expect) -> None:
    """An event that does not say what happened breaks the contract: 422, naming the field."""
    refused = expect(await owner.call(INGEST, json={"level": "info"}), 422)
    places = refused.values("/details/*/loc")
    refused.that("the missing field named", any("event" in place for place in places), places)


@pytest.mark.gate("logs")
async def test_log_event_without_token_is_refused(anonymous: Caller, expect: Expect) -> None:
    """An event of nobody is refused."""
    expect(await anonymous.call(INGEST, json={"event": "smoke"}), 401, 403)
