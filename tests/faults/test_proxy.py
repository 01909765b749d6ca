"""The proxy passes everything on, and interferes as it must, also while it runs."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.faults import silence
from tests.faults.flow import dripping, each_event, hanging, in_pieces, stalled, truncated
from tests.faults.interference import (
    Begin,
    asked_otherwise,
    body_changed,
    changed,
    every,
    first,
    header,
    instead,
    on,
    once,
    only_read,
    open_to_nobody,
    page,
    pretended,
    replied,
    shared,
    stale,
    status_changed,
    together,
)
from tests.faults.preparation import NO_AUTHORITIES
from tests.faults.proxy import Answered, Asked, Forward, Proxy, answer, undisturbed
from tests.faults.relay import relayed

THINGS = "GET /things"
STREAM = b'data: {"n": 1}\n\ndata: {"n": 2}\n\n'
GREAT = bytes(range(256)) * 4096


async def _echo(asked: Asked, _forward: Forward) -> Answered:
    """A service that answers what it was asked, counts, refuses, and streams."""
    _echo.asked = getattr(_echo, "asked", 0) + 1  # type: ignore[attr-defined]
    if asked.path == "/great":
        return Answered(200).write(GREAT, "application/octet-stream")
    if asked.path == "/stream":
        return Answered(200).write(STREAM, "text/event-stream")
    if asked.path == "/refused":
        return answer(403, {"detail": "no"})
    reply = {
        "method": asked.method, "path": asked.path, "query": asked.query, "body": asked.json,
        "token": asked.header("authorization"), "count": _echo.asked,  # type: ignore[attr-defined]
        "host": asked.header("host"),
    }  # fmt: skip
    return answer(200, reply)


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    """A proxy in front of the echo, which is a proxy too and never forwards."""
    upstream = Proxy("http://127.0.0.1:9")
    upstream.interference = _echo
    proxy = Proxy(upstream.url)
    yield proxy
    proxy.stop()
    upstream.stop()


@pytest.fixture
def client(proxy: Proxy) -> Iterator[httpx.Client]:
    """A client of the proxy, which is left undisturbed afterwards."""
    with httpx.Client(base_url=proxy.url, verify=NO_AUTHORITIES, timeout=5) as client:
        yield client
    proxy.interference = undisturbed


def _things(proxy: Proxy, client: httpx.Client, begin: Begin, path: str = "/things") -> Any:
    proxy.interference = begin()
    return client.get(path)


def test_everything_is_passed_on(proxy: Proxy, client: httpx.Client) -> None:
    reply = client.post("/a%2Fb?x=1&y=%20", json={"k": "ü"}, headers={"authorization": "Bearer t"})
    result = reply.json()
    assert (result["method"], result["path"], result["query"]) == ("POST", "/a%2Fb", "x=1&y=%20")
    assert result["body"] == {"k": "ü"}
    assert result["token"] == "Bearer t"
    assert result["host"] == httpx.URL(proxy.url).netloc.decode()


def test_a_great_body_is_passed_on_whole(client: httpx.Client) -> None:
    assert client.get("/great").content == GREAT


def test_a_service_that_is_gone_is_a_bad_gateway() -> None:
    alone = Proxy("http://127.0.0.1:9")
    try:
        assert httpx.get(alone.url, verify=NO_AUTHORITIES).status_code == 502
    finally:
        alone.stop()


def test_interference_can_be_switched_while_it_runs(proxy: Proxy, client: httpx.Client) -> None:
    assert _things(proxy, client, replied(THINGS, 500, {})).status_code == 500
    assert client.get("/other").status_code == 200
    proxy.interference = undisturbed
    assert client.get("/things").status_code == 200


@pytest.mark.parametrize(
    ("begin", "status", "body"),
    [
        (replied(THINGS, 204), 204, b""),
        (page(THINGS, 200, "<p>"), 200, b"<p>"),
        (pretended(THINGS, lambda asked: (201, asked.path)), 201, b'"/things"'),
        (changed(THINGS, lambda _value: {"k": 1}), 200, b'{"k": 1}'),
        (body_changed(THINGS, lambda body: body[:1]), 200, b"{"),
        (open_to_nobody(THINGS, []), 200, b"[]"),
    ],
    ids=["replied", "page", "pretended", "changed", "body_changed", "open_to_nobody"],
)
def test_answers_are_replaced(
    proxy: Proxy, client: httpx.Client, begin: Begin, status: int, body: bytes
) -> None:
    answered = _things(proxy, client, begin)
    assert (answered.status_code, answered.content) == (status, body)


def test_statuses_and_headers_are_changed(proxy: Proxy, client: httpx.Client) -> None:
    begin = together(status_changed(THINGS, 201), header(THINGS, "x-edge", "yes"))
    answered = _things(proxy, client, begin)
    assert (answered.status_code, answered.headers["x-edge"]) == (201, "yes")
    refused = _things(proxy, client, instead("GET /refused", 403, 200, {"open": True}), "/refused")
    assert (refused.status_code, refused.json()) == (200, {"open": True})


def test_requests_are_changed(proxy: Proxy, client: httpx.Client) -> None:
    begin = asked_otherwise(THINGS, lambda asked: setattr(asked, "query", "x=2"))
    assert _things(proxy, client, begin, "/things?x=1").json()["query"] == "x=2"
    proxy.interference = only_read("PATCH /things/{thing_id}/name", up=1)()
    reply = client.patch("/things/7/name", json={"name": "x"}).json()
    assert (reply["method"], reply["path"], reply["body"]) == ("GET", "/things/7", None)


def test_a_parameter_does_not_stand_for_a_literal(proxy: Proxy, client: httpx.Client) -> None:
    proxy.interference = replied("GET /things/{thing_id}", 500)()
    assert client.get("/things/7").status_code == 500
    assert client.get("/things/search").status_code == 200


def test_only_some_requests_are_interfered_with(proxy: Proxy, client: httpx.Client) -> None:
    proxy.interference = every(3, THINGS, replied(THINGS, 503))()
    assert [client.get("/things").status_code for _ in range(6)] == [200, 200, 503] * 2
    proxy.interference = first(2, THINGS, replied(THINGS, 503))()
    assert [client.get("/things").status_code for _ in range(3)] == [503, 503, 200]


def test_interference_may_begin_once_something_was_asked_for(
    proxy: Proxy, client: httpx.Client
) -> None:
    proxy.interference = once(THINGS, replied("* *", 503))()
    result = [client.get(path).status_code for path in ("/other", "/things", "/other", "/things")]
    assert result == [200, 200, 503, 503]


def test_stale_answers_are_each_caller_s_own(proxy: Proxy, client: httpx.Client) -> None:
    proxy.interference = stale(THINGS)()
    before = client.get("/things").json()
    assert client.get("/things").json() == before
    other = client.get("/things", headers={"authorization": "Bearer other"}).json()
    assert other["token"] == "Bearer other"


def test_shared_answers_are_everybody_s(proxy: Proxy, client: httpx.Client) -> None:
    proxy.interference = shared(THINGS)()
    mine = client.get("/things", headers={"authorization": "Bearer mine"}).json()
    assert client.get("/things").json() == mine


def test_what_an_interference_remembers_ends_with_the_run(
    proxy: Proxy, client: httpx.Client
) -> None:
    begin = stale(THINGS)
    before = _things(proxy, client, begin).json()["count"]
    assert _things(proxy, client, begin).json()["count"] > before


def test_a_truncated_body_breaks_the_connection(proxy: Proxy, client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        _things(proxy, client, truncated(THINGS))


@pytest.mark.parametrize(
    "begin", [hanging(THINGS), stalled(THINGS), dripping(THINGS)], ids=["silent", "stalled", "drip"]
)
def test_a_caller_that_leaves_is_let_go(proxy: Proxy, client: httpx.Client, begin: Begin) -> None:
    proxy.interference = begin()
    with pytest.raises(httpx.ReadTimeout):
        client.get("/things", timeout=0.2)
    assert client.get("/other").status_code == 200


@pytest.mark.parametrize(
    ("listen", "error"),
    [
        (silence.unaccepted, httpx.ConnectTimeout),
        (silence.mute, httpx.ReadTimeout),
        (silence.slow_headers, httpx.ReadTimeout),
        (silence.slow_body, httpx.ReadTimeout),
    ],
    ids=["unaccepted", "mute", "slow headers", "slow body"],
)
def test_listeners_keep_a_caller_waiting(
    listen: Callable[[], AbstractContextManager[str]], error: type[Exception]
) -> None:
    with listen() as url, pytest.raises(error):
        httpx.get(url, timeout=0.2, verify=NO_AUTHORITIES)


def test_events_are_changed_one_by_one(proxy: Proxy, client: httpx.Client) -> None:
    begin = each_event("GET /stream", lambda event: event.replace(b"2", b"3"))
    assert _things(proxy, client, begin, "/stream").content == STREAM.replace(b"2", b"3")


def test_bodies_come_in_pieces(proxy: Proxy, client: httpx.Client) -> None:
    answered = _things(proxy, client, in_pieces(THINGS, 7))
    assert answered.headers["transfer-encoding"] == "chunked"
    assert answered.json()["path"] == "/things"


def test_an_interference_may_be_written_by_hand(proxy: Proxy, client: httpx.Client) -> None:
    async def upper(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        return found.write((await found.read()).upper())

    assert b"/THINGS" in _things(proxy, client, on(THINGS, upper)).content


def test_the_relay_speaks_http_1_0(proxy: Proxy) -> None:
    with relayed(proxy.url) as url, httpx.Client(verify=NO_AUTHORITIES) as client:
        answered = [client.post(url, content=json.dumps({"n": n})) for n in range(2)]
    assert [one.http_version for one in answered] == ["HTTP/1.0"] * 2
    assert [one.json()["body"] for one in answered] == [{"n": 0}, {"n": 1}]
