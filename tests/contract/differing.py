"""Contracts that differ in one place, and the changes that drift finds between them."""

from copy import deepcopy
from typing import Any

from smoke.contract import Contract
from smoke.contract.diff import Change, drift

BOOK: dict[str, Any] = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string", "maxLength": 80},
        "state": {"type": "string", "enum": ["new", "old"]},
        "sequel": {"anyOf": [{"$ref": "#/components/schemas/Book"}, {"type": "null"}]},
    },
}

DRAFT: dict[str, Any] = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "minLength": 1},
        "state": {"type": "string", "enum": ["new", "old"]},
        "pages": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "cover": {"oneOf": [{"$ref": "#/components/schemas/Photo"}, {"type": "string"}]},
    },
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "books", "version": "1"},
    "paths": {
        "/books": {
            "get": {
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": {"$ref": "#/components/responses/Book"}},
            },
            "post": {
                "security": [{"key": []}],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Draft"}}
                    },
                },
                "responses": {
                    "201": {"$ref": "#/components/responses/Book"},
                    "409": {"description": "is there already"},
                },
            },
        },
        "/books/{book_id}": {
            "delete": {
                "parameters": [
                    {"name": "book_id", "in": "path", "required": True,
                     "schema": {"type": "string"}},
                ],
                "responses": {"204": {"description": "gone"}},
            },
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "schemas": {"Book": BOOK, "Draft": DRAFT, "Photo": {"type": "object"}},
        "responses": {
            "Book": {
                "description": "one",
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}},
            }
        },
    },
}  # fmt: skip

READ, WRITE, DELETE = "GET /books", "POST /books", "DELETE /books/{book_id}"

OURS = Contract(deepcopy(DOCUMENT))


def changed(place: str, value: Any) -> list[Change]:
    """The drift of a live contract with another value at a place; None removes the value."""
    document = deepcopy(DOCUMENT)
    *way, last = (token.replace("~1", "/") for token in place.split("/"))
    node = document
    for token in way:
        node = node[token]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return drift(OURS, Contract(document))


def rows(changes: list[Change], operation: str) -> list[tuple[bool, str]]:
    """The changes of one operation."""
    return [(c.breaking, c.words) for c in changes if c.operation == operation]


def answering(schema: Any, **more: Any) -> dict[str, Any]:
    """A document of one operation, given the schemas of its answer and request body."""
    body = more.pop("body", None)
    response = {"description": "", "content": {"application/json": {"schema": schema}}} | more
    operation: dict[str, Any] = {"responses": {"200": response}}
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": body}}}
    paths = {"/a": {"post": operation}}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}


def between(ours: dict[str, Any], theirs: dict[str, Any]) -> list[tuple[bool, str]]:
    return [(c.breaking, c.words) for c in drift(Contract(ours), Contract(theirs))]


ID: dict[str, Any] = {
    "type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}},
}  # fmt: skip

Z: dict[str, Any] = {
    "type": "object", "required": ["z"], "properties": {"z": {"type": "string"}},
}  # fmt: skip

TEXT: dict[str, Any] = {"type": "string"}

INT: dict[str, Any] = {"type": "integer"}
