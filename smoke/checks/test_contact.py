"""Does the contact form take a message?"""

from smoke.auth import Caller
from smoke.checks import exercises
from smoke.checks.guests import own_address
from smoke.expect import Expect
from smoke.run import Run

CONTACT = "POST /api/v1/contact"


@exercises(CONTACT)
async def test_message_is_taken(anonymous: Caller, expect: Expect, run: Run) -> None:
    """A message is accepted under a reference of its own."""
    body = {
        "email": f"smoke-contact-{run.id}@example.com",
        "topic": "smoke",
        "message": f"This is smoke run {run.id}; there is nothing to answer.",
    }
    taken = expect(await anonymous.call(CONTACT, json=body, headers=own_address(run)))
    taken.that("a reference", bool(taken.value("/data/reference_id")))
    taken.holds("/data/suppressed", False)


async def test_empty_message_is_refused(anonymous: Caller, expect: Expect, run: Run) -> None:
    """A message that says nothing breaks the contract: 422."""
    body = {"email": f"smoke-contact-{run.id}@example.com", "message": ""}
    expect(await anonymous.call(CONTACT, json=body, headers=own_address(run)), 422)
