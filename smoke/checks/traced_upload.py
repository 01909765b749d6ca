"""An upload of a member for an agent: it leaves a trace, and is stored until it is deleted."""

import json
from dataclasses import dataclass
from typing import Any

import pytest_asyncio

from smoke import Actor, Answer, Cleanup, Expect, Run

UPLOAD = "POST /api/v1/uploads/agent-input"
REMOVE = "DELETE /api/v1/storage/objects/{object_id}"


@dataclass(frozen=True)
class Upload:
    """An upload of a member: its answer, and what was announced; its event may carry its name."""

    answer: Answer
    wanted: dict[str, Any]

    @property
    def object_id(self) -> str:
        """The id of the stored object."""
        return str(self.answer.value("/object_id"))

    @property
    def name(self) -> str:
        """The name of the file."""
        return str(self.wanted["filename"])

    def event(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the first event that carries one of the words anywhere; empty for none."""
        words = (self.object_id, self.name)
        return next((one for one in events if any(w in json.dumps(one) for w in words)), {})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def upload(
    member: Actor, owner: Actor, expect: Expect, run: Run, session_cleanup: Cleanup
) -> Upload:
    """An upload of a member; the check that deletes it is the last one that uses it."""
    wanted = {"filename": f"traced-{run.id}.txt", "mime_type": "text/plain", "size_bytes": 5}
    made = Upload(expect(await member.call(UPLOAD, json=wanted)), wanted)
    session_cleanup(owner, REMOVE, object_id=made.object_id)
    return made
