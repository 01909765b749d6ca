"""Disagreements: what is worth a second look, and what only looks like it."""

from typing import Any

import pytest

from smoke.results.disagreements import changed_since, disagreements
from smoke.results.exchange import Exchange
from smoke.results.views import views_in
from tests.results.shelves import answered, contract

LIST, DETAIL, MADE = "GET /books", "GET /books/{book_id}", "POST /books"
CHANGE, LEND, SEARCH = "PATCH /books/{book_id}", "POST /books/{book_id}/lend", "GET /books/search"
SEVEN = "/books/7"
EMMA = {"id": 7, "title": "Emma", "pages": 300, "created_at": "2026-05-01T12:00:00.123456Z"}


def fields(*exchanges: Exchange) -> list[str]:
    for number, one in enumerate(exchanges):
        one.started_s = float(number)
    return [found.field for found in disagreements(exchanges, contract())]


def listed(operation: str = LIST, **row: Any) -> Exchange:
    return answered(operation, {"items": [{**EMMA, **row}]})


def detail(**body: Any) -> Exchange:
    return answered(DETAIL, {**EMMA, **body}, SEVEN)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "Emm"), ("title", "Ulysses"), ("title", None), ("pages", 301), ("pages", 0),
        ("pages", True), ("created_at", "2026-05-01T15:00:00.123456Z"),
    ],
)  # fmt: skip
def test_row_and_detail_with_another_value_disagree(name: str, value: Any) -> None:
    assert fields(listed(**{name: value}), detail()) == [name]
    assert fields(detail(**{name: value}), listed()) == [name]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"title": "EMMA "}, {}),
        ({"created_at": "2026-05-01T12:00:00"}, {}),
        ({"cover": "https://a.example/1?s=1"}, {"cover": "https://a.example/1?s=2"}),
        ({"api_key": "****"}, {"api_key": "k-1234567890"}),
        ({"text": None}, {"text": "x" * 100}),
        ({"tags": []}, {"tags": ["a"]}),
        ({}, {"isbn": "1"}),
    ],
    ids=["case", "rounded", "signed", "masked", "left out", "inner", "a field less"],
)
def test_other_spelling_is_no_disagreement(row: dict[str, Any], shown: dict[str, Any]) -> None:
    assert fields(listed(**row), detail(**shown)) == []


def test_url_without_a_signature_is_compared() -> None:
    assert fields(listed(cover="https://a.example/1"), detail(cover="https://a.example/2"))


def test_row_of_another_schema_may_have_the_beginning_only() -> None:
    long = detail(title="Emma and others")
    assert fields(listed(SEARCH, title="Emma …"), long) == []
    assert fields(listed(SEARCH, title=None), long) == []
    assert fields(listed(SEARCH, title="Ulysses"), long) == ["title"]


def test_write_in_between_explains_it() -> None:
    change = answered(CHANGE, {"ok": True}, SEVEN, sent={"pages": 4})
    assert fields(listed(), change, detail(pages=4)) == []
    elsewhere = answered("PUT /me", {}, sent={"pages": 4})
    assert fields(listed(), elsewhere, detail(pages=4)) == ["pages"]


def test_answer_to_a_write_and_the_read_after_it_disagree() -> None:
    lent = answered(LEND, {**EMMA, "title": "Em"}, "/books/7/lend")
    assert fields(lent, detail()) == ["title"]
    changed = answered(CHANGE, EMMA, SEVEN)
    assert fields(lent, detail(), changed, detail(pages=4)) == ["title", "pages"]


def test_birthday_is_the_same_in_every_schema() -> None:
    made = answered(MADE, {**EMMA, "created_at": "2026-05-02T12:00:00Z"})
    assert fields(made, listed(SEARCH)) == ["created_at"]


def test_answer_in_another_currency_is_not_compared() -> None:
    priced = answered(LIST, {"items": [{**EMMA, "pages": 301}]}, "/books?currency=EUR")
    assert fields(priced, detail()) == []
    assert fields(answered(LIST, {"items": [{**EMMA, "pages": 301}]}, "/books?q=a"), detail())


def test_later_write_changes_what_an_earlier_one_answered() -> None:
    (view,) = views_in(answered(CHANGE, EMMA, SEVEN), contract())
    later = answered(CHANGE, EMMA, SEVEN, at=3.0)
    elsewhere = answered(CHANGE, {"id": 8}, "/books/8", at=3.0)
    assert changed_since(view, [view.exchange, later])
    assert not changed_since(view, [view.exchange, elsewhere, detail()])


def test_what_a_write_leaves_to_be_done_is_no_disagreement() -> None:
    made = answered(MADE, {**EMMA, "status": "new", "review": None, "size": 0})
    assert fields(made, detail(status="ready", review="good", size=12)) == []


@pytest.mark.parametrize(
    ("sent", "shown", "differs"),
    [
        ({"lent": True}, {"lent": False}, True),
        ({"lent": True}, {"lent": True}, False),
        ({"title": "Smoke ab12 of tea"}, {"title": "Smoke ab12"}, True),
        ({"title": "Smoke ab12 of tea"}, {"title": "smoke-ab12-of-tea"}, False),
        ({"title": "Smoke ab12"}, {"title": "Emma"}, True),
        ({"title": "Smoke"}, {"title": "Emma"}, False),
        ({"email": "smoke-ab12@example.com"}, {"email": "s***@example.com"}, False),
        ({"pages": 1000}, {"pages": 300}, False),
    ],
)
def test_what_was_sent_is_read(sent: Any, shown: Any, differs: bool) -> None:
    taken = answered(CHANGE, {"id": 7}, SEVEN, sent=sent)
    assert fields(taken, detail(**shown)) == list(sent) * differs


def test_number_that_a_read_shows_as_sent_makes_the_answer_wrong() -> None:
    taken = answered(CHANGE, {**EMMA, "seat_count": 0}, SEVEN, sent={"seat_count": 2})
    assert fields(taken, detail(seat_count=2)) == ["seat_count"]
    assert fields(taken, detail(seat_count=0)) == []
