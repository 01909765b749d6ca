"""Is what a member gives to an agent kept where the tenant's objects are?"""

from collections.abc import Callable

import pytest

from smoke.auth import Actor
from smoke.checks import exercises
from smoke.checks.conftest import ReadAll
from smoke.expect import Expect
from smoke.run import Run

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
    cleanup: Callable[..., None],
    read_all: ReadAll,
) -> None:
    """A member's input for an agent is among the tenant's objects, and is not when deleted."""
    wanted = {"filename": f"input-{run.id}.txt", "mime_type": "text/plain", "size_bytes": 5}
    upload = expect(await member.call(UPLOAD, json=wanted))
    object_id = str(upload.value("/object_id"))
    cleanup(owner, DELETE, object_id=object_id)
    listed = {row["id"]: row for row in await read_all(viewer, OBJECTS)}
    expect.that("the object in the list", object_id in listed)
    kept = {name: listed[object_id][name] for name in wanted}
    expect.that("what was announced of it", kept == wanted, kept)
    expect(await owner.call(DELETE, object_id=object_id))
    left = [row["id"] for row in await read_all(viewer, OBJECTS)]
    expect.that("the deleted object no longer listed", object_id not in left)


@pytest.mark.gate("storage")
async def test_input_must_be_of_a_known_type(member: Actor, expect: Expect) -> None:
    """A media type that is not allowed is refused."""
    wanted = {"filename": "smoke.bin", "mime_type": "application/x-smoke", "size_bytes": 1}
    expect(await member.call(UPLOAD, json=wanted), 400)
