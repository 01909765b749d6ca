"""Shop: basic authentication, forms, integer ids, values that may be null, a redirect, a feed."""

from datetime import date
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, FastAPI, Form, HTTPException
from fastapi.responses import RedirectResponse, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials

KEY = "clerk:password-of-the-clerk"
FAULTS = {
    "id_is_text": "POST /customers answers an id that is not a number",
    "page_moves_no_more": "GET /old answers 200",
    "order_is_lost": "GET /orders/{order_id} answers 404",
    "password_is_not_read": "GET /customers takes any password",
    "secret_is_told": "GET /customers/{customerId} shows what may only be written",
}
FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'

Row = dict[str, Any]


def make(fault: str = "") -> FastAPI:
    """The service, with one of `FAULTS` or none; its state is its own."""
    numbers = count(1)
    customers: dict[int, Row] = {}
    orders: dict[int, Row] = {}
    app = FastAPI(openapi_url=None)

    def signed(shown: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> None:
        told = f"{shown.username}:{shown.password}"
        if told != KEY and fault != "password_is_not_read":
            raise HTTPException(401, "no such clerk")

    def customer(customer_id: int) -> Row:
        return _found(customers, customer_id)

    def order(order_id: int) -> Row:
        return _found(orders, order_id)

    router = APIRouter(dependencies=[Depends(signed)])
    anyone = APIRouter()

    @router.get("/customers")
    async def listed() -> list[Row]:
        return [_told(row) for row in customers.values()]

    @router.post("/customers", status_code=201)
    async def welcomed(
        name: Annotated[str, Form(min_length=2)],
        secret: Annotated[str, Form(min_length=8)],
        since: Annotated[date, Form()],
    ) -> Row:
        row = {"id": next(numbers), "name": name, "secret": secret, "nickname": None,
               "referrer": None, "since": str(since)}  # fmt: skip
        customers[row["id"]] = row
        return {**_told(row), **({"id": str(row["id"])} if fault == "id_is_text" else {})}

    @router.get("/customers/{customer_id}")
    async def read(row: Annotated[Row, Depends(customer)]) -> Row:
        return dict(row) if fault == "secret_is_told" else _told(row)

    @router.delete("/customers/{customer_id}", status_code=204)
    async def forgotten(row: Annotated[Row, Depends(customer)]) -> None:
        del customers[row["id"]]

    @router.post("/orders", status_code=201)
    async def ordered(
        customer_id: Annotated[int, Body()], amount: Annotated[float, Body(gt=0)],
        state: Annotated[str | None, Body()],
    ) -> Row:  # fmt: skip
        _found(customers, customer_id)
        row = {"id": next(numbers), "customer_id": customer_id, "amount": amount,
               "state": state, "note": None}  # fmt: skip
        orders[row["id"]] = row
        return row

    @router.get("/orders/{order_id}")
    async def order_read(row: Annotated[Row, Depends(order)]) -> Row:
        if fault == "order_is_lost":
            raise HTTPException(404)
        return row

    @router.patch("/orders/{order_id}")
    async def noted(
        row: Annotated[Row, Depends(order)],
        note: Annotated[str | None, Body(embed=True, media_type="application/merge-patch+json")],
    ) -> Row:
        row.update(note=note)
        return row

    @router.post("/orders/{order_id}/cancel")
    async def cancelled(row: Annotated[Row, Depends(order)]) -> None:
        row.update(state=None)

    @router.get("/receipts/{number}")
    async def receipt(number: str) -> str:
        if number != "R-1":
            raise HTTPException(404)
        return number

    @router.get("/old")
    async def old() -> Response:
        if fault == "page_moves_no_more":
            return Response("here still")
        return RedirectResponse("/feed", 302)

    @anyone.get("/feed")
    async def feed() -> Response:
        return Response(FEED, media_type="application/rss+xml")

    app.include_router(anyone)
    app.include_router(router)
    return app


def _found(rows: dict[int, Row], number: int) -> Row:
    if number not in rows:
        raise HTTPException(404)
    return rows[number]


def _told(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "secret"}
