"""Lockers: two tenants with a key each, a DELETE that is idempotent, an endless stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import count
from typing import Annotated, Any

from fastapi import Body, FastAPI, Header, HTTPException, Request
from fastapi.responses import StreamingResponse

from tests.unlike.routes import router_of

KEYS = {"key-of-the-owner-of-lockers": "ours", "key-of-someone-else-entirely": "theirs"}
FAULTS = {
    "no_locker": "POST /lockers answers 500",
    "any_label": "POST /lockers takes an empty label",
    "no_label_breaks": "POST /lockers/{locker_id}/shelves answers 500 to an empty label",
    "no_shelf": "POST /lockers/{locker_id}/shelves answers 500",
    "list_is_open": "GET /lockers asks for no key",
    "any_key": "every operation takes any key",
    "list_is_shared": "GET /lockers lists the lockers of every tenant",
    "locker_is_shown": "GET /lockers/{locker_id} answers any tenant",
    "locker_is_taken": "DELETE /lockers/{locker_id} deletes for any tenant, still with 204",
    "watch_stalls": "GET /watch begins and says nothing",
    "audit_breaks": "GET /audit answers 500",
    "no_audit": "GET /audit answers 404, as where it is switched off",
    "audit_comes_later": "GET /audit answers 503 and asks to come again at once",
}
ROUTES = (
    ("GET /lockers", "listed", 200),
    ("POST /lockers", "made", 201),
    ("GET /lockers/{locker_id}", "read", 200),
    ("DELETE /lockers/{locker_id}", "removed", 204),
    ("POST /lockers/{locker_id}/shelves", "fitted", 201),
    ("GET /lockers/{locker_id}/shelves/{shelf_id}", "shelf", 200),
    ("GET /watch", "watched", 200),
    ("GET /audit", "audited", 200),
)

Row = dict[str, Any]
Key = Annotated[str, Header()]
Label = Annotated[str, Body(embed=True)]


class Lockers:
    """The service's state and what it does with it; `fault` may change while it runs."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.numbers = count(1)
        self.rows: dict[int, Row] = {}
        self.shelves: dict[int, Row] = {}

    def signed(self, request: Request) -> None:
        """Refuse a request without a key."""
        open_door = self.fault == "list_is_open" and request.method == "GET"
        if self.fault == "any_key" and request.headers.get("x-key"):
            return
        if request.headers.get("x-key") not in KEYS and not (
            open_door and request.url.path == "/lockers"
        ):
            raise HTTPException(401)

    def mine(self, locker_id: int, x_key: str) -> Row:
        """The tenant's locker of that id."""
        row = self.rows.get(locker_id)
        if row is None or row["tenant"] != KEYS[x_key]:
            raise HTTPException(404)
        return row

    async def listed(self, x_key: Key = "") -> list[Row]:
        """The tenant's lockers."""
        tenants = KEYS.values() if self.fault == "list_is_shared" else [KEYS.get(x_key)]
        return [_told(row) for row in self.rows.values() if row["tenant"] in tenants]

    async def made(self, label: Label, x_key: Key) -> Row:
        """A new locker."""
        if self.fault == "no_locker":
            raise HTTPException(500)
        if not label and self.fault != "any_label":
            raise HTTPException(422)
        row: Row = {"id": next(self.numbers), "label": label, "tenant": KEYS[x_key]}
        self.rows[row["id"]] = row
        return _told(row)

    async def read(self, locker_id: int, x_key: Key) -> Row:
        """One locker."""
        if self.fault == "locker_is_shown" and locker_id in self.rows:
            return _told(self.rows[locker_id])
        return _told(self.mine(locker_id, x_key))

    async def removed(self, locker_id: int, x_key: Key) -> None:
        """Delete a locker; the answer does not show whether it existed."""
        row = self.rows.get(locker_id)
        if row and (row["tenant"] == KEYS[x_key] or self.fault == "locker_is_taken"):
            del self.rows[locker_id]

    async def fitted(self, locker_id: int, label: Label, x_key: Key) -> Row:
        """A new shelf in a locker."""
        self.mine(locker_id, x_key)
        if self.fault == "no_shelf":
            raise HTTPException(500)
        if not label:
            raise HTTPException(500 if self.fault == "no_label_breaks" else 422)
        row: Row = {"id": next(self.numbers), "label": label}
        self.shelves[row["id"]] = row
        return row

    async def shelf(self, locker_id: int, shelf_id: int, x_key: Key) -> Row:
        """One shelf of a locker."""
        self.mine(locker_id, x_key)
        return self.shelves[shelf_id]

    async def watched(self) -> StreamingResponse:
        """An endless stream of events."""
        return StreamingResponse(self._numbers(), media_type="text/event-stream")

    async def _numbers(self) -> AsyncIterator[str]:
        while True:
            if self.fault != "watch_stalls":
                yield f"data: {json.dumps({'number': 1})}\n\n"
            await asyncio.sleep(0.01)

    async def audited(self) -> list[Row]:
        """Nothing was found."""
        if self.fault in ("audit_breaks", "no_audit"):
            raise HTTPException(404 if self.fault == "no_audit" else 500)
        if self.fault == "audit_comes_later":
            raise HTTPException(503, headers={"Retry-After": "0"})
        return []


def make(fault: str = "") -> FastAPI:
    """The service, with one of `FAULTS` or none; its state is its own."""
    service = Lockers(fault)
    app = FastAPI(openapi_url=None)
    app.state.rows = service.rows
    app.include_router(router_of(service, ROUTES, service.signed))
    return app


def _told(row: Row) -> Row:
    return {"id": row["id"], "label": row["label"]}
