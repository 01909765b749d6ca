"""A raw HTTP server on 127.0.0.1 for tests that need an answer no framework would give."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Handler = Callable[["Heard", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Heard:
    """One request as it came in."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Loopback:
    """Where the server listens, and what it heard."""

    url: str
    heard: list[Heard] = field(default_factory=list)


@asynccontextmanager
async def listening(
    handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Loopback]:
    """Serve every request of every connection with the handler until the block ends."""
    here = Loopback("")
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                heard = await _heard(head, reader)
                here.heard.append(heard)
                await handler(heard, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            serving.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    here.url = f"http{'s' if tls else ''}://{host}:{server.sockets[0].getsockname()[1]}"
    try:
        yield here
    finally:
        server.close()
        for task in tuple(serving):
            task.cancel()
        await asyncio.gather(*serving)
        await server.wait_closed()


async def _heard(head: bytes, reader: asyncio.StreamReader) -> Heard:
    line, *rows = head.decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (row.partition(": ") for row in rows)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Heard(line, headers, body)


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Handler:
    """A handler that always gives the same answer."""

    async def handle(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        rows = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        rows |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in rows.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body)

    return handle
