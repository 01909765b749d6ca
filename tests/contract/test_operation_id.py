"""Operation ids: their parts, filled paths, and the place of the resource in a path."""

import pytest

from smoke.contract.operation_id import OperationId, encoded, id_text, misleads
from smoke.plan.wire import text_of


def test_operation_id_has_method_and_path() -> None:
    operation = OperationId("POST /books/{book_id}/pages/{n}")
    assert (operation.method, operation.path) == ("POST", "/books/{book_id}/pages/{n}")
    assert (operation.parameters, operation.last_parameter) == (("book_id", "n"), "n")
    assert OperationId("GET /books").last_parameter == ""


def test_path_parameters_are_escaped() -> None:
    operation = OperationId("GET /books/{book_id}/x")
    assert operation.fill({"book_id": "a/b c%"}) == "/books/a%2Fb%20c%25/x"


def test_unpaired_surrogate_is_escaped_like_any_value() -> None:
    assert OperationId("GET /books/{book_id}").fill({"book_id": "\ud800"}) == "/books/%ED%A0%80"


@pytest.mark.parametrize(
    ("template", "path", "found"),
    [
        ("/books/{id}", "/books/7", "/books/7"),
        ("/books/{id}/sell", "/books/7/sell", "/books/7"),
        ("/books/{id}/pages/{n}", "/books/7/pages/1", "/books/7/pages/1"),
        ("/books/{id}.json", "/books/7.json", "/books/7.json"),
        ("/books/{id}/sell", "/v2/books/7/sell", "/v2/books/7"),
        ("/users/me", "/users/me", "/users/me of owner"),
    ],
)
def test_place_is_the_path_down_to_the_last_parameter(template: str, path: str, found: str) -> None:
    assert OperationId(f"POST {template}").place(path, "owner") == found


@pytest.mark.parametrize("value", [None, "", ".", "..", "a/../b", "a\\..\\b", "../x"])
def test_value_that_would_change_the_path_is_detected(value: object) -> None:
    assert misleads(value)


@pytest.mark.parametrize("value", [0, False, "a.b", "...", "a/b", "%2e%2e"])
def test_other_values_keep_the_path(value: object) -> None:
    assert not misleads(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (7.0, "7"), (8, "8"), ("9", "9"), (None, "null"), ({"a": 1}, '{"a":1}')],
)
def test_id_is_written_in_one_way_by_the_plan_and_the_cleanup(value: object, text: str) -> None:
    assert id_text(value) == text_of(value) == text
    assert OperationId("DELETE /x/{id}").fill({"id": value}) == f"/x/{encoded(text)}"


def test_list_as_an_id_does_not_name_the_thing_of_its_item() -> None:
    assert id_text(["8"]) == '["8"]'
