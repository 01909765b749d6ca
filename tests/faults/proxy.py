"""
A reverse proxy that interferes: what it does to requests and answers can change while it runs.

It sits in front of any URL. Answers are streamed through in pieces; the bodies of requests, and
of answers that an interference reads as a whole, are bounded.
"""

import asyncio
import json
import logging
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from smoke.reference.web.server import listen

# Bytes of one body that are held in memory.
MAX_BYTES = 64 * 1024 * 1024

# Seconds after which an answer that never comes is given up.
PATIENCE_S = 120

# Headers that belong to one connection (RFC 9110 §7.6.1).
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade"})

Headers = list[tuple[str, str]]


@dataclass
class Asked:
    """A request as it came in; `path` has no query, `query` is what stands after the `?`."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is not."""
        return _json(self.body)

    def header(self, name: str) -> str:
        """Return a header's value, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def drop(self, name: str) -> None:
        """Remove a header."""
        self.headers = [row for row in self.headers if row[0].lower() != name.lower()]


@dataclass
class Answered:
    """An answer on its way out; `cut` ends the connection after the body, against the framing."""

    status: int
    headers: Headers = field(default_factory=list)
    chunks: "AsyncIterator[bytes] | None" = None
    cut: bool = False

    async def read(self) -> bytes:
        """Return the whole body; what is sent on is then that."""
        body = b""
        async for chunk in self.chunks or _pieces(b""):
            body += chunk
            if len(body) > MAX_BYTES:
                raise ValueError(f"an answer of more than {MAX_BYTES} bytes")
        self.chunks = _pieces(body)
        return body

    def header(self, name: str) -> str:
        """Return a header's value, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    async def json(self) -> Any:
        """Return the whole body as JSON; None where it is not."""
        return _json(await self.read())

    def write(self, body: bytes, content_type: str = "") -> "Answered":
        """Replace the body."""
        self.drop("content-length")
        self.headers.append(("content-length", str(len(body))))
        if content_type:
            self.drop("content-type")
            self.headers.append(("content-type", content_type))
        self.chunks = _pieces(body)
        return self

    def write_json(self, value: Any) -> "Answered":
        """Replace the body with JSON; the content type stays what it was."""
        return self.write(json.dumps(value).encode())

    def drop(self, name: str) -> None:
        """Remove a header."""
        self.headers = [row for row in self.headers if row[0].lower() != name.lower()]


Forward = Callable[[Asked], Awaitable[Answered]]
Interference = Callable[[Asked, Forward], Awaitable[Answered]]


def answer(status: int, value: Any = None) -> Answered:
    """Return an answer of the proxy's own; without a value it has no body."""
    if value is None:
        return Answered(status, [("content-length", "0")])
    return Answered(status, [("content-type", "application/json")]).write_json(value)


async def undisturbed(asked: Asked, forward: Forward) -> Answered:
    """The interference that does nothing."""
    return await forward(asked)


class Proxy:
    """The proxy, served by a thread on a free loopback port until it is stopped."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.rstrip("/")
        self.interference: Interference = undisturbed
        listener = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            self._serve, interface="asgi3", proxy_headers=False, loop="asyncio", http="h11",
            ws="none", lifespan="on", log_config=None, log_level=logging.CRITICAL,
            access_log=False, server_header=False, date_header=False,
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._live_now = threading.Event()
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        if not self._live_now.wait(timeout=10):
            raise RuntimeError("The proxy did not start.")

    def stop(self) -> None:
        """End the thread; answers on their way have a second to finish."""
        self._server.should_exit = True
        self._thread.join(timeout=5)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        asked = await _read_request(scope, receive)
        work = asyncio.ensure_future(self._answer(asked, send))
        gone = asyncio.ensure_future(_disconnected(receive))
        await asyncio.wait({work, gone}, return_when="FIRST_COMPLETED", timeout=PATIENCE_S)
        for task in (work, gone):
            task.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)

    async def _live(self, receive: Receive, send: Send) -> None:
        # Callers that hang up, or send on a connection that was closed, are no news here.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        secure = urlsplit(self.upstream).scheme == "https"
        # Loading the authorities takes longer than a request; a loopback upstream needs none.
        verify = True if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        await receive()
        # An idle connection is given up before the service closes it (uvicorn: after 5 s): a
        # request that crosses such a close would be answered 502.
        kept = httpx.Limits(keepalive_expiry=1)
        self._http = httpx.AsyncClient(
            timeout=PATIENCE_S, verify=verify, trust_env=secure, limits=kept
        )
        self._live_now.set()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._http.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, asked: Asked, send: Send) -> None:
        answered = await self.interference(asked, self._forward)
        headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in answered.headers
        ]
        start = {"type": "http.response.start", "status": answered.status, "headers": headers}
        await send(start)
        async for chunk in answered.chunks or _pieces(b""):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if not answered.cut:  # an answer that does not end makes the server hang up
            await send({"type": "http.response.body", "body": b""})

    async def _forward(self, asked: Asked) -> Answered:
        url = f"{self.upstream}{asked.path}" + (f"?{asked.query}" if asked.query else "")
        left_out = HOP_BY_HOP | {"content-length"}  # set anew: the body may be another
        headers = [row for row in asked.headers if row[0].lower() not in left_out]
        if urlsplit(self.upstream).scheme == "https":  # a host of its own; loopback keeps ours,
            headers = [row for row in headers if row[0].lower() != "host"]  # for URLs it makes
        message = self._http.build_request(asked.method, url, headers=headers, content=asked.body)
        try:
            response = await self._http.send(message, stream=True)
        except httpx.HTTPError as error:
            return answer(502, {"detail": f"the proxy cannot reach the service: {error}"})
        raw = [(key.decode("latin-1"), value.decode("latin-1"))
               for key, value in response.headers.raw]  # fmt: skip
        rows = [row for row in raw if row[0].lower() not in HOP_BY_HOP]
        return Answered(response.status_code, rows, _relayed(response))


async def _relayed(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_raw():
            yield chunk
    finally:
        await response.aclose()


async def _read_request(scope: Scope, receive: Receive) -> Asked:
    body = b""
    more = True
    while more:
        message: Message = await receive()
        body += message.get("body", b"")
        more = bool(message.get("more_body")) and len(body) <= MAX_BYTES
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in
               scope["headers"]]  # fmt: skip
    path = scope["raw_path"].decode("ascii")
    return Asked(scope["method"], path, scope["query_string"].decode("ascii"), headers, body)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
