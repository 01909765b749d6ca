"""How much of an answer is read, where the caller waits for the events of a stream."""

from collections.abc import AsyncIterator

import pytest

from smoke.contract.events import Bounds
from smoke.contract.media import EVENT_STREAM
from smoke.http.decoding import read
from tests.results.shelves import answered

FIRST, SECOND = b'data: {"message":\n\n', b'data: "no"}\n\n'


async def pieces() -> AsyncIterator[bytes]:
    for piece in (FIRST, SECOND):
        yield piece


@pytest.mark.parametrize(
    ("status", "events", "body"),
    [(200, 0, FIRST), (200, 2, FIRST + SECOND), (403, 0, FIRST + SECOND), (500, 1, FIRST + SECOND)],
    ids=["no event", "two events", "refused", "broken"],
)
async def test_refusal_is_read_whole_and_a_stream_as_far_as_asked(
    status: int, events: int, body: bytes
) -> None:
    exchange = answered("GET /books", None, status=status)
    exchange.headers = {"content-type": EVENT_STREAM if status == 200 else "application/json"}
    await read(pieces(), "", exchange, Bounds(events=events))
    assert exchange.body == body
