"""Uploads: what a member gives to an agent is among the tenant's objects."""

from smoke import Actor, Expect, Lists, exercises, gate
from smoke.checks.traced_upload import REMOVE, UPLOAD, Upload

OBJECTS = "GET /api/v1/storage/objects"


@exercises(UPLOAD, OBJECTS)
async def test_input_for_an_agent_is_stored(
    upload: Upload, owner: Actor, viewer: Actor, expect: Expect, lists: Lists
) -> None:
    """A member's input for an agent is among the tenant's objects once, until it is deleted."""
    answer, object_id = expect(upload.answer.exchange), upload.object_id
    row = await lists.row(viewer, OBJECTS, {"filename": upload.name})
    answer.that("its id in the list", row["id"] == object_id, row)
    stated = {name: row[name] for name in upload.wanted if row[name] is not None}
    answer.that("an announcement of it", stated.items() <= upload.wanted.items(), stated)
    expect(await owner.call(REMOVE, object_id=object_id))
    await lists.lack(viewer, OBJECTS, {"id": object_id})


@gate("storage")
async def test_input_must_be_of_a_known_type(member: Actor, expect: Expect) -> None:
    """A media type that is not allowed is refused."""
    wanted = {"filename": "smoke.bin", "mime_type": "application/x-smoke", "size_bytes": 1}
    expect(await member.call(UPLOAD, json=wanted), 400, 413, 415, 422)
