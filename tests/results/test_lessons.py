"""Lessons of a record: what made operations succeed, and what a refusal asks for."""

import json
from typing import Any

import pytest

from smoke.cli.choosing import with_lessons
from smoke.config.rules import check, parse
from smoke.contract import Contract
from smoke.plan.build.builder import build
from smoke.results.lessons import Lesson, lessons
from tests.planning import SEND, operation

NUMBER, TEXT = {"type": "integer"}, {"type": "string"}
MADE = {"type": "object", "properties": {"id": NUMBER}}
PATHS = {
    "/projects": {"post": operation(MADE), "get": operation({"type": "array", "items": MADE})},
    "/projects/{id}": {"get": operation(MADE)},
    "/views": {"post": operation(MADE, {"type": "object", "properties": {
        "project": NUMBER, "colour": TEXT}})},
    "/seats/{seat}": {"get": operation(MADE)},
}  # fmt: skip
DOCUMENT = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": PATHS}
CONTRACT = Contract(DOCUMENT, "t.json")


def sent(name: str, status: int, answer: Any, check: str = "", **more: Any) -> dict[str, Any]:
    """A line of a record: what an operation answered; to its own request, or to that of a check."""
    return {
        "operation": name, "check": check or name, "status": status, "request_body": "",
        "url": f"http://127.0.0.1:1{name.split()[1]}", "response_body": json.dumps(answer), **more,
    }  # fmt: skip


PROJECT = sent("POST /projects", 200, {"id": 77})


def learned(*lines: dict[str, Any], rules: str = SEND) -> list[Lesson]:
    return lessons(CONTRACT, build(CONTRACT, parse(rules, "r.toml")), lines)


@pytest.mark.parametrize(
    "answer",
    [
        {"validation_errors": {"project": ["This field is required."]}},
        {"detail": [{"loc": ["body", "project"], "msg": "Field required"}]},
        {"errors": [{"pointer": "/project", "detail": "is missing"}]},
        {"invalid-params": [{"name": "project", "reason": "missing"}]},
        {"errors": [{"field": "body.project"}]},
    ],
)
def test_refusal_that_names_a_resource_asks_for_its_id(answer: Any) -> None:
    found = learned(PROJECT, sent("POST /views", 400, answer))
    assert [one.samples for one in found] == [
        {"project": {"from": "POST /projects", "pointer": "/id"}}
    ]


def test_refusal_that_names_another_field_is_left_to_a_person() -> None:
    found = learned(sent("POST /views", 422, {"errors": {"colour": "not known"}}))
    text = with_lessons(SEND, found)
    assert '# body = { colour = "…" }' in text
    check(CONTRACT, parse(text))


@pytest.mark.parametrize(
    "answer", [{"detail": "Bad request for this project."}, {"colour": "an error of this kind"}]
)
def test_refusal_without_a_field_suggests_nothing(answer: Any) -> None:
    assert learned(sent("POST /views", 400, answer)) == []


def test_fields_of_one_refusal_are_one_rule() -> None:
    answer = {"errors": {"colour": ["bad"], "project": ["missing"]}}
    (found,) = learned(PROJECT, sent("POST /views", 400, answer))
    assert (dict(found.rule), set(found.samples)) == ({"body": {"colour": "…"}}, {"project"})


def test_success_with_another_status_is_expected() -> None:
    found = learned(sent("POST /projects", 201, {"id": 1}))
    assert [dict(one.rule) for one in found] == [{"expect": [201]}]


def test_request_of_a_check_that_succeeded_is_taken_over() -> None:
    seen = sent("GET /seats/{seat}", 200, {}, "shop.seat_is_read", url="http://h/api/seats/77?x=1")
    found = learned(PROJECT, seen, rules="")
    text = with_lessons("# mine\n", found)
    assert text.startswith("# mine\n")
    assert "# shop.seat_is_read saw it succeed" in text
    assert 'path = { seat = { from = "POST /projects", pointer = "/id" } }' in text
    assert 'query = { x = "1" }' in text


def test_masked_value_is_left_to_a_person() -> None:
    body = json.dumps({"colour": "$SMOKE_TOKEN_OWNER"})
    seen = sent("POST /views", 200, {}, "shop.view_is_made", request_body=body)
    text = with_lessons("", learned(seen, rules=""))
    assert "SMOKE_TOKEN" not in text
    assert '# body = { colour = "…" }' in text


def test_operation_that_succeeded_needs_nothing() -> None:
    assert learned(PROJECT, sent("POST /projects", 200, {}, "shop.other")) == []


def test_samples_join_the_table_that_is_there() -> None:
    old = '[samples]\nname = "x"\n\n[[rule]]\noperation = "GET /projects"\n'
    lesson = Lesson("POST /views", "e", samples={"project": {"from": "POST /projects"}})
    text = with_lessons(old, [lesson, lesson])
    assert text.startswith('[samples]\nproject = { from = "POST /projects" }  # 2 refused')
    assert text.count("[samples]") == 1
    assert with_lessons(text, [lesson]) == text
