"""Does the service take the logs of a browser?"""

from smoke import Actor, Caller, Expect, Run, exercises, gate

INGEST = "POST /api/v1/logs"


@exercises(INGEST)
async def test_log_event_is_accepted(owner: Actor, expect: Expect, run: Run) -> None:
    """An event with its level, message and fields is accepted."""
    event = {"event": "smoke", "level": "info", "message": f"run {run.id}", "fields": {"n": 1}}
    expect(await owner.call(INGEST, json=event)).holds("/accepted", True)


@gate("logs")
async def test_log_event_without_name_is_refused(owner: Actor, expect: Expect) -> None:
    """An event that does not say what happened breaks the contract: 422, naming the field."""
    refused = expect(await owner.call(INGEST, json={"level": "info"}), 422)
    places = refused.values("/details/*/loc")
    refused.that("the missing field named", any("event" in place for place in places), places)


@gate("logs")
async def test_log_event_without_token_is_refused(anonymous: Caller, expect: Expect) -> None:
    """An event of nobody is refused."""
    expect(await anonymous.call(INGEST, json={"event": "smoke"}), 401, 403)
