"""Library: everything under a base path, read by anyone, written with a bearer token."""

from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, FastAPI, HTTPException
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

KEY = "token-of-the-librarian"
BASE = "/v2"
FAULTS = {
    "recent_is_an_isbn": "GET /books/recent is taken for a book of that number",
    "loan_has_no_number": "POST /loans leaves out what returning it needs",
    "book_stays": "DELETE /books/{isbn} answers 500",
    "anyone_lends": "POST /loans asks for no token",
}

Row = dict[str, Any]


def make(fault: str = "") -> FastAPI:
    """The service, with one of `FAULTS` or none; its state is its own."""
    books: dict[str, Row] = {"979-0000000000": {"isbn": "979-0000000000", "title": "Always here"}}
    loans: dict[int, Row] = {}
    numbers = count(1)
    app = FastAPI(openapi_url=None)
    router = APIRouter(prefix=BASE)

    def signed(
        shown: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
    ) -> None:
        if shown is None or shown.credentials != KEY:
            raise HTTPException(401)

    staff = [Depends(signed)]

    @router.get("/books")
    async def listed() -> list[Row]:
        return list(books.values())

    async def recent() -> list[Row]:
        return list(books.values())[-3:]

    if fault != "recent_is_an_isbn":
        router.get("/books/recent")(recent)

    @router.post("/books", status_code=201, dependencies=staff)
    async def bought(isbn: Annotated[str, Body()], title: Annotated[str, Body()]) -> Row:
        if isbn in books:
            raise HTTPException(409)
        books[isbn] = {"isbn": isbn, "title": title}
        return books[isbn]

    @router.get("/books/{isbn}")
    async def read(isbn: str) -> Row:
        if isbn not in books:
            raise HTTPException(404)
        return books[isbn]

    @router.delete("/books/{isbn}", status_code=204, dependencies=staff)
    async def dropped(isbn: str) -> None:
        if fault == "book_stays":
            raise HTTPException(500)
        if books.pop(isbn, None) is None:
            raise HTTPException(404)

    @router.get("/shelves/{shelf_code}")
    async def shelf(shelf_code: str) -> Row:
        if shelf_code != "A-1":
            raise HTTPException(404)
        return {"shelf_code": shelf_code}

    @router.post("/loans", status_code=201, dependencies=[] if fault == "anyone_lends" else staff)
    async def lent(
        isbn: Annotated[str, Body()] = "", days: Annotated[int, Body(ge=1)] = 1
    ) -> Row:
        if isbn not in books and fault != "anyone_lends":
            raise HTTPException(404)
        loan = {"number": next(numbers), "isbn": isbn, "days": days}
        loans[loan["number"]] = loan
        return {} if fault == "loan_has_no_number" else {"number": loan["number"]}

    @router.post("/loans/{loan_number}/return", status_code=204, dependencies=staff)
    async def returned(loan_number: int) -> None:
        if loans.pop(loan_number, None) is None:
            raise HTTPException(404)

    @router.get("/files/{name}.{kind}")
    async def file(name: str, kind: str) -> Response:
        if name != "catalogue":
            raise HTTPException(404)
        return Response(f"{name} as {kind}".encode(), media_type="application/octet-stream")

    app.include_router(router)
    return app
