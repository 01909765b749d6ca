"""Notes: an API key in a header, no tenancy, entity tags, uploads, an endless stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Depends, FastAPI, Header, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

KEY = "key-of-the-owner-of-the-notes"
FAULTS = {
    "note_is_not_made": "POST /notes answers 500",
    "note_has_no_title": "GET /notes/{noteId} leaves a required field out",
    "key_is_not_asked": "GET /notes answers whoever asks",
    "stream_stalls": "GET /events says nothing",
    "tag_is_stale": "PUT /notes/{noteId} refuses the tag that was just read",
}


def tag(note: dict[str, Any]) -> str:
    """The entity tag of a note: another one for each version (RFC 9110 §8.8.3)."""
    return f'"{note["version"]}"'


def shown(note: dict[str, Any]) -> dict[str, Any]:
    """A note as it is told."""
    return {name: note[name] for name in ("id", "title", "archived")}


def make(fault: str = "") -> FastAPI:
    """The service, with one of `FAULTS` or none; its state is its own."""
    notes: dict[str, dict[str, Any]] = {}
    files: dict[tuple[str, str], bytes] = {}
    app = FastAPI(openapi_url=None)

    @app.exception_handler(HTTPException)
    async def refuse(_request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"message": str(error.detail)}, error.status_code)

    async def signed(request: Request, x_api_key: Annotated[str, Header()] = "") -> None:
        open_door = fault == "key_is_not_asked" and request.scope["path"] == "/notes"
        if x_api_key != KEY and not (open_door and request.method == "GET"):
            raise HTTPException(401, "no such key")

    def known(note_id: UUID) -> dict[str, Any]:
        if str(note_id) not in notes:
            raise HTTPException(404, "no such note")
        return notes[str(note_id)]

    Known = Annotated[dict[str, Any], Depends(known)]
    router = APIRouter(dependencies=[Depends(signed)])

    @app.get("/ping")
    async def ping() -> PlainTextResponse:
        return PlainTextResponse("up")

    @router.get("/notes")
    async def listed(limit: int = 100) -> dict[str, Any]:
        return {"items": [shown(note) for note in notes.values()][:limit], "next": None}

    @router.post("/notes", status_code=201)
    async def written(title: Annotated[str, Body(embed=True, min_length=1)]) -> dict[str, Any]:
        if fault == "note_is_not_made":
            raise HTTPException(500, "the disk is full")
        note = {"id": str(uuid4()), "title": title, "archived": False, "version": 1}
        notes[note["id"]] = note
        return shown(note)

    @router.delete("/notes", status_code=204)
    async def emptied() -> None:
        notes.clear()

    @router.get("/notes/search")
    async def searched(q: str, fields: str) -> list[dict[str, Any]]:
        asked = fields.split(",")
        return [shown(n) for n in notes.values() if any(q in str(n.get(f, "")) for f in asked)]

    @router.post("/notes/import", status_code=202)
    async def imported(request: Request) -> Response:
        return Response(status_code=202 if await request.body() else 400)

    @router.get("/notes/{note_id}")
    async def read(note: Known) -> JSONResponse:
        told = shown(note)
        if fault == "note_has_no_title":
            del told["title"]
        return JSONResponse(told, headers={"ETag": tag(note)})

    @router.put("/notes/{note_id}")
    async def rewritten(
        note: Known, title: Annotated[str, Body(embed=True)], if_match: Annotated[str, Header()]
    ) -> dict[str, Any]:
        if if_match != tag(note) or fault == "tag_is_stale":
            raise HTTPException(412, "the note has another tag now")
        note.update(title=title, version=note["version"] + 1)
        return shown(note)

    @router.delete("/notes/{note_id}", status_code=204)
    async def thrown_away(note: Known) -> None:
        del notes[note["id"]]

    @router.post("/notes/{note_id}/archive")
    async def archived(note: Known) -> dict[str, Any]:
        note.update(archived=True)
        return shown(note)

    @router.post("/notes/{note_id}/attachments", status_code=201)
    async def attached(
        note: Known, file: UploadFile, caption: Annotated[str, Body(min_length=3)]
    ) -> Response:
        assert caption
        name = uuid4().hex
        files[note["id"], name] = await file.read()
        place = f"/notes/{note['id']}/attachments/{name}"
        return Response(status_code=201, headers={"Location": place})

    @router.get("/notes/{note_id}/attachments/{name}")
    async def attachment(note: Known, name: str) -> Response:
        found = files.get((note["id"], name))
        if found is None:
            raise HTTPException(404, "no such attachment")
        return Response(found, media_type="application/octet-stream")

    @router.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(_ticks(), media_type="text/event-stream")

    async def _ticks() -> AsyncIterator[str]:
        while True:
            if fault != "stream_stalls":
                yield f"data: {json.dumps({'kind': 'tick', 'at': '2030-01-01T00:00:00Z'})}\n\n"
            await asyncio.sleep(0.05)

    app.include_router(router)
    return app
