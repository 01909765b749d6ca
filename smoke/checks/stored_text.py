"""A text in object storage and in a vector store of the run, for the checks that search it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smoke import Actor, Answer, Cleanup, Exchange, Expect, LeftOutError, Run
from smoke.checks.object_bytes import takes_bytes
from smoke.checks.things import VECTOR_STORE, Things

STORE = "/api/v1/vector-stores/{vector_store_id}"
FILE = f"{STORE}/files/{{file_id}}"
SEARCH = f"POST {STORE}/search"
UPLOAD = f"POST {STORE}/files/upload"
OBJECT = "POST /api/v1/storage/objects/upload-url"
DELETE_OBJECT = "DELETE /api/v1/storage/objects/{object_id}"
# States of a file that the provider did not take in.
NOT_TAKEN = ("failed", "cancelled")
# How often, and in which steps of seconds, the provider's index is looked at.
LOOKS, LOOK_S = 10, 0.3


@dataclass
class TextStore:
    """The run's vector store, and the texts that checks put into it."""

    owner: Actor
    expect: Expect
    run: Run
    things: Things
    session_cleanup: Cleanup
    options: Mapping[str, Any]
    first: Answer | None = None
    # The exchanges that created an object and put it into the store.
    made: list[Exchange] = field(default_factory=list)

    @property
    def word(self) -> str:
        """A word of the first text that stands nowhere else."""
        return f"lighthouse{self.run.id}"

    @property
    def text(self) -> str:
        """The first text, with characters of two and of three bytes."""
        return f"The {self.word} stands on the cliff, 5 € behind the old harbour of Åre."

    async def path(self) -> dict[str, Any]:
        """Return the path value of the store."""
        return await self.things.path_of(VECTOR_STORE)

    async def file(self) -> Answer:
        """Return the answer that took the first text in; it is put in once."""
        if self.first is None:
            self.first = await self.put(self.text)
        return self.first

    async def file_path(self) -> dict[str, Any]:
        """Return the path values of the first text."""
        return {**await self.path(), "file_id": str((await self.file()).value("/openai_file_id"))}

    async def put(self, text: str) -> Answer:
        """
        Upload a text to object storage, and from there into the store.

        Raises:
            LeftOutError: the object URLs of this target take no bytes.
        """
        if self.options["object_bytes"] in (False, "none"):
            raise LeftOutError("no bytes can be uploaded to this target: options.object_bytes")
        body, store = {"object_id": await self._stored(text.encode())}, await self.path()
        sent = await self.owner.call(UPLOAD, json=body, **store)
        self.made.append(sent)
        file = self.expect(sent)
        path = {**store, "file_id": file.value("/openai_file_id")}
        self.run.own(f"DELETE {FILE}", path)
        status = file.value("/status")
        return file.that("a file that was taken in", status not in NOT_TAKEN, status)

    def others(self, file_id: str) -> list[str]:
        """Return the ids of the other files that were put into the store."""
        files = [one.json for one in self.made if one.status == 201 and one.operation == UPLOAD]
        ids = [str(file["openai_file_id"]) for file in files]
        return [other for other in dict.fromkeys(ids) if other != file_id]

    async def asked(self, caller: Actor, query: str) -> Exchange:
        """Search the store."""
        return await caller.call(SEARCH, json={"query": query}, **await self.path())

    async def search(self, caller: Actor, query: str, wanted: str, *, is_there: bool) -> Answer:
        """Search until a file is found, or not, or the provider has had the time to index."""
        for _ in range(LOOKS):
            found = self.expect(await self.asked(caller, query))
            if (wanted in found_files(found)) is is_there:
                break
            await asyncio.sleep(LOOK_S)
        return found

    async def _stored(self, content: bytes) -> str:
        name = f"smoke-{self.run.id}.txt"
        wanted = {"filename": name, "mime_type": "text/plain", "size_bytes": len(content)}
        sent = await self.owner.call(OBJECT, json=wanted)
        self.made.append(sent)
        made = self.expect(sent)
        object_id = str(made.value("/object_id"))
        self.session_cleanup(self.owner, DELETE_OBJECT, object_id=object_id)
        method, url, headers = map(made.value, ("/method", "/upload_url", "/headers"))
        if not takes_bytes(made, "/upload_url", self.options):
            scheme = str(url).partition(":")[0]
            raise LeftOutError(f"this deployment stores no bytes: its URLs are {scheme}://")
        put = await self.owner.fetch(method, url, headers=headers, content=content)
        self.expect(put, 200, 201, 204)
        return object_id


def found_files(search: Answer) -> list[str]:
    """The ids of the files that a search found, each once, the best first."""
    rows = sorted(search.json.get("data", []), key=lambda row: float(row["score"]))
    return list(dict.fromkeys(str(row["file_id"]) for row in reversed(rows)))
