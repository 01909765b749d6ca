"""Notes: an API key in a header, no tenancy, entity tags, uploads, an endless stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Body, FastAPI, Header, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from tests.unlike.routes import router_of

KEY = "key-of-the-owner-of-the-notes"
FAULTS = {
    "note_is_not_made": "POST /notes answers 500",
    "note_has_no_title": "GET /notes/{noteId} leaves a required field out",
    "key_is_not_asked": "GET /notes answers whoever asks",
    "stream_stalls": "GET /events says nothing",
    "archive_is_forgotten": "POST /notes/{noteId}/archive answers 200, and the note is as before",
}
ROUTES = (
    ("GET /notes", "listed", 200),
    ("POST /notes", "written", 201),
    ("DELETE /notes", "emptied", 204),
    ("GET /notes/search", "searched", 200),
    ("POST /notes/import", "imported", 202),
    ("GET /notes/{note_id}", "read", 200),
    ("PUT /notes/{note_id}", "rewritten", 200),
    ("DELETE /notes/{note_id}", "thrown_away", 204),
    ("POST /notes/{note_id}/archive", "archived", 200),
    ("POST /notes/{note_id}/attachments", "attached", 201),
    ("GET /notes/{note_id}/attachments/{name}", "attachment", 200),
    ("GET /events", "events", 200),
)

Row = dict[str, Any]


def tag(note: Row) -> str:
    """The entity tag of a note: another one for each version (RFC 9110 §8.8.3)."""
    return f'"{note["version"]}"'


def shown(note: Row) -> Row:
    """A note as the service returns it."""
    return {name: note[name] for name in ("id", "title", "archived")}


class Notes:
    """The service's state and what it does with it."""

    def __init__(self, fault: str = "", *, key_in_query: bool = False) -> None:
        self.fault = fault
        self.key_in_query = key_in_query
        self.rows: dict[str, Row] = {}
        self.files: dict[tuple[str, str], bytes] = {}

    async def signed(self, request: Request) -> None:
        """Refuse a request without a key."""
        place = request.query_params if self.key_in_query else request.headers
        open_door = self.fault == "key_is_not_asked" and request.url.path == "/notes"
        if place.get("x-api-key") != KEY and not (open_door and request.method == "GET"):
            raise HTTPException(401, "no such key")

    def known(self, note_id: UUID) -> Row:
        """The note of that id."""
        if str(note_id) not in self.rows:
            raise HTTPException(404, "no such note")
        return self.rows[str(note_id)]

    async def listed(self, limit: int = 100) -> Row:
        """Every note."""
        return {"items": [shown(note) for note in self.rows.values()][:limit], "next": None}

    async def written(self, title: Annotated[str, Body(embed=True, min_length=1)]) -> Row:
        """A new note."""
        if self.fault == "note_is_not_made":
            raise HTTPException(500, "the disk is full")
        note = {"id": str(uuid4()), "title": title, "archived": False, "version": 1}
        self.rows[str(note["id"])] = note
        return shown(note)

    async def emptied(self) -> None:
        """Delete all notes."""
        self.rows.clear()

    async def searched(self, q: str, fields: str) -> list[Row]:
        """The notes that have a text in one of the fields."""
        asked = fields.split(",")
        found = [n for n in self.rows.values() if any(q in str(n.get(name, "")) for name in asked)]
        return [shown(note) for note in found]

    async def imported(self, request: Request) -> Response:
        """Bytes are taken and looked at later."""
        return Response(status_code=202 if await request.body() else 400)

    async def read(self, note_id: UUID) -> JSONResponse:
        """One note, with its tag."""
        note = self.known(note_id)
        answer = shown(note)
        if self.fault == "note_has_no_title":
            del answer["title"]
        return JSONResponse(answer, headers={"ETag": tag(note)})

    async def rewritten(
        self,
        note_id: UUID,
        title: Annotated[str, Body(embed=True)],
        if_match: Annotated[str, Header()],
    ) -> Row:
        """A note with another title, if the caller knows its latest version."""
        note = self.known(note_id)
        if if_match != tag(note):
            raise HTTPException(412, "the note has another tag now")
        note.update(title=title, version=note["version"] + 1)
        return shown(note)

    async def thrown_away(self, note_id: UUID) -> None:
        """Delete a note."""
        del self.rows[self.known(note_id)["id"]]

    async def archived(self, note_id: UUID) -> Row:
        """Archive a note, which still exists."""
        note = self.known(note_id)
        if self.fault == "archive_is_forgotten":
            return {**shown(note), "archived": True}
        note.update(archived=True)
        return shown(note)

    async def attached(
        self, note_id: UUID, file: UploadFile, caption: Annotated[str, Body(min_length=3)]
    ) -> Response:
        """A file of a note; a header has its URL."""
        note, name = self.known(note_id), f"{uuid4().hex}-{len(caption)}"
        self.files[note["id"], name] = await file.read()
        place = f"/notes/{note['id']}/attachments/{name}"
        return Response(status_code=201, headers={"Location": place})

    async def attachment(self, note_id: UUID, name: str) -> Response:
        """The bytes of a file."""
        found = self.files.get((str(note_id), name))
        if found is None:
            raise HTTPException(404, "no such attachment")
        return Response(found, media_type="application/octet-stream")

    async def events(self) -> StreamingResponse:
        """Events without an end."""
        return StreamingResponse(self._ticks(), media_type="text/event-stream")

    async def _ticks(self) -> AsyncIterator[str]:
        while True:
            if self.fault != "stream_stalls":
                yield f"data: {json.dumps({'kind': 'tick', 'at': '2030-01-01T00:00:00Z'})}\n\n"
            await asyncio.sleep(0.05)


async def ping() -> PlainTextResponse:
    """The service is up."""
    return PlainTextResponse("up")


async def refuse(_request: Request, error: Exception) -> JSONResponse:
    """An error as the contract documents it."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": str(error.detail)}, error.status_code)


def make(fault: str = "", *, key_in_query: bool = False) -> FastAPI:
    """The service, with one of `FAULTS` or none; its state is its own."""
    service = Notes(fault, key_in_query=key_in_query)
    app = FastAPI(openapi_url=None)
    app.state.rows = service.rows
    app.add_exception_handler(HTTPException, refuse)
    app.get("/ping")(ping)
    app.include_router(router_of(service, ROUTES, service.signed))
    return app
