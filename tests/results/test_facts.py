"""What a run knows of a failure from its other requests."""

from typing import Any

import pytest

from smoke.results.exchange import Exchange
from smoke.results.expectations import Expect, Mismatch
from smoke.results.failure import facts_of
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from tests.contracts import shelf

ONE = "GET /books/{book_id}"


@pytest.fixture
def run() -> Run:
    return Run("t", Secrets())


def sent(run: Run, status: int | None, **more: Any) -> Exchange:
    token = {"authorization": "Bearer a-token-0123"}
    values: dict[str, Any] = {
        "actor": "owner", "operation": ONE, "started_s": 0.0, "request_headers": token,
    }  # fmt: skip
    exchange = Exchange(
        number=len(run.exchanges) + 1,
        check="",
        method="GET",
        url="http://127.0.0.1/books/7",
        status=status,
        **values | more,
    )
    run.saw(exchange)
    return exchange


@pytest.mark.parametrize(
    ("before", "now", "fact"),
    [
        ([200, 200, 200], 500, "answered 200 3 times before, now 500: intermittent"),
        ([500, 204, 500], 503, "answered 204 once before, now 503: intermittent"),
        ([200, 200], None, "answered 200 twice before, now no answer: intermittent"),
    ],
)
def test_operation_that_worked_before_is_intermittent(
    before: list[int], now: int | None, fact: str, run: Run
) -> None:
    for status in before:
        sent(run, status)
    assert facts_of(run, sent(run, now)) == (fact,)


def test_replica_that_fails_is_named_beside_those_that_do_not(run: Run) -> None:
    for replica in ("a", "c", "a"):
        sent(run, 200, headers={"x-served-by": replica})
    failed = sent(run, 500, headers={"x-served-by": "b"})
    assert facts_of(run, failed) == (
        "answered 200 3 times before, now 500: intermittent",
        "this answer came from x-served-by b, those that succeeded (3) from a, c",
    )
    assert len(facts_of(run, sent(run, 500, headers={"x-served-by": "a"}))) == 1


@pytest.mark.parametrize(("before", "now"), [([], 500), ([500], 500), ([200], 404)])
def test_operation_that_never_worked_or_is_refused_is_not(
    before: list[int], now: int, run: Run
) -> None:
    for status in before:
        sent(run, status)
    sent(run, 200, actor="viewer")
    sent(run, 200, operation="GET /other")
    assert facts_of(run, sent(run, now)) == ()


def test_token_that_worked_a_moment_ago_is_said_to(run: Run) -> None:
    sent(run, 200, operation="GET /me", started_s=1.0)
    sent(run, 200, request_headers={"authorization": "Bearer another-0123"}, started_s=2.0)
    assert facts_of(run, sent(run, 401, started_s=3.1)) == (
        "this token worked 2.1 s before: GET /me answered 200",
    )


def test_answer_says_when_to_come_again_and_how_late_it_began(run: Run) -> None:
    exchange = sent(run, 429, headers={"retry-after": "60"}, first_byte_ms=9800.0)
    assert facts_of(run, exchange) == (
        "the service asks to come again after 60 s (Retry-After)",
        "the first byte came after 9.8 s",
    )


def test_mismatch_brings_its_facts_without_secrets(run: Run) -> None:
    run.secrets.register("Wed-9f8e7d6c", "SMOKE_A")
    expect = Expect(shelf(), run, lambda _operation: (200,))
    with pytest.raises(Mismatch) as caught:
        expect(sent(run, 503, headers={"retry-after": "Wed-9f8e7d6c"}))
    assert caught.value.facts == ("the service asks to come again after $SMOKE_A (Retry-After)",)
