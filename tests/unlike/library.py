"""Library: everything under a base path, read by anyone, written with a bearer token."""

from itertools import count
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tests.unlike.routes import router_of

KEY = "token-of-the-librarian"
BASE = "/v2"
FAULTS = {
    "recent_is_an_isbn": "GET /books/recent is taken for a book of that number",
    "loan_has_no_number": "POST /loans leaves out what returning it needs",
    "book_stays": "DELETE /books/{isbn} answers 500",
}
RECENT = ("GET /books/recent", "recent", 200)
READING = (
    ("GET /books", "listed", 200),
    ("GET /books/{isbn}", "read", 200),
    ("GET /shelves/{shelf_code}", "shelf", 200),
    ("GET /files/{name}.{kind}", "file", 200),
)
WRITING = (
    ("POST /books", "bought", 201),
    ("DELETE /books/{isbn}", "dropped", 204),
    ("POST /loans", "lent", 201),
    ("POST /loans/{loan_number}/return", "returned", 204),
)
ALWAYS_HERE = "979-0000000000"

Row = dict[str, Any]
Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def signed(shown: Shown) -> None:
    """Refuse a request without the librarian's token."""
    if shown is None or shown.credentials != KEY:
        raise HTTPException(401)


class Library:
    """The service's state and what it does with it."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.numbers = count(1)
        self.books: dict[str, Row] = {ALWAYS_HERE: {"isbn": ALWAYS_HERE, "title": "Always here"}}
        self.loans: dict[int, Row] = {}

    async def listed(self) -> list[Row]:
        """Every book."""
        return list(self.books.values())

    async def recent(self) -> list[Row]:
        """The last books that were bought."""
        return list(self.books.values())[-3:]

    async def bought(self, isbn: Annotated[str, Body()], title: Annotated[str, Body()]) -> Row:
        """A new book; each exists once."""
        if isbn in self.books:
            raise HTTPException(409)
        self.books[isbn] = {"isbn": isbn, "title": title}
        return self.books[isbn]

    async def read(self, isbn: str) -> Row:
        """One book."""
        if isbn not in self.books:
            raise HTTPException(404)
        return self.books[isbn]

    async def dropped(self, isbn: str) -> None:
        """Delete a book."""
        if self.fault == "book_stays":
            raise HTTPException(500)
        if self.books.pop(isbn, None) is None:
            raise HTTPException(404)

    async def shelf(self, shelf_code: str) -> Row:
        """The only shelf."""
        if shelf_code != "A-1":
            raise HTTPException(404)
        return {"shelf_code": shelf_code}

    async def lent(self, isbn: Annotated[str, Body()], days: Annotated[int, Body(ge=1)]) -> Row:
        """Lend a book for some days."""
        if isbn not in self.books:
            raise HTTPException(404)
        number = next(self.numbers)
        self.loans[number] = {"isbn": isbn, "days": days}
        return {} if self.fault == "loan_has_no_number" else {"number": number}

    async def returned(self, loan_number: int) -> None:
        """Return a book."""
        if self.loans.pop(loan_number, None) is None:
            raise HTTPException(404)

    async def file(self, name: str, kind: str) -> Response:
        """The catalogue, in any kind."""
        if name != "catalogue":
            raise HTTPException(404)
        return Response(f"{name} as {kind}".encode(), media_type="application/octet-stream")


def make(fault: str = "") -> FastAPI:
    """The service, with one of `FAULTS` or none; its state is its own."""
    service = Library(fault)
    app = FastAPI(openapi_url=None)
    app.state.rows = service.books
    reading = READING if fault == "recent_is_an_isbn" else (RECENT, *READING)
    app.include_router(router_of(service, reading, prefix=BASE))
    app.include_router(router_of(service, WRITING, signed, prefix=BASE))
    return app
