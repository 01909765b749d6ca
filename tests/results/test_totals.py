"""A list that is shown whole counts its rows right."""

from typing import Any

import pytest

from smoke.contract import Contract
from smoke.session.agreement import further_page, miscount, miscounted, rows_in
from tests.results.shelves import answered

LIST = "GET /rows"


def contract() -> Contract:
    numbers = {"limit": 1, "offset": 0}
    parameters: list[Any] = [
        {"in": "query", "name": name, "schema": {"type": "integer", "minimum": least}}
        for name, least in numbers.items()
    ]
    members = {"items": {"type": "array"}, "total": {"type": "integer"}}
    content = {"application/json": {"schema": {"type": "object", "properties": members}}}
    read = {"parameters": parameters, "responses": {"200": {"description": "", "content": content}}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}}
    return Contract({**document, "paths": {"/rows": {"get": read}}})


def body(rows: int, total: Any) -> dict[str, Any]:
    return {"items": [{"id": number} for number in range(rows)], "total": total}


@pytest.mark.parametrize("total", [0, 2, 4])
def test_total_of_a_whole_list_is_the_number_of_its_rows(total: int) -> None:
    found = miscount(answered(LIST, body(3, total), "/rows?limit=50"), contract())
    assert found == f"{total}, and 3 rows are there"


@pytest.mark.parametrize(
    ("path", "rows", "total"),
    [
        ("/rows?limit=50", 3, 3),
        ("/rows?limit=3", 3, 9),
        ("/rows?limit=50&offset=6", 3, 9),
        ("/rows?limit=50&q=a", 3, 9),
        ("/rows", 3, 9),
        ("/rows?limit=50", 3, None),
    ],
    ids=["right", "a full page", "a later page", "filtered", "no size", "no total"],
)
def test_total_of_a_part_may_be_another(path: str, rows: int, total: Any) -> None:
    assert miscount(answered(LIST, body(rows, total), path), contract()) == ""


def test_next_page_of_short_pages_is_known() -> None:
    exchange = answered(LIST, body(3, 9), "/rows?limit=50")
    assert further_page(exchange, contract()) == {"offset": 3}
    assert rows_in(exchange, contract()) == [{"id": 0}, {"id": 1}, {"id": 2}]
    assert further_page(answered(LIST, body(9, 9), "/rows?limit=50"), contract()) is None


def test_newest_answer_of_each_list_is_looked_at() -> None:
    exchanges = [answered(LIST, body(3, total), "/rows?limit=50", at=total) for total in (4, 5, 3)]
    assert [one.started_s for one in miscounted(exchanges, contract())] == [5]
