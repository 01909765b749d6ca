"""Contact form: takes a message."""

from smoke import Caller, Expect, Run, exercises
from smoke.checks.accounts import caller_address, not_limited

CONTACT = "POST /api/v1/contact"


@exercises(CONTACT)
async def test_message_is_taken(anonymous: Caller, expect: Expect, run: Run) -> None:
    """A message is accepted under a reference of its own."""
    body = {
        "email": f"smoke-contact-{run.id}@example.com",
        "topic": "smoke",
        "message": f"This is smoke run {run.id}; there is nothing to answer.",
    }
    sent = await anonymous.call(CONTACT, json=body, headers=caller_address(run))
    taken = expect(not_limited(sent))
    taken.that("a reference", bool(taken.value("/data/reference_id")))
    taken.that("a message that is not taken for spam", not taken.json["data"].get("suppressed"))


async def test_empty_message_is_refused(anonymous: Caller, expect: Expect, run: Run) -> None:
    """A message without text is refused with 422."""
    body = {"email": f"smoke-contact-{run.id}@example.com", "message": ""}
    refused = await anonymous.call(CONTACT, json=body, headers=caller_address(run))
    expect(not_limited(refused), 422)
