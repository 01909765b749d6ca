"""Expectations: the status, the shape, the content, and one text with all of it."""

import json
import shlex
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.errors import Cause
from smoke.results.exchange import Exchange
from smoke.results.expectations import Answer, Expect, Mismatch
from smoke.results.failure import curl
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from tests.contracts import shelf

ONE = "GET /books/{book_id}"


def run() -> Run:
    made = Run("t", Secrets())
    made.current = "books.book_is_read"
    made.secrets.register("token-of-the-owner", "SMOKE_TOKEN_OWNER")
    return made


def expect_of(of: Run, **more: Any) -> Expect:
    return Expect(shelf(), of, lambda _operation: (200,), **more)


def exchange(status: int | None = 200, body: Any = None, **more: Any) -> Exchange:
    content = {"id": "7", "title": "Solaris"} if body is None else body
    return Exchange(
        number=1,
        check="",
        actor="owner",
        operation=ONE,
        method="GET",
        url="http://127.0.0.1/books/7",
        started_s=0.0,
        request_headers={"authorization": "Bearer token-of-the-owner", "traceparent": "00-a-b-01"},
        status=status,
        headers={"content-type": "application/json", "x-correlation-id": "c-1"},
        body=json.dumps(content).encode(),
        **more,
    )


def mismatch(of: Run, got: Exchange, *statuses: int, **more: Any) -> Mismatch:
    with pytest.raises(Mismatch) as caught:
        expect_of(of, **more)(got, *statuses)
    return caught.value


def test_documented_success_counts_for_the_check_that_runs() -> None:
    seen = run()
    expect_of(seen)(exchange())
    assert seen.succeeded == {ONE: ["books.book_is_read"]}


def test_page_where_no_body_is_documented_is_no_success_of_the_api() -> None:
    page = exchange()
    page.operation, page.body = "GET /ready", b"<!doctype html><div id=root></div>"
    page.headers = {"content-type": "text/html"}
    found = mismatch(run(), page)
    assert found.cause is Cause.ENVIRONMENT
    assert found.got == "200: an HTML page (200) where the API documents no page"


def test_range_of_statuses_is_said_as_the_contract_says_it() -> None:
    found = mismatch(run(), exchange(404), *range(200, 209), 226, 302)
    assert found.expected == "2XX or 302"


def test_expected_refusal_counts_for_nothing() -> None:
    seen = run()
    expect_of(seen)(exchange(404), 404, unknown=True)
    assert seen.succeeded == {}


def test_wrong_status_says_what_was_asked_expected_and_got() -> None:
    found = mismatch(run(), exchange(500, {"error": "Bearer token-of-the-owner leaked"}))
    assert str(found).splitlines() == [
        f"{ONE} as owner",
        "  expected  200",
        "  got       500  (0 ms)",
        '  body      {"error": "Bearer $SMOKE_TOKEN_OWNER leaked"}',
        "  request   c-1",
        "  trace     00-a-b-01",
        "  again     curl -sS -i -m 10 http://127.0.0.1/books/7 "
        '-H "authorization: Bearer $SMOKE_TOKEN_OWNER"',
    ]
    assert found.cause is Cause.SERVICE


def test_no_answer_is_the_environment_s_fault() -> None:
    found = mismatch(run(), exchange(None, error="ConnectError: refused", environment=True), 200)
    assert "got       no answer: ConnectError: refused" in str(found)
    assert found.cause is Cause.ENVIRONMENT


def test_wrong_shape_names_the_place() -> None:
    found = mismatch(run(), exchange(body={"id": 7}))
    assert found.cause is Cause.CONTRACT
    assert "expected  the documented shape" in str(found)
    assert "/id: " in str(found)
    assert "title" in str(found)


def test_wrong_format_is_counted_and_red_only_where_asked() -> None:
    body = {"id": "7", "title": "x", "bought": "2026-01-01T00:00:00"}
    seen = run()
    expect_of(seen)(exchange(body=body))
    assert seen.format_findings == {(ONE, "/bought"): 1}
    assert mismatch(run(), exchange(body=body), format_is_red=True).cause is Cause.CONTRACT


CLOSED = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {ONE.split()[1]: {"get": {"responses": {"200": {"description": "", "content": {
        "application/json": {"schema": {"properties": {"id": {}}, "additionalProperties": False}}
    }}}}}},
}  # fmt: skip


def test_field_more_is_counted_and_red_only_where_the_target_is_strict() -> None:
    seen, more = run(), exchange(body={"id": "7", "colour": "red", "size": 1})
    Expect(Contract(CLOSED), seen, lambda _: (200,))(more)
    assert seen.extra_fields == {(ONE, "/colour"): 1, (ONE, "/size"): 1}
    assert seen.format_findings == {}
    seen.note_sums()
    assert seen.notes == [
        f"drift: 2 fields that the contract excludes, in 2 places: {ONE} /colour, {ONE} /size"
    ]
    with pytest.raises(Mismatch, match="no field 'colour' here, and excludes others") as caught:
        Expect(Contract(CLOSED), run(), lambda _: (200,), extra_is_red=True)(more)
    assert caught.value.cause is Cause.CONTRACT


def test_wrong_shape_is_counted_where_a_rule_says_so() -> None:
    seen = run()
    body = {"id": "1"}
    expect_of(seen, counts=lambda operation: operation == exchange().operation)(exchange(body=body))
    assert {operation for operation, _ in seen.format_findings} == {exchange().operation}
    with pytest.raises(Mismatch):
        expect_of(run(), counts=lambda _: False)(exchange(body=body))


def answered(body: Any) -> Answer:
    return Answer(exchange(body=body), run())


LIST = {"items": [{"id": "a", "tags": ["x"]}, {"id": "b", "tags": ["y", "z"]}, {"tags": None}]}


def test_values_of_a_list() -> None:
    answer = answered(LIST)
    assert answer.values("/items/*/id") == ["a", "b"]
    assert answer.values("/items/*/tags/*") == ["x", "y", "z"]
    assert answer.values("/none/*/id") == []
    assert answer.value("/items/1/id") == "b"


def test_what_is_expected_of_the_content_holds() -> None:
    answer = answered(LIST)
    answer.holds("/items/0/id", "a").lists("/items/*/id", "b")
    answer.that("three items", len(answer.values("/items/*")) == 3)


@pytest.mark.parametrize(
    ("method", "arguments", "expected"),
    [
        ("value", ("/items/9",), "a value at /items/9"),
        ("holds", ("/items/0/id", "z"), "/items/0/id is 'z'"),
        ("lists", ("/items/*/id", "z"), "'z' among /items/*/id"),
        ("lacks", ("/items/*/id", "a"), "no 'a' among /items/*/id"),
        ("that", ("four items", False, 3), "four items"),
    ],
)
def test_what_does_not_hold_is_told(method: str, arguments: tuple[Any, ...], expected: str) -> None:
    with pytest.raises(Mismatch) as caught:
        getattr(answered(LIST), method)(*arguments)
    assert f"  expected  {expected}\n" in str(caught.value)
    assert caught.value.cause is Cause.SERVICE


def test_curl_line_can_be_pasted() -> None:
    sent = exchange()
    sent.method, sent.url = "POST", "http://127.0.0.1/books?q=a b&c=$HOME"
    sent.request_headers = {"content-type": "application/json", "user-agent": "smoke"}
    sent.request_body = b'{"title": "it\'s \\"new\\" `x` $1", "token": "token-of-the-owner"}'
    line = curl(run(), sent)
    words = shlex.split(line)
    words = [word for word in words if word not in ("-i", "-m", "10")]
    assert words[:4] == ["curl", "-sS", "-X", "POST"]
    assert words[4] == "http://127.0.0.1/books?q=a b&c=$HOME"
    assert words[5:7] == ["-H", "content-type: application/json"]
    assert "$SMOKE_TOKEN_OWNER" in words[8]
    assert "token-of-the-owner" not in line
    assert "`x` $1" in words[8]


def test_check_that_only_looks_at_an_answer_of_another_names_it() -> None:
    seen = run()
    expect = expect_of(seen)
    got = exchange()
    expect(got)
    with pytest.raises(Mismatch) as caught:
        expect.that("another title", holds=False)
    assert caught.value.exchange is got
