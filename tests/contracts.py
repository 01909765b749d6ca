"""A small contract for tests: a shelf of books, read with a token."""

from typing import Any

from smoke.contract import Contract

BOOK: dict[str, Any] = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "bought": {"type": "string", "format": "date-time"},
    },
}
OPERATIONS: dict[str, Any] = {
    "/ready": {"get": {"responses": {"200": {"description": "ready"}}}},
    "/books": {
        "get": {"tags": ["books"], "responses": {"200": {"description": "all"}}},
        "post": {"tags": ["books"], "responses": {"201": {"description": "made"}}},
    },
    "/books/{book_id}": {
        "get": {
            "tags": ["books"],
            "responses": {
                "200": {
                    "description": "one",
                    "content": {"application/json": {"schema": BOOK}},
                },
                "404": {"description": "none"},
            },
        },
        "delete": {"tags": ["books"], "responses": {"204": {"description": "gone"}}},
    },
}


def shelf() -> Contract:
    """The contract of the shelf."""
    info = {"title": "shelf", "version": "1"}
    return Contract({"openapi": "3.1.0", "info": info, "paths": OPERATIONS})
