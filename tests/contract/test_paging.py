"""Paging: reading a list page by page, as the contract documents it."""

from typing import Any

import pytest

from smoke.contract import Contract
from smoke.contract.paging import Dialect, Paging, paging_of, rows_of

ROW = {"type": "object", "properties": {"id": {"type": "string"}}}
LIST = {"type": "array", "items": ROW}


def contract(query: dict[str, Any], answer: dict[str, Any]) -> Contract:
    parameters = [{"in": "query", "name": name, "schema": schema} for name, schema in query.items()]
    content = {"application/json": {"schema": answer}}
    get = {"parameters": parameters, "responses": {"200": {"description": "", "content": content}}}
    info = {"title": "t", "version": "1"}
    return Contract({"openapi": "3.1.0", "info": info, "paths": {"/rows": {"get": get}}})


def of(query: dict[str, Any], **members: Any) -> Paging | None:
    found = contract(query, {"type": "object", "properties": members})
    return paging_of(found.operations["GET /rows"], found)


NUMBER = {"type": "integer", "minimum": 2, "maximum": 50}
TEXT = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_cursor_is_taken_from_the_page_before() -> None:
    found = of({"limit": NUMBER, "cursor": TEXT}, items=LIST, next_cursor=TEXT)
    assert found == Paging(Dialect.CURSOR, "limit", 2, 50, "cursor", 1, "/items", "/next_cursor")
    assert found.next_query({"items": [1], "next_cursor": "b"}, 1, 1) == {"cursor": "b"}
    assert found.next_query({"items": [1], "next_cursor": None}, 1, 1) is None
    assert found.next_query({"items": [1]}, 1, 1) is None


def test_offset_counts_rows_up_to_the_total() -> None:
    found = of({"limit": NUMBER, "offset": NUMBER}, members=LIST, total={"type": "integer"})
    assert found is not None
    assert (found.dialect, found.rows, found.total) == (Dialect.OFFSET, "/members", "/total")
    assert found.next_query({"members": [1, 2], "total": 3}, 2, 1) == {"offset": 2}
    assert found.next_query({"members": [3], "total": 3}, 3, 2) is None


def test_offset_without_a_total_ends_with_an_empty_page() -> None:
    found = of({"limit": NUMBER, "skip": NUMBER}, rows=LIST)
    assert found is not None
    assert found.next_query({"rows": [1]}, 1, 1) == {"skip": 1}
    assert found.next_query({"rows": []}, 1, 2) is None


@pytest.mark.parametrize(("default", "second"), [(0, 1), (1, 2)])
def test_pages_are_numbered_from_their_default(default: int, second: int) -> None:
    page = {"type": "integer", "default": default}
    found = of({"page": page, "pageSize": NUMBER}, data=LIST, total_count={"type": "integer"})
    assert found is not None
    assert found.next_query({"data": [1, 2], "total_count": 9}, 2, 1) == {"page": second}


@pytest.mark.parametrize("word", ["after", "page_token", "startingAfter"])
def test_position_is_found_in_an_inner_object(word: str) -> None:
    meta = {"type": "object", "properties": {"next_cursor": TEXT, "has_more": {"type": "boolean"}}}
    found = of({"limit": NUMBER, word: TEXT}, data=LIST, meta=meta)
    assert found is not None
    assert found.following == "/meta/next_cursor"
    more = {"data": [1], "meta": {"next_cursor": "b", "has_more": True}}
    assert found.next_query(more, 1, 1) == {word: "b"}
    more["meta"] = {"next_cursor": "b", "has_more": False}
    assert found.next_query(more, 1, 1) is None


def test_url_of_the_next_page_is_read() -> None:
    found = of({"limit": NUMBER, "offset": NUMBER}, results=LIST, next=TEXT)
    assert found is not None
    page = {"results": [1], "next": "https://api.example.com/rows?limit=1&offset=4"}
    assert found.next_query(page, 1, 1) == {"offset": "4"}


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ({"cursor": TEXT}, {"items": LIST}),
        ({"limit": NUMBER}, {"items": LIST}),
        ({"limit": NUMBER, "cursor": TEXT}, {"names": LIST, "categories": LIST}),
        ({"limit": NUMBER, "cursor": TEXT}, {"count": NUMBER}),
    ],
    ids=["no size", "no position", "two arrays", "no array"],
)
def test_other_operations_are_not_paged_lists(
    query: dict[str, Any], members: dict[str, Any]
) -> None:
    assert of(query, **members) is None


def test_bare_list_has_its_rows_at_the_top() -> None:
    found = contract({}, LIST)
    assert rows_of(found.operations["GET /rows"], found) == ""


def test_nullable_array_is_an_array() -> None:
    nullable = {"anyOf": [LIST, {"type": "null"}]}
    found = contract({}, {"type": "object", "properties": {"sessions": nullable}})
    assert rows_of(found.operations["GET /rows"], found) == "/sessions"
