"""Views: which answers show which thing."""

from typing import Any

import pytest

from smoke.results.views import may_agree, views_in
from tests.results.shelves import answered, contract


def things(operation: str, body: Any, path: str = "", **more: Any) -> list[str]:
    return [view.thing for view in views_in(answered(operation, body, path, **more), contract())]


@pytest.mark.parametrize(
    ("operation", "path", "body"),
    [
        ("GET /books/{book_id}", "/books/7", {"id": 7}),
        ("GET /books/{book_id}", "/books/7", {"title": "Emma"}),
        ("GET /books/{book_id}", "/books/emma", {"id": 7}),
        ("GET /books/{book_id}", "/books/7", {"data": {"id": 7}}),
        ("PATCH /books/{book_id}", "/books/7", {"id": 7}),
        ("POST /books", "", {"id": 7}),
        ("POST /books", "", {"book_id": 7, "id": 1}),
        ("POST /books/import", "", {"id": 7}),
        ("POST /books/{book_id}/lend", "/books/7/lend", {"id": 7}),
        ("GET /books", "", {"items": [{"id": 7}]}),
        ("GET /books/search", "", {"items": [{"book_id": 7}]}),
    ],
)
def test_answer_shows_the_thing_at_its_path(operation: str, path: str, body: Any) -> None:
    assert things(operation, body, path) == ["/books/7"]


@pytest.mark.parametrize(
    ("operation", "path", "body"),
    [
        ("POST /books/{book_id}/owner", "/books/7/owner", {"id": 3}),
        ("GET /books", "", {"items": [{"title": "Emma"}, "Ulysses"]}),
        ("GET /books", "", None),
    ],
    ids=["another kind of thing", "no id", "no answer"],
)
def test_answer_about_something_else_shows_no_thing(operation: str, path: str, body: Any) -> None:
    assert things(operation, body, path) == []


def test_list_of_other_things_is_not_taken_for_a_search() -> None:
    assert things("GET /books/authors", {"items": [{"id": 7}]}) != ["/books/7"]


def test_refusal_shows_nothing() -> None:
    assert things("GET /books/{book_id}", {"id": 7}, "/books/7", status=404) == []


def test_row_is_known_by_the_only_longer_name_of_the_parameter() -> None:
    row = {"parent_id": 3, "batch_run_id": 9}
    assert things("GET /runs", {"items": [row]}) == ["/runs/9"]
    assert things("GET /runs", {"items": [{**row, "next_run_id": 10}]}) == []


def test_thing_without_an_id_is_of_its_actor() -> None:
    assert things("GET /me", {"name": "a"}, actor="viewer") == ["/me of viewer"]


def test_contract_without_two_views_of_a_thing_is_known() -> None:
    assert may_agree(contract())
