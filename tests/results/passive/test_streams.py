"""An event of a stream is sent once, as far as it can be told from others."""

import jwt
import pytest

from smoke.results.passive.rows import events_are_of_one_tenant, events_are_sent_once
from tests.results.shelves import answered, contract

ONE, TWO = '{"event_id": 1, "text": "a"}', '{"event_id": 2, "text": "a"}'


def found(*events: str) -> list[str]:
    exchange = answered("GET /books", None)
    exchange.events = events
    return [one.pointer for one in events_are_sent_once(exchange, contract())]


def test_event_that_comes_twice_is_found() -> None:
    assert found(ONE, TWO, ONE) == ["/event_id"]


@pytest.mark.parametrize(
    "events",
    [
        (ONE, TWO),
        (ONE, '{"event_id": 1, "text": "b"}'),
        ('{"text": "a"}', '{"text": "a"}'),
        ("a", "a"),
        ("[1]", "[1]"),
        (),
    ],
)
def test_events_that_may_be_two_are_left_alone(events: tuple[str, ...]) -> None:
    assert found(*events) == []


def test_event_of_another_tenant_is_found() -> None:
    exchange = answered("GET /books", None)
    token = jwt.encode({"tenant_id": "ours"}, "a key of thirty-two bytes or more", "HS256")
    exchange.request_headers = {"authorization": f"Bearer {token}"}
    exchange.events = ('{"tenant_id": "ours"}', "a", "{}", '{"tenant_id": "theirs"}')
    found = list(events_are_of_one_tenant(exchange, contract()))
    assert [(one.pointer, one.message) for one in found] == [("/tenant_id", "1 events of others.")]
