"""Shop: basic authentication, forms, integer ids, values that may be null, a redirect, a feed."""

from datetime import date
from itertools import count
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from tests.unlike.routes import router_of

KEY = "clerk:password-of-the-clerk"
FAULTS = {
    "id_is_text": "POST /customers answers an id that is not a number",
    "page_moves_no_more": "GET /old answers 200",
    "customers_are_open": "GET /customers asks for no password",
    "secret_is_told": "GET /customers/{customerId} shows what may only be written",
}
ROUTES = (
    ("GET /customers", "listed", 200),
    ("POST /customers", "welcomed", 201),
    ("GET /customers/{customer_id}", "read", 200),
    ("DELETE /customers/{customer_id}", "forgotten", 204),
    ("POST /orders", "ordered", 201),
    ("GET /orders/{order_id}", "order_read", 200),
    ("PATCH /orders/{order_id}", "noted", 200),
    ("POST /orders/{order_id}/cancel", "cancelled", 200),
    ("GET /receipts/{number}", "receipt", 200),
    ("GET /old", "old", 200),
)
FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'

Row = dict[str, Any]
Shown = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]
Patch = Body(embed=True, media_type="application/merge-patch+json")


class Shop:
    """The service's state and what it does with it."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.numbers = count(1)
        self.customers: dict[int, Row] = {}
        self.orders: dict[int, Row] = {}

    def signed(self, request: Request, shown: Shown) -> None:
        """Refuse a request without the clerk's password."""
        shown_pair = f"{shown.username}:{shown.password}" if shown else ""
        open_door = self.fault == "customers_are_open" and request.url.path == "/customers"
        if shown_pair != KEY and not (open_door and request.method == "GET"):
            raise HTTPException(401, "no such clerk")

    async def listed(self) -> list[Row]:
        """Every customer."""
        return [_told(row) for row in self.customers.values()]

    async def welcomed(
        self,
        name: Annotated[str, Form(min_length=2)],
        secret: Annotated[str, Form(min_length=8)],
        since: Annotated[date, Form()],
    ) -> Row:
        """A new customer, from a form."""
        row: Row = {
            "id": next(self.numbers),
            "name": name,
            "secret": secret,
            "nickname": None,
            "referrer": None,
            "since": str(since),
        }
        self.customers[row["id"]] = row
        return {**_told(row), **({"id": str(row["id"])} if self.fault == "id_is_text" else {})}

    async def read(self, customer_id: int) -> Row:
        """One customer, without the secret."""
        row = _found(self.customers, customer_id)
        return dict(row) if self.fault == "secret_is_told" else _told(row)

    async def forgotten(self, customer_id: int) -> None:
        """Delete a customer."""
        del self.customers[_found(self.customers, customer_id)["id"]]

    async def ordered(
        self,
        customer_id: Annotated[int, Body()],
        amount: Annotated[float, Body(gt=0)],
        state: Annotated[str | None, Body()],
    ) -> Row:
        """A new order of a customer."""
        _found(self.customers, customer_id)
        row: Row = {"id": next(self.numbers), "customer_id": customer_id, "amount": amount}
        self.orders[row["id"]] = row
        row.update(state=state, note=None)
        return row

    async def order_read(self, order_id: int) -> Row:
        """One order."""
        return _found(self.orders, order_id)

    async def noted(self, order_id: int, note: Annotated[str | None, Patch]) -> Row:
        """An order with another note, or none."""
        row = _found(self.orders, order_id)
        row.update(note=note)
        return row

    async def cancelled(self, order_id: int) -> None:
        """Cancel an order."""
        _found(self.orders, order_id).update(state=None)

    async def receipt(self, number: str) -> str:
        """The only receipt."""
        if number != "R-1":
            raise HTTPException(404)
        return number

    async def old(self) -> Response:
        """A page that has moved."""
        gone = self.fault != "page_moves_no_more"
        return RedirectResponse("/feed", 302) if gone else Response("here still")


async def feed() -> Response:
    """News for anyone."""
    return Response(FEED, media_type="application/rss+xml")


def make(fault: str = "") -> FastAPI:
    """The service, with one of `FAULTS` or none; its state is its own."""
    service = Shop(fault)
    app = FastAPI(openapi_url=None)
    app.state.rows = service.customers
    app.get("/feed")(feed)
    app.include_router(router_of(service, ROUTES, service.signed))
    return app


def _found(rows: dict[int, Row], number: int) -> Row:
    if number not in rows:
        raise HTTPException(404)
    return rows[number]


def _told(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "secret"}
