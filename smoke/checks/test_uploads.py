"""Is what a member gives to an agent kept where the tenant's objects are?"""

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
    """A member's input for an agent is among the tenant's objects, and is not when deleted."""
    wanted = {"filename": f"input-{run.id}.txt", "mime_type": "text/plain", "size_bytes": 5}
    upload = expect(await member.call(UPLOAD, json=wanted))
    object_id = str(upload.value("/object_id"))
    cleanup(owner, DELETE, object_id=object_id)
    listed = await lists.rows(viewer, OBJECTS, {"id": object_id})
    expect.that("the object in the list, once", len(listed) == 1, len(listed))
    told = {name: listed[0][name] for name in wanted if listed[0][name] is not None}
    expect.that("what was announced of it", told.items() <= wanted.items(), told)
    expect(await owner.call(DELETE, object_id=object_id))
    await lists.lack(viewer, OBJECTS, {"id": object_id})


@gate("storage")
async def test_input_must_be_of_a_known_type(member: Actor, expect: Expect) -> None:
    """A media type that is not allowed is refused."""
    wanted = {"filename": "smoke.bin", "mime_type": "application/x-smoke", "size_bytes": 1}
    expect(await member.call(UPLOAD, json=wanted), 400, 413, 415, 422)
