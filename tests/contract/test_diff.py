"""Drift: what a live contract changed, and whether a client that keeps ours may fail by it."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.contract.diff import Change, drift, told

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
    """The drift of a live contract that has another value at a place; None removes it."""
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
    """What changed for one operation."""
    return [(c.breaking, c.words) for c in changes if c.operation == operation]


IN_BOOK = "components/schemas/Book/properties"
IN_DRAFT = "components/schemas/Draft/properties"


@pytest.mark.parametrize(
    ("place", "value", "breaking", "words"),
    [
        (f"{IN_BOOK}/state", None, True, "/state is gone"),
        (f"{IN_BOOK}/title/type", "integer", True, "/title is integer, not string"),
        (f"{IN_BOOK}/title/type", ["string", "null"], True,
         "/title is null or string, not string"),
        (f"{IN_BOOK}/title/anyOf", [{"type": "string"}], False, ""),
        (f"{IN_BOOK}/id/type", "number", True, "/id is number, not integer"),
        (f"{IN_BOOK}/sequel/anyOf", [{"$ref": "#/components/schemas/Book"}], False,
         "/sequel is object, not null or object"),
        ("components/schemas/Book/required", ["id"], True, "/title is no longer required"),
        ("components/schemas/Book/required", ["id", "title", "state"], False,
         "/state is required"),
        (f"{IN_BOOK}/state/enum", ["new", "old", "lost"], False, '/state may also be "lost"'),
        (f"{IN_BOOK}/state/enum", ["new"], False, '/state is no longer "old"'),
        (f"{IN_BOOK}/state/enum", ["fresh"], True, '/state is no longer "new", "old"'),
        (f"{IN_BOOK}/isbn", {"type": "string"}, False, "/isbn is new"),
        (f"{IN_BOOK}/title/maxLength", 40, False, "/title has maxLength 40, not 80"),
        (f"{IN_BOOK}/id", True, True, "/id is anything, not integer"),
        ("components/responses/Book/headers", None, True, "header ETag is gone"),
        ("components/responses/Book/content", {"text/plain": {}}, True,
         "is no longer application/json"),
    ],
)  # fmt: skip
def test_change_of_an_answer(place: str, value: Any, breaking: bool, words: str) -> None:
    found = rows(changed(place, value), READ)
    assert found[:1] == ([(breaking, f"answer 200: {words}")] if words else [])


@pytest.mark.parametrize(
    ("place", "value", "breaking", "words"),
    [
        ("components/schemas/Draft/required", ["title", "pages"], True, "/pages is required"),
        ("components/schemas/Draft/required", [], False, "/title is no longer required"),
        ("components/schemas/Draft/required", ["title", "isbn"], True,
         "/isbn is new and required"),
        (f"{IN_DRAFT}/isbn", {"type": "string"}, False, "/isbn is new"),
        (f"{IN_DRAFT}/pages", None, False, "/pages is no longer taken"),
        (f"{IN_DRAFT}/pages/type", "integer", True, "/pages is integer, not number"),
        (f"{IN_DRAFT}/pages/type", ["number", "null"], False,
         "/pages is null or number, not number"),
        (f"{IN_DRAFT}/state/enum", ["new"], True, '/state is no longer "old"'),
        (f"{IN_DRAFT}/state/enum", ["new", "old", "lost"], False, '/state may also be "lost"'),
        (f"{IN_DRAFT}/state/enum", None, False, '/state is any value, not one of "new", "old"'),
        (f"{IN_DRAFT}/title/enum", ["a"], True, '/title is one of "a", not any value'),
        (f"{IN_DRAFT}/title/minLength", 3, True, "/title has minLength 3, not 1"),
        (f"{IN_DRAFT}/title/minLength", None, False, "/title has minLength none, not 1"),
        (f"{IN_DRAFT}/title/format", "email", True, "/title has format email, not none"),
        (f"{IN_DRAFT}/title/maxLength", 9, True, "/title has maxLength 9, not none"),
        (f"{IN_DRAFT}/tags/items", {"type": "integer"}, True, "/tags/* is integer, not string"),
        (f"{IN_DRAFT}/cover/oneOf", [{"$ref": "#/components/schemas/Photo"}], True,
         "/cover is object, not object or string"),
        ("components/schemas/Draft/additionalProperties", False, False,
         "the value takes no other fields"),
    ],
)  # fmt: skip
def test_change_of_a_request_body(place: str, value: Any, breaking: bool, words: str) -> None:
    assert rows(changed(place, value), WRITE)[:1] == [(breaking, f"request body: {words}")]


PARAMETERS = "paths/~1books/get/parameters"
QUERY: dict[str, Any] = {"name": "q", "in": "query", "schema": {"type": "string"}}


@pytest.mark.parametrize(
    ("operation", "place", "value", "found"),
    [
        (READ, "paths/~1books/get", None, [(True, "removed")]),
        ("PUT /books", "paths/~1books/put", {"responses": {}}, [(False, "added")]),
        (READ, PARAMETERS, None, [(False, "query parameter q is no longer taken")]),
        (READ, PARAMETERS, [{**QUERY, "required": True}],
         [(True, "query parameter q is required")]),
        (READ, PARAMETERS, [{**QUERY, "schema": {"type": "integer"}}],
         [(True, "query parameter q: the value is integer, not string")]),
        (READ, PARAMETERS, [QUERY, {**QUERY, "name": "sort"}],
         [(False, "query parameter sort is new")]),
        (READ, PARAMETERS, [QUERY, {**QUERY, "name": "sort", "required": True}],
         [(True, "query parameter sort is new and required")]),
        (READ, PARAMETERS, [QUERY, {**QUERY, "name": "X-Page", "in": "header"}],
         [(False, "header parameter x-page is new")]),
        (READ, "paths/~1books/get/security", [{"key": []}], [(True, "needs credentials")]),
        (WRITE, "paths/~1books/post/security", [], [(False, "needs no credentials")]),
        (WRITE, "paths/~1books/post/requestBody", None,
         [(False, "request body is no longer taken")]),
        (DELETE, "paths/~1books~1{book_id}/delete/responses", {"202": {"description": ""}},
         [(True, "answer 204 is gone (now 202)"), (False, "answer 202 is new")]),
        (DELETE, "paths/~1books~1{book_id}/delete/responses", {"2XX": {"description": ""}},
         [(False, "answer 2XX is new")]),
        (WRITE, "paths/~1books/post/responses/409", None, [(False, "answer 409 is gone")]),
        (DELETE, "paths/~1books~1{book_id}/delete/requestBody",
         {"required": True, "content": {"application/json": {}}},
         [(True, "request body is new and required")]),
    ],
)  # fmt: skip
def test_change_of_an_operation(
    operation: str, place: str, value: Any, found: list[tuple[bool, str]]
) -> None:
    assert rows(changed(place, value), operation) == found


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("info/version", "2"),
        ("components/schemas/Book/title", "A book"),
        ("paths/~1books/get/operationId", "list"),
        ("paths/~1books/get/summary", "All books"),
        (f"{IN_BOOK}/title/examples", ["Emma"]),
        (f"{IN_BOOK}/id/description", "its number"),
        ("components/schemas/Draft/required", ["title"]),
        (f"{IN_DRAFT}/state/enum", ["old", "new"]),
        (f"{IN_DRAFT}/cover/oneOf",
         [{"type": "string"}, {"$ref": "#/components/schemas/Photo"}]),
    ],
)  # fmt: skip
def test_words_and_order_are_no_change(place: str, value: Any) -> None:
    assert changed(place, value) == []


def test_names_of_path_variables_are_not_on_the_wire() -> None:
    document = deepcopy(DOCUMENT)
    item = document["paths"].pop("/books/{book_id}")
    item["delete"]["parameters"][0]["name"] = "id"
    document["paths"]["/books/{id}"] = item
    assert drift(OURS, Contract(document)) == []


def test_a_schema_in_place_of_a_reference_is_no_change() -> None:
    whole = {"allOf": [{"$ref": "#/components/schemas/Draft"}, {"type": "object"}]}
    content = {"application/json": {"schema": whole}}
    assert changed("paths/~1books/post/requestBody/content", content) == []


def test_nullable_of_openapi_3_0_is_the_null_of_3_1() -> None:
    old, new = deepcopy(DOCUMENT), deepcopy(DOCUMENT)
    old["openapi"] = "3.0.3"
    old["components"]["schemas"]["Book"]["properties"]["sequel"] = {
        "nullable": True,
        "allOf": [{"$ref": "#/components/schemas/Book"}],
    }
    assert drift(Contract(old), Contract(new)) == []


def test_what_only_a_writer_sends_is_no_field_of_an_answer() -> None:
    found = changed(f"{IN_BOOK}/state/writeOnly", True)
    assert rows(found, READ) == [(True, "answer 200: /state is gone")]


def test_a_change_is_told_once_for_all_operations_and_what_breaks_comes_first() -> None:
    document = deepcopy(DOCUMENT)
    del document["components"]["schemas"]["Book"]["properties"]["state"]
    document["paths"]["/pages"] = {"get": {"responses": {}}}
    document["components"]["responses"]["Book"]["description"] = "another word"
    assert told(drift(OURS, Contract(document))) == [
        "GET /books: answer 200: /state is gone",
        "POST /books: answer 201: /state is gone",
        "GET /pages: added",
    ]
    same = [Change(f"GET /{n}", True, "removed") for n in range(4)]
    assert told(same) == ["GET /0, GET /1 and 2 more: removed"]


def test_the_committed_contract_drifts_from_itself_in_nothing_but_what_is_changed() -> None:
    ours = Contract.load(Path(__file__).parents[2] / "openapi/api-service.json")
    document = deepcopy(ours.document)
    error = document["components"]["schemas"]["ErrorResponse"]
    del error["properties"][next(iter(error["properties"]))]
    found = drift(ours, Contract(document))
    assert {change.operation for change in found if change.breaking} == set(ours.operations)
    assert drift(ours, Contract(deepcopy(ours.document))) == []
