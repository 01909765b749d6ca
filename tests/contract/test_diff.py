"""Drift of operations: statuses, headers, security, paths; and what a whole contract reports."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.contract.diff import Change, change_lines, drift
from tests.contract.differing import (
    DELETE,
    DOCUMENT,
    ID,
    INT,
    OURS,
    READ,
    TEXT,
    WRITE,
    Z,
    answering,
    between,
    changed,
    rows,
)

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


def test_names_of_path_variables_do_not_count() -> None:
    document = deepcopy(DOCUMENT)
    item = document["paths"].pop("/books/{book_id}")
    item["delete"]["parameters"][0]["name"] = "id"
    document["paths"]["/books/{id}"] = item
    assert drift(OURS, Contract(document)) == []


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


def test_scopes_that_are_not_a_list_are_ignored() -> None:
    none: list[Any] = [[], 5]
    documents = [answering(ID) | {"security": [{"key": scopes}]} for scopes in none]
    assert between(*documents) == []
