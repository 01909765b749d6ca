"""The rules of every run: each finds its fault, and leaves alone what only looks like it."""

import base64
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.results.exchange import Exchange, Headers
from smoke.results.passive import findings

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ROW = {"type": "object", "properties": {"id": {"type": "string"}}}
LISTED = {"type": "object", "properties": {"items": {"type": "array", "items": ROW}}}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def contract() -> Contract:
    def operation(schema: Any, *query: str) -> dict[str, Any]:
        parameters = [{"in": "query", "name": n, "schema": {"type": "string"}} for n in query]
        content = {"application/json": {"schema": schema}}
        answer = {"description": "", "content": content}
        return {"parameters": parameters, "responses": {"200": answer, "201": answer}}

    open_one = {**operation(LISTED), "security": []}
    paths = {"/things": {"get": operation(LISTED), "post": operation(ROW)},
             "/all-tenants": {"get": operation(LISTED, "tenant_id")},
             "/tasks": {"get": operation(LISTED, "run_status", "kind", "sort")},
             "/plans": {"get": open_one}}  # fmt: skip
    paths["/tasks"]["get"]["parameters"][1]["schema"] = {
        "anyOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "null"}]
    }
    scheme = {"http": {"type": "http", "scheme": "bearer"}}
    return Contract(
        {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths,
         "components": {
             "securitySchemes": scheme, "schemas": {"Kind": {"enum": ["mail", "call"]}}},
         "security": [{"http": []}]}
    )  # fmt: skip


def token(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.x"


def found(operation: str, body: Any = None, status: int = 200, **more: Any) -> list[str]:
    method, _, path = operation.partition(" ")
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    headers = {"content-type": "application/json", "date": format_datetime(NOW, usegmt=True)}
    exchange = Exchange(
        number=1, check="c", actor="owner", operation=operation, method=method,
        url=more.pop("url", f"https://api.example.com{path}"), started_s=0.0,
        request_headers={"authorization": f"Bearer {token(tenant_id='t1')}", "x-smoke-run": "ab12"}
        | more.pop("sent", {}),
        request_body=more.pop("request_body", b""), status=status,
        headers=Headers(headers | more.pop("headers", {})), body=raw,
    )  # fmt: skip
    return [finding.message for finding in findings(exchange, contract())]


GET, POST = "GET /things", "POST /things"


@pytest.mark.parametrize("control", ["public, max-age=60", "s-maxage=60", "max-age=9, Public"])
def test_answer_to_one_caller_is_not_for_shared_caches(control: str) -> None:
    assert found(GET, headers={"cache-control": control})


@pytest.mark.parametrize(
    ("operation", "control"),
    [(GET, "private, max-age=60"), (GET, "no-store"), (GET, "s-maxage=0"),
     ("GET /plans", "public, max-age=60")],
)  # fmt: skip
def test_what_caches_may_keep_is_left_alone(operation: str, control: str) -> None:
    assert found(operation, headers={"cache-control": control}) == []


def test_every_origin_with_credentials_is_found() -> None:
    star = {"access-control-allow-origin": "*"}
    assert found(GET, headers=star) == []
    assert found(GET, headers=star | {"access-control-allow-credentials": "true"})


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last):",
        'File "/srv/app/main.py", line 12, in read',
        "sqlalchemy.exc.IntegrityError: duplicate",
        "postgresql+asyncpg://app:pw@db:5432/app",
        "    at com.example.Things.read(Things.java:42)",
        "panic: nil\n\ngoroutine 7 [running]:",
    ],
)
def test_error_that_shows_inner_workings_is_found(text: str) -> None:
    assert found(GET, {"message": text}, 404)
    assert found(GET, {"message": text}, 200) == []
    body = json.dumps({"name": text}).encode()
    assert found(GET, {"input": text}, 422, request_body=body) == []


@pytest.mark.parametrize(("status", "wrong"), [(401, True), (500, True), (200, False)])
def test_error_that_repeats_the_credential_is_found(status: int, wrong: bool) -> None:
    sent = {"authorization": "Bearer a-token-of-this-run"}
    said = {"message": "No: {'authorization': 'Bearer a-token-of-this-run'}"}
    expected = [f"The body of a {status} shows the caller's credential."] if wrong else []
    assert found(GET, said, status, sent=sent) == expected
    assert found(GET, {"message": "Bearer needed."}, status, sent=sent) == []


def test_short_credential_in_an_error_is_chance() -> None:
    assert found(GET, {"message": "no"}, 401, sent={"authorization": "Bearer no"}) == []


def test_stored_password_is_found_in_any_answer() -> None:
    assert found(GET, {"password": f"$2b$12${'a' * 53}"})
    assert found(GET, {"price": "$2b and more"}) == []


def test_json_in_another_encoding_is_found() -> None:
    assert found(GET, '{"name": "Zoë"}'.encode("latin-1")) == ["The JSON is not UTF-8."]


@pytest.mark.parametrize(
    ("by", "wrong"), [(HOUR, True), (-DAY, False), (timedelta(minutes=2), False)]
)
def test_made_in_the_future_is_found(by: timedelta, wrong: bool) -> None:
    row = {"id": "1", "created_at": (NOW + by).isoformat()}
    assert bool(found(GET, {"items": [row]})) is wrong


@pytest.mark.parametrize(
    ("by", "wrong"), [(-HOUR, True), (timedelta(seconds=-1), False), (HOUR, False)]
)
@pytest.mark.parametrize(
    ("first", "last"), [("started_at", "ended_at"), ("period_start", "period_end")]
)
def test_end_before_its_beginning_is_found(
    by: timedelta, wrong: bool, first: str, last: str
) -> None:
    row = {"id": "1", first: (NOW - DAY).isoformat(), last: (NOW - DAY + by).isoformat()}
    assert bool(found(GET, {"items": [row]})) is wrong


@pytest.mark.parametrize(("status", "wrong"), [(404, True), (200, False)])
def test_error_that_says_success_is_found(status: int, wrong: bool) -> None:
    assert bool(found(GET, {"success": True}, status)) is wrong
    assert found(GET, {"success": False}, 404) == []


@pytest.mark.parametrize(("by", "wrong"), [(-HOUR, True), (timedelta(), False)])
def test_thing_of_this_run_is_not_older_than_its_request(by: timedelta, wrong: bool) -> None:
    row = {"id": "1", "name": "smoke-ab12", "created_at": (NOW + by).isoformat()}
    assert bool(found(POST, row, 201, request_body=b'{"name": "smoke-ab12"}')) is wrong
    assert found(POST, {**row, "name": "of before"}, 201, request_body=b'{"name": "x"}') == []


@pytest.mark.parametrize(
    ("by", "wrong"), [(-HOUR, True), (timedelta(days=9000), True), (7 * DAY, False)]
)
def test_end_lies_ahead_and_not_too_far(by: timedelta, wrong: bool) -> None:
    assert bool(found(POST, {"id": "1", "expires_at": (NOW + by).isoformat()}, 201)) is wrong
    assert found(GET, {"items": [{"expires_at": (NOW - HOUR).isoformat()}]}) == []


@pytest.mark.parametrize(("by", "wrong"), [(HOUR, True), (timedelta(seconds=3), False)])
def test_end_of_a_token_is_what_the_answer_says(by: timedelta, wrong: bool) -> None:
    ends = int((NOW + HOUR).timestamp())
    body = {"access_token": token(exp=ends), "expires_at": (NOW + HOUR + by).isoformat()}
    assert bool(found(POST, body)) is wrong


def test_row_of_another_tenant_is_found() -> None:
    own, other = {"id": "1", "tenant_id": "t1"}, {"id": "2", "tenant_id": "t2"}
    assert found(GET, {"items": [own, {"id": "3"}]}) == []
    assert found(GET, {"items": [own, other]}) == ["1 rows of others."]
    assert found("GET /all-tenants", {"items": [own, other]}) == []


@pytest.mark.parametrize(
    ("query", "row", "wrong"),
    [
        ("run_status=open", {"status": "closed"}, True),
        ("run_status=open", {"status": "OPEN"}, False),
        ("run_status=all", {"status": "closed"}, False),
        ("kind=mail", {"kind": "call"}, True),
        ("kind=mail", {"kind": "visit"}, False),
        ("kind=letter", {"kind": "call"}, False),
        ("kind=mail&kind=call", {"kind": "call"}, False),
        ("sort=id", {"sort": "up"}, False),
    ],
)
def test_row_that_a_filter_excludes_is_found(query: str, row: Any, wrong: bool) -> None:
    url = f"https://api.example.com/tasks?{query}"
    assert bool(found("GET /tasks", {"items": [row]}, url=url)) is wrong


def test_total_below_the_rows_is_found() -> None:
    assert found(GET, {"items": [{"id": "1"}, {"id": "2"}], "total": 1})
    assert found(GET, {"items": [{"id": "1"}], "total": 9}) == []


@pytest.mark.parametrize(
    ("handed_out", "wrong"),
    [
        ("http://minio:9000/b/k", True),
        ("http://10.0.0.7/b", True),
        ("http://api.example.com/b", True),
        ("https://bucket.s3.amazonaws.com/k", False),
        ("https://api.example.com/b", False),
        ("memory://b/k", False),
    ],
)
def test_url_that_cannot_be_used_is_found(handed_out: str, wrong: bool) -> None:
    assert bool(found(POST, {"id": "1", "upload_url": handed_out})) is wrong
    assert found(POST, {"id": "1", "text": handed_out, "webhook_url": handed_out}) == []


@pytest.mark.parametrize(
    ("lasts", "wrong"), [(900, False), (0, True), (10**9, True), (None, False)]
)
def test_url_that_lasts_for_no_time_or_for_ever_is_found(lasts: Any, wrong: bool) -> None:
    url = "https://bucket.s3.amazonaws.com/k"
    assert bool(found(POST, {"upload_url": url, "expires_in_seconds": lasts})) is wrong
    assert found(POST, {"name": url, "expires_in_seconds": lasts}) == []


def test_inner_address_beside_a_loopback_target_is_left_alone() -> None:
    local = "http://127.0.0.1:8000/things"
    assert found(POST, {"download_url": "http://minio:9000/k"}, url=local) == []
    assert found(POST, {"download_url": "http://0.0.0.0:9000/k"}, url=local)
