"""The client: it records, it bounds, and it does not send what it must not."""

import asyncio
import json
import socket
from dataclasses import replace
from typing import Any

import pytest

from smoke.config.targets import Target
from smoke.contract.events import Bounds
from smoke.errors import LeftOutError, RefusedError, UnverifiedError
from smoke.http.client import Client, Request
from smoke.http.policy import Policy
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from tests.contracts import shelf
from tests.loopback import Heard, answer, listening

POLICY = Policy(
    creates={"POST /books": "/id"},
    destroys=frozenset({"DELETE /books/{book_id}"}),
    sign_in=frozenset({"POST /token"}),
)


def client_of(url: str, **more: Any) -> Client:
    """A client of a target with that address."""
    more = {"timeout_s": 2.0, **more}
    return Client(Target("t", base_url=url, **more), shelf(), Run("t", Secrets()), POLICY)


async def test_exchange_shows_request_and_response() -> None:
    async with listening(answer(201, b'{"id": "7"}', X_Request_Id="r-1")) as server:
        client = client_of(f"{server.url}/base/")
        request = Request("POST /books", query={"n": 1, "none": None}, json={"title": "ü"})
        exchange = await client.send(request)
        await client.close()
    assert server.heard[0].line == "POST /base/books?n=1 HTTP/1.1"
    assert server.heard[0].body == '{"title":"ü"}'.encode()
    assert server.heard[0].headers["traceparent"].startswith(f"00-{client.run.trace_id}-")
    assert server.heard[0].headers["x-smoke-run"] == client.run.id
    assert (exchange.status, exchange.json, exchange.request_id) == (201, {"id": "7"}, "r-1")
    assert (exchange.operation, exchange.method) == ("POST /books", "POST")
    assert client.run.exchanges == [exchange]


async def test_nothing_listening_is_an_exchange_without_status() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = client_of(f"http://127.0.0.1:{taken.getsockname()[1]}")
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert exchange.status is None
    assert exchange.environment
    assert exchange.error.startswith("ConnectError: ")


async def test_silence_ends_at_the_timeout() -> None:
    async def silent(_heard: Heard, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with listening(silent) as server:
        client = client_of(server.url, timeout_s=0.2)
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert exchange.status is None
    assert exchange.environment
    assert "0.2 s" in exchange.error


@pytest.mark.parametrize("stream", [None, Bounds(time_s=2)])
async def test_request_cut_off_by_the_deadline_is_unverified(
    stream: Bounds | None,
) -> None:
    async def stalls(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
        await writer.drain()
        await asyncio.Event().wait()

    async with listening(stalls) as server:
        client = client_of(server.url, deadline_s=0.4)
        with pytest.raises(UnverifiedError, match=r"has passed before GET /books was answered"):
            await client.send(Request("GET /books", stream=stream))
        await client.close()
    assert len(client.run.exchanges) == 1


async def test_dripping_body_ends_at_the_timeout() -> None:
    async def dripping(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(200):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with listening(dripping) as server:
        client = client_of(server.url, timeout_s=0.3)
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert exchange.status is None
    assert "0.3 s" in exchange.error
    assert exchange.elapsed_ms < 1000


async def test_connection_broken_before_any_byte_is_tried_once_more() -> None:
    async def breaks_once(heard: Heard, writer: asyncio.StreamWriter) -> None:
        if len(server.heard) == 1:
            writer.close()
        else:
            await answer()(heard, writer)

    async with listening(breaks_once) as server:
        client = client_of(server.url)
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert (exchange.status, exchange.resent, len(server.heard)) == (200, True, 2)


async def test_status_is_never_tried_again() -> None:
    async with listening(answer(503)) as server:
        client = client_of(server.url)
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert (exchange.status, exchange.resent, len(server.heard)) == (503, False, 1)


async def test_stream_stops_at_its_events() -> None:
    async def endless(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(1000):
            writer.write(b"data: %d\n\n" % number)
            await writer.drain()

    async with listening(endless) as server:
        client = client_of(server.url)
        exchange = await client.send(Request("GET /books", stream=Bounds(events=3)))
        await client.close()
    assert exchange.status == 200
    assert not exchange.ended
    assert exchange.body.startswith(b"data: 0\n\ndata: 1\n\ndata: 2\n\n")


async def test_stream_stops_at_the_event_that_was_waited_for() -> None:
    async def endless(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(100_000):
            writer.write(b': ping\n\ndata: {"id": "%d"}\n' % number)
            await writer.drain()
            writer.write(b"\n")

    async with listening(endless) as server:
        client = client_of(server.url)
        bounds = Bounds(until=lambda data: '"2"' in data)
        exchange = await client.send(Request("POST /books", stream=bounds))
        await client.close()
    assert not exchange.ended
    assert exchange.events[:3] == ('{"id": "0"}', '{"id": "1"}', '{"id": "2"}')
    assert len(exchange.events) < 100_000
    assert exchange.json == json.loads(exchange.events[-1])
    assert client.run.owns("GET /books/{book_id}", f"/books/{exchange.json['id']}", "owner")


async def test_stalled_stream_ends_at_its_time() -> None:
    async def stalled(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        await writer.drain()
        await asyncio.Event().wait()

    async with listening(stalled) as server:
        client = client_of(server.url)
        exchange = await client.send(Request("GET /books", stream=Bounds(time_s=0.2)))
        await client.close()
    assert (exchange.status, exchange.ended) == (200, False)
    assert exchange.body == b"data: 1\n\n"


async def test_stream_may_be_silent_for_all_its_time() -> None:
    async def slow(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.5)
        writer.write(b"data: 1\n\n")

    async with listening(slow) as server:
        client = client_of(server.url, timeout_s=0.2)
        exchange = await client.send(Request("GET /books", stream=Bounds(events=1, time_s=5)))
        await client.close()
    assert (exchange.status, exchange.events) == (200, ("1",))


async def test_stream_without_a_head_ends_at_the_timeout() -> None:
    async def silent(_heard: Heard, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with listening(silent) as server:
        client = client_of(server.url, timeout_s=0.2)
        exchange = await client.send(Request("GET /books", stream=Bounds(time_s=5)))
        await client.close()
    assert (exchange.status, exchange.environment) == (None, True)
    assert "0.2 s" in exchange.error


async def test_timeout_of_the_request_replaces_that_of_the_target() -> None:
    async def slow(heard: Heard, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        await answer(200, b"[]")(heard, writer)

    async with listening(slow) as server:
        client = client_of(server.url, timeout_s=0.2)
        exchange = await client.send(Request("GET /books", timeout_s=5))
        await client.close()
    assert exchange.status == 200


async def test_body_is_bounded() -> None:
    async def huge(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    async with listening(huge) as server:
        client = client_of(server.url, timeout_s=10)
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert exchange.cut
    assert len(exchange.body) == 8 * 1024 * 1024


async def test_credential_does_not_go_to_a_url_the_service_handed_out() -> None:
    async with listening(answer()) as server:
        client = client_of("http://127.0.0.1:9")
        request = Request(
            "PUT (presigned URL)", url=f"{server.url}/x", credential={"Authorization": "Bearer s"}
        )
        await client.send(request)
        await client.close()
    assert "authorization" not in server.heard[0].headers


async def test_run_may_destroy_only_its_own_things() -> None:
    delete = "DELETE /books/{book_id}"
    async with listening(answer(201, b'{"id": "mine"}')) as server:
        client = client_of(server.url)
        with pytest.raises(RefusedError, match="this run did not create '/books/mine'"):
            await client.send(Request(delete, path={"book_id": "mine"}))
        assert server.heard == []
        await client.send(Request("POST /books", json={}))
        await client.send(Request(delete, path={"book_id": "mine"}))
        with pytest.raises(RefusedError):
            await client.send(Request(delete, path={"book_id": "theirs"}))
        await client.close()
    assert [heard.line for heard in server.heard] == [
        "POST /books HTTP/1.1",
        "DELETE /books/mine HTTP/1.1",
    ]


async def test_read_only_target_gets_reads_and_the_sign_in_only() -> None:
    async with listening(answer()) as server:
        client = client_of(server.url, read_only=True)
        await client.send(Request("GET /books"))
        await client.send(Request("POST /token"))
        with pytest.raises(LeftOutError, match="target 't' is read_only"):
            await client.send(Request("POST /books"))
        await client.close()
    assert len(server.heard) == 2


async def test_protected_target_loses_nothing() -> None:
    async with listening(answer(201, b'{"id": "mine"}')) as server:
        client = client_of(server.url, protected=True)
        await client.send(Request("POST /books"))
        with pytest.raises(LeftOutError, match=r"is protected: .* --allow 'DELETE /books/"):
            await client.send(Request("DELETE /books/{book_id}", path={"book_id": "mine"}))
        await client.close()
    assert len(server.heard) == 1


async def test_protected_target_accepts_operations_allowed_by_name() -> None:
    async with listening(answer(201, b'{"id": "mine"}')) as server:
        client = client_of(server.url, protected=True, allow=("DELETE /books/{book_id}",))
        await client.send(Request("POST /books"))
        await client.send(Request("DELETE /books/{book_id}", path={"book_id": "mine"}))
        with pytest.raises(RefusedError, match="this run did not create"):
            await client.send(Request("DELETE /books/{book_id}", path={"book_id": "other"}))
        await client.close()
    assert len(server.heard) == 2


async def test_protected_target_gets_nothing_that_could_not_be_taken_away() -> None:
    removers = {"POST /books": frozenset({"DELETE /books/{book_id}"})}
    async with listening(answer(201, b'{"id": "mine"}')) as server:
        client = client_of(server.url, protected=True)
        client.policy = replace(client.policy, removers=removers)
        with pytest.raises(LeftOutError, match="could not remove its data without --allow 'DELETE"):
            await client.send(Request("POST /books"))
        await client.close()
    assert server.heard == []
