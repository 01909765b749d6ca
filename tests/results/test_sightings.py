"""Sightings: that a thing is not there counts only where the same view had shown it."""

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.errors import Cause
from smoke.results.expectations import Answer, Expect
from smoke.results.run import Run
from smoke.results.sightings import BlindError, earlier_answers, seen_refused
from tests.contracts import shelf
from tests.results.records import READ, begun, sent
from tests.smoking import smoke_run
from tests.unlike import lockers
from tests.unlike.projects import KEYS, ended, project_of
from tests.unlike.serve import serving

ALL = "GET /books"


def listed(run: Run, *ids: str, operation: str = ALL) -> Answer:
    body = json.dumps({"items": [{"id": one} for one in ids]}).encode()
    return Answer(sent(run, operation, body=body), run)


def expect_of(run: Run) -> Expect:
    return Expect(shelf(), run, lambda _operation: (200,))


def test_value_that_was_listed_may_be_lacking() -> None:
    run = begun(None)
    listed(run, "7", "8")
    left = listed(run, "8")
    assert left.lacks("/items/*/id", "7") is left
    assert left.lacks_row("/items", {"id": "7"}) is left


def test_value_in_a_form_that_was_never_listed_proves_nothing() -> None:
    run = begun(None)
    listed(run, "key-of-seven")
    with pytest.raises(
        BlindError, match=r"GET /books has never shown '7' at /items/\*/id"
    ) as caught:
        listed(run).lacks("/items/*/id", "7")
    assert caught.value.cause is Cause.HARNESS
    with pytest.raises(BlindError, match=r"never shown a row with {'id': '7'}"):
        listed(run).lacks_row("/items", {"id": "7"})


def test_other_view_is_not_the_same_view() -> None:
    run = begun(None)
    listed(run, "7", operation="GET /search")
    with pytest.raises(BlindError):
        listed(run).lacks("/items/*/id", "7")


def test_thing_that_is_still_listed_is_the_services_fault() -> None:
    run = begun(None)
    with pytest.raises(AssertionError, match="it is there"):
        listed(run, "7").lacks("/items/*/id", "7")
    with pytest.raises(AssertionError, match="one is there"):
        listed(run, "7").lacks_row("/items", {"id": "7"})


def test_long_body_that_the_run_let_go_may_have_shown_anything() -> None:
    run = begun(None)
    listed(run, "8").exchange.forgotten = True
    listed(run).lacks("/items/*/id", "7")


def test_earlier_answers_end_at_a_write_to_their_path_or_to_a_row() -> None:
    run = begun(None)
    old, new = listed(run, "7").exchange, listed(run, "8").exchange
    sent(run, "POST /books", 409)
    found = list(earlier_answers(reversed(run.exchanges), ALL, unchanged="/books"))
    assert found == [new, old]
    assert list(earlier_answers(reversed(run.exchanges), ALL, "nobody")) == []
    sent(run, "DELETE /books/{book_id}", 204)
    assert list(earlier_answers(reversed(run.exchanges), ALL, unchanged="/books")) == []
    assert list(earlier_answers(reversed(run.exchanges), ALL)) == [new, old]


def test_thing_is_gone_where_it_was_read() -> None:
    run = begun(None)
    sent(run, READ)
    expect_of(run)(sent(run, READ, 404), 404, shape=False)


@pytest.mark.parametrize("statuses", [(404,), (404, 410), (403, 404)])
def test_path_that_was_never_read_proves_nothing(statuses: tuple[int, ...]) -> None:
    run = begun(None)
    sent(run, READ, url="http://127.0.0.1:8000/books/8")
    with pytest.raises(BlindError, match="answered 404 at /books/7, where nothing was read"):
        expect_of(run)(sent(run, READ, 404), *statuses, shape=False)


@pytest.mark.parametrize(
    ("operation", "status", "statuses", "more"),
    [
        (READ, 403, (403, 404), {}),
        (READ, 404, (200, 404), {}),
        (READ, 404, (404,), {"unknown": True}),
        ("DELETE /books/{book_id}", 404, (404,), {}),
        ("GET /books", 404, (404,), {}),
    ],
    ids=["refused", "either way", "made up", "not a read", "not a thing"],
)
def test_what_is_no_proof_of_absence_needs_no_sighting(
    operation: str, status: int, statuses: tuple[int, ...], more: dict[str, Any]
) -> None:
    run = begun(None)
    expect_of(run)(sent(run, operation, status), *statuses, shape=False, **more)


BLIND_CHECK = '''\
"""A blind check: it looks for a locker under an id that no list ever showed."""

from smoke import Actor, Cleanup, Expect, Lists, Run

CREATE, READ, REMOVE = "POST /lockers", "GET /lockers/{locker_id}", "DELETE /lockers/{locker_id}"


async def test_removed_locker_is_gone(
    owner: Actor, expect: Expect, run: Run, cleanup: Cleanup
) -> None:
    """A removed locker is not found."""
    made = expect(await owner.call(CREATE, json={"label": f"smoke-{run.id}"}))
    cleanup(owner, REMOVE, locker_id=made.value("/id"))
    expect(await owner.call(REMOVE, locker_id=made.value("/id")))
    expect(await owner.call(READ, locker_id=f"00{made.value('/id')}"), 404)
'''


def test_blind_check_is_a_harness_error_of_the_run(tmp_path: Path) -> None:
    with serving(lockers.make("")) as url:
        more = 'checks = "their_checks"'
        root = project_of("lockers", tmp_path / "project", f'base_url = "{url}"', more)
        package = root / "their_checks"
        package.mkdir()
        (package / "__init__.py").write_text("", encoding="utf-8")
        (package / "test_blind.py").write_text(BLIND_CHECK, encoding="utf-8")
        run = smoke_run(tmp_path, "--maxfail=0", root=root, PYTHONPATH=str(root), **KEYS)
    assert ended(run)["blind.removed_locker_is_gone"] == "failed"
    assert run.code == 3, run.out
    assert "where nothing was read before, so it proves nothing" in " ".join(run.out.split())


BARE = {"accept": "*/*", "traceparent": "00-1", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"status": 403, "actor": "owner"}, True),
        ({"status": 200, "actor": "owner"}, False),
        ({"status": 403, "actor": "viewer"}, False),
        ({"status": 403, "actor": "owner", "check": "another"}, True),
        ({"status": 403, "actor": "owner", "request_headers": {"X-Role": "viewer"}}, False),
    ],
    ids=["refused", "answered", "another actor", "another check", "lowered"],
)
def test_refusal_is_one_of_the_same_actor_and_operation(more: dict[str, Any], counts: bool) -> None:
    run = begun(None)
    exchange = sent(run, READ, **more)
    assert seen_refused(run, READ, "owner", (401, 403)) is (exchange if counts else None)


@pytest.mark.parametrize(("path", "counts"), [("/books/7", True), ("/books/8", False)])
def test_refusal_at_a_path_is_one_at_that_path(path: str, counts: bool) -> None:
    run = begun(None)
    exchange = sent(run, READ, 404)
    assert seen_refused(run, READ, "owner", (404,), path) is (exchange if counts else None)


@pytest.mark.parametrize("header", ["Authorization", "X-Key", "Cookie"])
def test_refused_call_with_a_credential_is_not_a_call_without_one(header: str) -> None:
    run = begun(None)
    sent(run, READ, 401, actor="anonymous", request_headers={**BARE, header: "forged"})
    assert seen_refused(run, READ, "anonymous", (401, 403)) is None
    bare = sent(run, READ, 401, actor="anonymous", request_headers=BARE)
    assert seen_refused(run, READ, "anonymous", (401, 403)) is bare
