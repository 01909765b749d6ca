"""A write's answer repeats the flags and the names that were sent."""

from typing import Any

import pytest

from smoke.results.passive.echoes import answers_repeat_what_was_sent
from tests.results.shelves import answered, contract

NAME = "Smoke ab12 of tea"


def found(sent: Any, body: Any, operation: str = "POST /books", **more: Any) -> list[str]:
    exchange = answered(operation, body, sent=sent, **more)
    return [one.pointer for one in answers_repeat_what_was_sent(exchange, contract())]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [(True, False), (False, True), (NAME, "Smoke ab12"), (NAME, "Emma"), (NAME, "")],
)
def test_value_that_is_not_repeated_is_found(sent: Any, shown: Any) -> None:
    assert found({"name": sent, "other": 1}, {"name": shown}) == ["/name"]
    assert found({"name": sent}, {"success": True, "data": {"name": shown}}) == ["/name"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (True, True),
        (True, None),
        (True, 1),
        (NAME, NAME.upper()),
        (NAME, "smoke-ab12-of-tea"),
        (NAME, f"shelf/{NAME}"),
        (NAME, None),
        (NAME, "Sm***"),
        ("Emma", "Ulysses"),
        (7, 5),
        ([NAME], ["Emma"]),
    ],
)
def test_value_that_is_written_otherwise_is_left_alone(sent: Any, shown: Any) -> None:
    assert found({"name": sent}, {"name": shown}) == []


@pytest.mark.parametrize(
    ("sent", "shown", "pointers"),
    [
        ({"kind": "novel"}, {"kind": "poem"}, ["/kind"]),
        ({"kind": "novel"}, {"kind": "novel"}, []),
        ({"kind": "novel"}, {"kind": "NOVEL"}, []),
        ({"kind": "novel"}, {"kind": None}, []),
        ({"status": "novel"}, {"status": "poem"}, []),
        ({"mood": "novel"}, {"mood": "poem"}, []),
    ],
    ids=["another", "same", "case", "none", "a state", "not listed"],
)
def test_another_listed_word_is_found(sent: Any, shown: Any, pointers: list[str]) -> None:
    assert found(sent, shown) == pointers


def test_field_that_may_mean_something_else_is_left_alone() -> None:
    assert found({"message": NAME, "reason": NAME}, {"message": "Done.", "reason": "ok"}) == []


@pytest.mark.parametrize("more", [{"status": 400}, {"operation": "DELETE /books/{book_id}"}])
def test_refusals_and_deletes_repeat_nothing(more: dict[str, Any]) -> None:
    assert found({"lent": True}, {"lent": False}, **more) == []


@pytest.mark.parametrize("sent", [None, [1], "text"])
def test_body_that_is_no_object_repeats_nothing(sent: Any) -> None:
    assert found(sent, {"lent": False}) == []
