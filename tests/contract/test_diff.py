"""Drift: the changes of a live contract, and whether they break a client of ours."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.contract.diff import Change, change_lines, drift

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
def test_descriptions_and_order_do_not_count(place: str, value: Any) -> None:
    assert changed(place, value) == []


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


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"oneOf": [ID]}, {"oneOf": [ID, Z]}),
        (ID, {"anyOf": [ID, Z]}),
        (ID, {"oneOf": [Z, ID, {"type": "null"}]} | {"type": "object"}),
        ({"anyOf": [ID, Z]}, {"oneOf": [Z, ID]}),
        ({"anyOf": [ID, Z]}, ID),
        ({"type": ["string", "integer"]}, {"anyOf": [TEXT, INT]}),
        ({"anyOf": [{"const": "a"}, {"const": "b"}]}, {"enum": ["b", "a"]}),
        (INT | {"exclusiveMinimum": 0}, INT | {"minimum": 1}),
        ({"type": "array", "items": {"oneOf": [ID]}},
         {"type": "array", "items": {"anyOf": [ID, Z]}}),
        ({"allOf": [{"oneOf": [ID, Z]}]}, {"oneOf": [ID, Z]}),
    ],
)  # fmt: skip
def test_equivalent_answer_schema_breaks_nothing(ours: Any, theirs: Any) -> None:
    assert [
        words for breaking, words in between(answering(ours), answering(theirs)) if breaking
    ] == []


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ({"oneOf": [ID]}, {"oneOf": [Z]}, "/id is gone"),
        (ID, {"anyOf": [{"type": "object"}, Z]}, "the value is no longer object"),
        ({"type": "array", "prefixItems": [TEXT]}, {"type": "array", "prefixItems": [INT]},
         "/0 is integer, not string"),
        ({"type": "array", "prefixItems": [TEXT]}, {"type": "array", "items": INT},
         "/0 is integer, not string"),
        ({"type": "object", "patternProperties": {"^x": TEXT}},
         {"type": "object", "patternProperties": {"^x": INT}}, "/* is integer, not string"),
        (ID | {"discriminator": {"propertyName": "a"}}, ID | {"discriminator": {
            "propertyName": "b"}}, "the value has the discriminator 'b', not 'a'"),
    ],
)  # fmt: skip
def test_answer_that_promises_less_breaks(ours: Any, theirs: Any, words: str) -> None:
    assert (True, f"answer 200: {words}") in between(answering(ours), answering(theirs))


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ({"anyOf": [ID, Z]}, ID, "the value is no longer object"),
        ({"type": "array", "prefixItems": [TEXT, TEXT]},
         {"type": "array", "prefixItems": [TEXT, INT]},
         "/1 is integer, not string"),
        (ID, ID | {"not": {"required": ["x"]}}, "the value now has 'not'"),
        (ID, ID | {"dependentRequired": {"id": ["x"]}}, "the value now has 'dependentRequired'"),
        (ID, ID | {"propertyNames": {"pattern": "^a"}}, "the value now has 'propertyNames'"),
        (ID, ID | {"if": {}, "then": {"required": ["x"]}}, "the value now has 'if'"),
        (INT, INT | {"multipleOf": 5}, "the value has multipleOf 5, not none"),
        (INT | {"minimum": 1}, INT | {"exclusiveMinimum": 1},
         "the value has minimum 2, not 1"),
        ({"type": "number", "minimum": 0}, {"type": "number", "exclusiveMinimum": 0},
         "the value has minimum 0 (exclusive), not 0"),
        (TEXT, TEXT | {"contentEncoding": "base64"},
         "the value has contentEncoding base64, not none"),
        ({"type": "array", "items": TEXT}, {"type": "array", "items": TEXT, "uniqueItems": True},
         "the value has uniqueItems True, not none"),
    ],
)  # fmt: skip
def test_request_schema_that_accepts_less_breaks(ours: Any, theirs: Any, words: str) -> None:
    found = between(answering(True, body=ours), answering(True, body=theirs))
    assert (True, f"request body: {words}") in found


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ID, {"anyOf": [ID, Z]}),
        (ID, {"oneOf": [ID, TEXT]}),
        ({"type": ["string", "integer"]}, {"anyOf": [TEXT, INT, ID]}),
        (INT | {"multipleOf": 10}, INT | {"multipleOf": 5}),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 0}),
        (ID | {"not": {"required": ["x"]}}, ID),
    ],
)
def test_request_schema_that_accepts_more_breaks_nothing(ours: Any, theirs: Any) -> None:
    found = between(answering(True, body=ours), answering(True, body=theirs))
    assert [words for breaking, words in found if breaking] == []


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("application/json", "application/json; charset=utf-8", []),
        ("Application/JSON", "application/json", []),
        ("application/json", "application/*",
         [(False, "answer 200: may also be application/*")]),
        ("application/json", "text/json",
         [(True, "answer 200: is no longer application/json"),
          (False, "answer 200: may also be text/json")]),
    ],
)  # fmt: skip
def test_media_types_are_compared_without_their_parameters(
    ours: str, theirs: str, found: list[tuple[bool, str]]
) -> None:
    documents = [answering(ID, content={kind: {"schema": ID}}) for kind in (ours, theirs)]
    assert between(*documents) == found


def statuses(**by_status: Any) -> dict[str, Any]:
    document = answering(ID)
    (response,) = document["paths"]["/a"]["post"]["responses"].values()
    found = {name.strip("_"): response | (more or {}) for name, more in by_status.items()}
    document["paths"]["/a"]["post"]["responses"] = found
    return document


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        (statuses(_2XX=None), statuses(_200=None), []),
        (statuses(_2XX=None), statuses(_200=None, _201=None), []),
        (statuses(_3XX=None), statuses(_302=None, _307=None), []),
        (statuses(default=None), statuses(_200=None), [(False, "answer 200 is new")]),
        (statuses(_200=None), statuses(default=None), [(False, "answer default is new")]),
        (statuses(_2XX=None), statuses(_400=None),
         [(True, "answer 2XX is gone (now no success)"), (False, "answer 400 is new")]),
        (statuses(_200=None), statuses(_201=None),
         [(True, "answer 200 is gone (now 201)"), (False, "answer 201 is new")]),
        (statuses(_2XX=None),
         statuses(_200=None, _201={"content": {"application/json": {"schema": Z}}}),
         [(True, "answer 2XX: /id is gone"), (False, "answer 2XX: /z is new and required")]),
    ],
)  # fmt: skip
def test_statuses_within_a_range_promise_more(
    ours: Any, theirs: Any, found: list[tuple[bool, str]]
) -> None:
    assert between(ours, theirs) == found


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ({"required": True}, {}, [(True, "no longer required")]),
        ({}, {"required": True}, [(False, "is required")]),
        ({"schema": INT}, {"schema": TEXT}, [(True, "the value is string, not integer")]),
        ({"schema": INT}, {"schema": INT, "description": "x"}, []),
    ],
)
def test_headers_of_answers_are_compared(
    ours: Any, theirs: Any, found: list[tuple[bool, str]]
) -> None:
    documents = [answering(ID, headers={"X-Total": header}) for header in (ours, theirs)]
    rows = between(*documents)
    assert [breaking for breaking, _ in rows] == [breaking for breaking, _ in found]
    assert all(text in row for (_, text), (_, row) in zip(found, rows, strict=True))


SCHEMES: dict[str, Any] = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "same": {"type": "apiKey", "in": "header", "name": "x-key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "Bearer"},
    "oauth": {"type": "oauth2", "flows": {}},
}


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ([{"key": []}], [{"same": []}], []),
        ([{"bearer": []}], [{"oauth": []}], []),
        ([{"key": []}], [{"query": []}],
         [(True, "no longer accepts header x-key (now: query key)")]),
        ([{"key": []}, {"basic": []}], [{"basic": []}],
         [(True, "no longer accepts header x-key (now: basic)")]),
        ([{"key": []}], [{"key": []}, {"basic": []}], []),
        ([{"key": []}, {"basic": []}], [{"key": [], "basic": []}],
         [(True, "no longer accepts header x-key (now: basic and header x-key)"),
          (True, "no longer accepts basic (now: basic and header x-key)")]),
        ([{"oauth": ["read"]}], [{"oauth": ["read", "write"]}],
         [(True, "no longer accepts bearer with read (now: bearer with read, write)")]),
        ([{"oauth": ["read", "write"]}], [{"oauth": ["read"]}], []),
        ([{}, {"key": []}], [{"key": []}], [(True, "needs credentials")]),
        ([{"key": []}], [], [(False, "needs no credentials")]),
    ],
)  # fmt: skip
def test_security_is_compared_by_the_credentials_of_a_caller(
    ours: Any, theirs: Any, found: list[tuple[bool, str]]
) -> None:
    documents = [answering(ID), answering(ID)]
    for document, security in zip(documents, (ours, theirs), strict=True):
        document["components"] = {"securitySchemes": SCHEMES}
        document["paths"]["/a"]["post"]["security"] = security
    assert between(*documents) == found


def test_another_scheme_under_the_same_name_breaks() -> None:
    documents = [answering(ID), answering(ID)]
    for document, name in zip(documents, ("key", "query"), strict=True):
        document["components"] = {"securitySchemes": {"auth": SCHEMES[name]}}
        document["security"] = [{"auth": []}]
    assert between(*documents) == [(True, "no longer accepts header x-key (now: query key)")]


def test_another_base_path_is_reported_and_breaks_nothing() -> None:
    theirs = answering(ID) | {"servers": [{"url": "https://example.com/v2"}]}
    assert between(answering(ID), theirs) == [(False, "lives below /v2, not /")]


def test_another_encoding_of_a_form_breaks() -> None:
    documents = [answering(ID), answering(ID)]
    for document, kind in zip(documents, ("text/plain", "application/json"), strict=True):
        media = {"schema": ID, "encoding": {"id": {"contentType": kind}}}
        body = {"content": {"multipart/form-data": media}}
        document["paths"]["/a"]["post"]["requestBody"] = body
    assert between(*documents) == [(True, "request body: /id is written in another way")]


def test_comparison_of_recursive_alternatives_terminates() -> None:
    documents = [answering({"$ref": "#/components/schemas/Node"}) for _ in "ab"]
    for document, kind in zip(documents, (TEXT, INT), strict=True):
        node = {
            "oneOf": [
                {"$ref": "#/components/schemas/Leaf"},
                {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
            ]
        }
        document["components"] = {"schemas": {"Node": node, "Leaf": kind}}
    found = between(*documents)
    assert (True, "answer 200: the value is integer or object, not object or string") in found


def test_names_of_path_variables_do_not_count() -> None:
    document = deepcopy(DOCUMENT)
    item = document["paths"].pop("/books/{book_id}")
    item["delete"]["parameters"][0]["name"] = "id"
    document["paths"]["/books/{id}"] = item
    assert drift(OURS, Contract(document)) == []


def test_inlined_reference_is_not_a_change() -> None:
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


def test_write_only_field_does_not_belong_to_an_answer() -> None:
    found = changed(f"{IN_BOOK}/state/writeOnly", True)
    assert rows(found, READ) == [(True, "answer 200: /state is gone")]


def test_change_is_reported_once_for_all_operations_with_breaking_ones_first() -> None:
    document = deepcopy(DOCUMENT)
    del document["components"]["schemas"]["Book"]["properties"]["state"]
    document["paths"]["/pages"] = {"get": {"responses": {}}}
    document["components"]["responses"]["Book"]["description"] = "another word"
    assert change_lines(drift(OURS, Contract(document))) == [
        "GET /books: answer 200: /state is gone",
        "POST /books: answer 201: /state is gone",
        "GET /pages: added",
    ]
    same = [Change(f"GET /{n}", True, "removed") for n in range(4)]
    assert change_lines(same) == ["GET /0, GET /1 and 2 more: removed"]


def test_only_the_changed_place_of_the_committed_contract_drifts() -> None:
    ours = Contract.load(Path(__file__).parents[2] / "openapi/api-service.json")
    document = deepcopy(ours.document)
    error = document["components"]["schemas"]["ErrorResponse"]
    del error["properties"][next(iter(error["properties"]))]
    found = drift(ours, Contract(document))
    assert {change.operation for change in found if change.breaking} == set(ours.operations)
    assert drift(ours, Contract(deepcopy(ours.document))) == []


@pytest.mark.parametrize("wrong", [{"exclusiveMinimum": "x"}, {"multipleOf": 0}])
def test_wrong_keywords_are_compared_without_an_error(wrong: dict[str, Any]) -> None:
    documents = [answering(True, body={**INT, "multipleOf": 2}), answering(True, body=INT | wrong)]
    assert between(*documents)


def test_scopes_that_are_not_a_list_are_ignored() -> None:
    none: list[Any] = [[], 5]
    documents = [answering(ID) | {"security": [{"key": scopes}]} for scopes in none]
    assert between(*documents) == []
