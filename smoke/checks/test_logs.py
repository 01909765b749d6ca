"""Logs: the service takes the logs of a browser."""

from smoke import Actor, Caller, Expect, Run, exercises, gate

INGEST = "POST /api/v1/logs"


@exercises(INGEST)
async def test_log_event_is_accepted(owner: Actor, expect: Expect, run: Run) -> None:
    """An event with its level, message and fields is accepted."""
    event = {"event": "smoke", "level": "info", "message": f"run {run.id}", "fields": {"n": 1}}
    expect(await owner.call(INGEST, json=event)).holds("/accepted", True)


@gate("logs")
async def test_log_event_without_name_is_refused(owner: Actor, expect: Expect) -> None:
    """An event without its name is refused with 422, which names the missing field."""
    refused = expect(await owner.call(INGEST, json={"level": "info"}), 422)
    places = refused.values("/details/*/loc")
    refused.that("the missing field named", any("event" in place for place in places), places)


@gate("logs")
async def test_log_event_of_anonymous_is_refused(anonymous: Caller, expect: Expect) -> None:
    """An event without a token is refused, though the contract declares no security there."""
    event = {"event": "smoke", "level": "info", "message": "without a token"}
    expect(await anonymous.call(INGEST, json=event), 401, 403)
