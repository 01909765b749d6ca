"""A contract of books for tests of views: a list, a search, details, actions, a settings page."""

import json
from typing import Any

from smoke.contract import Contract
from smoke.results.exchange import Exchange

BOOK = {"$ref": "#/components/schemas/Book"}
BRIEF = {"$ref": "#/components/schemas/Brief"}
OBJECT = {"type": "object"}
KINDS = {"anyOf": [{"enum": ["novel", "poem"]}, {"type": "null"}]}
FIELDS = {"type": "object", "properties": {"kind": KINDS, "status": KINDS}}
SENT = {"content": {"application/json": {"schema": FIELDS}}}


def answers(schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "", "content": content}}}


def rows(schema: Any) -> dict[str, Any]:
    listed = {"type": "object", "properties": {"items": {"type": "array", "items": schema}}}
    return answers(listed)


def contract() -> Contract:
    paths = {
        "/books": {"get": rows(BOOK), "post": {**answers(BOOK), "requestBody": SENT}},
        "/books/search": {"get": rows(BRIEF)},
        "/books/import": {"post": answers(BOOK)},
        "/books/authors": {"get": rows(OBJECT)},
        "/books/{book_id}": {"get": answers(BOOK), "patch": answers(BOOK)},
        "/books/{book_id}/lend": {"post": answers(BOOK)},
        "/books/{book_id}/owner": {"post": answers(OBJECT)},
        "/runs": {"get": rows(OBJECT)},
        "/runs/{run_id}": {"get": answers(OBJECT)},
        "/me": {"get": answers(BOOK), "put": answers(BOOK)},
    }
    schemas = {"Book": {"type": "object"}, "Brief": {"type": "object"}}
    return Contract(
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths,
         "components": {"schemas": schemas}}
    )  # fmt: skip


def answered(operation: str, body: Any, path: str = "", **more: Any) -> Exchange:
    """An exchange of a run with the id `ab12`; `at` is when it was sent."""
    method, _, template = operation.partition(" ")
    sent = more.pop("sent", None)
    return Exchange(
        number=1, check="c", actor=more.pop("actor", "owner"), operation=operation, method=method,
        url=f"http://127.0.0.1:8000{path or template}", started_s=more.pop("at", 0.0),
        request_headers={"x-smoke-run": "ab12"},
        request_body=b"" if sent is None else json.dumps(sent).encode(),
        status=more.pop("status", 200), headers={"content-type": "application/json"},
        body=json.dumps(body).encode(), elapsed_ms=1.0,
    )  # fmt: skip
