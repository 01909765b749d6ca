"""How rules that look at every exchange are applied, whatever they look for."""

from collections.abc import Iterator
from typing import Any

import pytest

from smoke.contract import Contract
from smoke.errors import Cause
from smoke.results import passive
from smoke.results.exchange import Exchange
from smoke.results.expectations import Expect, Mismatch
from smoke.results.passive import Finding
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from tests.contracts import shelf

ONE = "GET /books/{book_id}"
CAUGHT = {"behaviour": Cause.SERVICE, "shape": Cause.CONTRACT}


@pytest.fixture
def run() -> Run:
    made = Run("t", Secrets())
    made.current = "books.read"
    return made


def says_boom(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
    """A rule that finds one thing of the kind that the body names."""
    kind: Any = exchange.text
    if kind in ("behaviour", "shape", "format"):
        yield Finding(kind, "header x-boom", f"The answer says {len(contract.operations)}.", "boom")


@pytest.fixture
def expect(run: Run, monkeypatch: pytest.MonkeyPatch) -> Expect:
    monkeypatch.setattr(passive.findings, "__defaults__", ((says_boom,),))
    return Expect(shelf(), run, lambda _operation: (200,))


def seen(run: Run, body: str, status: int | None = 200) -> Exchange:
    exchange = Exchange(
        number=len(run.exchanges) + 1,
        check=run.current,
        actor="owner",
        operation=ONE,
        method="GET",
        url="http://127.0.0.1/books/7",
        started_s=0.0,
        request_headers={},
        status=status,
        body=body.encode(),
    )
    run.saw(exchange)
    return exchange


@pytest.mark.parametrize("kind", CAUGHT)
def test_red_finding_fails_the_check_that_expects(kind: str, run: Run, expect: Expect) -> None:
    with pytest.raises(Mismatch) as caught:
        expect(seen(run, kind), shape=False)
    assert caught.value.cause is CAUGHT[kind]
    assert caught.value.reason.startswith(f"{ONE} as owner: expected no finding of the passive ")
    assert "header x-boom: The answer says" in caught.value.got


def test_finding_of_format_is_counted_only(run: Run, expect: Expect) -> None:
    expect(seen(run, "format"), shape=False)
    assert run.format_findings == {(ONE, "boom"): 1}


def test_exchange_that_no_check_expects_anything_of_is_looked_at_too(
    run: Run, expect: Expect
) -> None:
    seen(run, "fine")
    expect.look_at_the_rest()
    seen(run, "behaviour")
    with pytest.raises(Mismatch):
        expect.look_at_the_rest()
    expect.look_at_the_rest()


def test_exchange_is_looked_at_once(run: Run, expect: Expect) -> None:
    exchange = seen(run, "format")
    expect(exchange, shape=False)
    expect.look_at_the_rest()
    assert run.format_findings == {(ONE, "boom"): 1}


def test_exchange_without_an_answer_has_nothing_to_look_at(run: Run, expect: Expect) -> None:
    seen(run, "behaviour", None)
    expect.look_at_the_rest()
