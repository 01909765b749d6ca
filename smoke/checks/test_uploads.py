"""Uploads: what a member gives to an agent is among the tenant's objects."""

from smoke import Actor, Cleanup, Expect, Lists, Run, exercises, gate

UPLOAD = "POST /api/v1/uploads/agent-input"
OBJECTS = "GET /api/v1/storage/objects"
DELETE = "DELETE /api/v1/storage/objects/{object_id}"


@exercises(UPLOAD, OBJECTS)
async def test_input_for_an_agent_is_stored(
    member: Actor,
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    lists: Lists,
) -> None:
    """A member's input for an agent is among the tenant's objects once, until it is deleted."""
    wanted = {"filename": f"input-{run.id}.txt", "mime_type": "text/plain", "size_bytes": 5}
    upload = expect(await member.call(UPLOAD, json=wanted))
    object_id = str(upload.value("/object_id"))
    cleanup(owner, DELETE, object_id=object_id)
    row = await lists.row(viewer, OBJECTS, {"filename": wanted["filename"]})
    upload.that("its id in the list", row["id"] == object_id, row)
    stated = {name: row[name] for name in wanted if row[name] is not None}
    upload.that("an announcement of it", stated.items() <= wanted.items(), stated)
    expect(await owner.call(DELETE, object_id=object_id))
    await lists.lack(viewer, OBJECTS, {"id": object_id})


@gate("storage")
async def test_input_must_be_of_a_known_type(member: Actor, expect: Expect) -> None:
    """A media type that is not allowed is refused."""
    wanted = {"filename": "smoke.bin", "mime_type": "application/x-smoke", "size_bytes": 1}
    expect(await member.call(UPLOAD, json=wanted), 400, 413, 415, 422)
