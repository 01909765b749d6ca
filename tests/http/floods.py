"""Bodies without measure: what a service can do to whoever reads all of it."""

import asyncio
import zlib
from collections.abc import Callable

from tests.loopback import Handler, Heard

GIGABYTE = 1024**3
PIECE = bytes(1024 * 1024)


def streamed(
    media: str = "application/json", piece: bytes = PIECE, length: int = GIGABYTE
) -> Handler:
    """A gigabyte that is made while it is sent."""

    async def handle(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        rows = {"Content-Type": media, "Content-Length": str(length)}
        writer.write(b"HTTP/1.1 200 OK\r\n" + _told(rows))
        for _ in range(length // len(piece)):
            writer.write(piece)
            await writer.drain()

    return handle


def bomb(codings: str = "gzip", media: str = "application/json") -> Handler:
    """A gigabyte of zeros that is little before it is decompressed."""
    body = squeezed()
    for _ in codings.split(",")[1:]:
        body = zlib.compress(body, wbits=31)

    async def handle(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        rows = {"Content-Type": media, "Content-Encoding": codings,
                "Content-Length": str(len(body))}  # fmt: skip
        writer.write(b"HTTP/1.1 200 OK\r\n" + _told(rows) + body)

    return handle


def squeezed() -> bytes:
    """A gigabyte of zeros, compressed: one block of a megabyte after the other."""
    gzip = zlib.compressobj(wbits=31)
    first = gzip.compress(PIECE) + gzip.flush(zlib.Z_FULL_FLUSH)
    again = gzip.compress(PIECE) + gzip.flush(zlib.Z_FULL_FLUSH)
    return first + again * (GIGABYTE // len(PIECE) - 1)


def _told(rows: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in rows.items()).encode() + b"\r\n"


FLOODS: dict[str, Callable[[], Handler]] = {
    "streamed": streamed,
    "without an end": lambda: streamed(length=GIGABYTE * 1024),
    "compressed": bomb,
    "compressed twice": lambda: bomb("gzip, gzip"),
    "compressed thrice": lambda: bomb("gzip, gzip, gzip"),
    "one line of a stream": lambda: streamed("text/event-stream", b"data: " + PIECE),
    "a million events": lambda: streamed("text/event-stream", b"data: 1\n\n" * 100_000),
}
