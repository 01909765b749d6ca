"""A vector store of a check's own, and texts put into it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smoke import Actor, Answer, Cleanup, Expect, LeftOutError, Lists, Run
from smoke.checks.quotas import within_quota

STORES = "/api/v1/vector-stores"
STORE = f"{STORES}/{{vector_store_id}}"
FILE = f"{STORE}/files/{{file_id}}"
SEARCH = f"POST {STORE}/search"
UPLOAD = f"POST {STORE}/files/upload"
OBJECT = "POST /api/v1/storage/objects/upload-url"
DELETE_OBJECT = "DELETE /api/v1/storage/objects/{object_id}"
NOT_TAKEN = ("failed", "cancelled")
"""States of a file that the provider did not take in."""
LOOKS, LOOK_S = 10, 0.3
"""How often, and in which steps of seconds, the provider's index is looked at."""


@dataclass(frozen=True)
class TextStore:
    """One vector store; it and the objects that were put into it go when the check ends."""

    owner: Actor
    expect: Expect
    run: Run
    cleanup: Cleanup
    store_id: str
    takes_bytes: bool

    async def put(self, text: str) -> Answer:
        """Upload a text to object storage, and from there into the store.

        Raises:
            LeftOutError: the object URLs of this target take no bytes.
        """
        if not self.takes_bytes:
            raise LeftOutError("no bytes can be uploaded to this target: options.object_bytes")
        object_id = await self._stored(text.encode())
        file = self.expect(
            await self.owner.call(
                UPLOAD, json={"object_id": object_id}, vector_store_id=self.store_id
            )
        )
        path = {"vector_store_id": self.store_id, "file_id": file.value("/openai_file_id")}
        self.run.own(f"DELETE {FILE}", path)
        status = file.value("/status")
        return file.that("a file that was taken in", status not in NOT_TAKEN, status)

    async def found(self, caller: Actor, query: str) -> list[str]:
        """Search the store and return the ids of the files found, each once, the best first."""
        body = {"query": query}
        answer = self.expect(await caller.call(SEARCH, json=body, vector_store_id=self.store_id))
        rows = sorted(answer.json.get("data", []), key=lambda row: float(row["score"]))
        return list(dict.fromkeys(str(row["file_id"]) for row in reversed(rows)))

    async def finds(self, caller: Actor, query: str, wanted: list[str]) -> list[str]:
        """What is found when it is these files, or when a provider had time enough to index."""
        for _ in range(LOOKS):
            found = await self.found(caller, query)
            if found == wanted:
                break
            await asyncio.sleep(LOOK_S)
        return found

    async def _stored(self, content: bytes) -> str:
        name = f"smoke-{self.run.id}.txt"
        wanted = {"filename": name, "mime_type": "text/plain", "size_bytes": len(content)}
        made = self.expect(await self.owner.call(OBJECT, json=wanted))
        object_id = str(made.value("/object_id"))
        self.cleanup(self.owner, DELETE_OBJECT, object_id=object_id)
        method, url, headers = map(made.value, ("/method", "/upload_url", "/headers"))
        put = await self.owner.fetch(method, url, headers=headers, content=content)
        self.expect(put, 200, 201, 204)
        return object_id


async def opened_store(
    owner: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    options: Mapping[str, Any],
    lists: Lists,
) -> TextStore:
    """Make an empty store."""
    name = f"smoke-{run.id}-{run.current.rpartition('.')[2]}"[:128]
    made = await owner.call(f"POST {STORES}", json={"name": name})
    store_id = str(expect(await within_quota(made, owner, f"GET {STORES}", lists)).value("/id"))
    cleanup(owner, f"DELETE {STORE}", vector_store_id=store_id)
    return TextStore(owner, expect, run, cleanup, store_id, bool(options["object_bytes"]))
