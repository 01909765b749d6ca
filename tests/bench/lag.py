"""A loopback relay that adds a round trip: `python -m tests.bench.lag URL MILLISECONDS`."""

import asyncio
import contextlib
import json
import sys
import threading
from urllib.parse import urlsplit

PIECE = 65536


async def relay(url: str, round_trip_s: float) -> asyncio.Server:
    """Listen on a free port and pass everything on, each way half a round trip later."""
    place = urlsplit(url)
    assert place.hostname is not None
    assert place.port is not None
    host, port = place.hostname, place.port

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(round_trip_s)  # a connection needs a round trip before its first byte
        there, back = await asyncio.open_connection(host, port)
        with contextlib.suppress(OSError):
            await asyncio.gather(
                _passed_on(reader, back, round_trip_s / 2),
                _passed_on(there, writer, round_trip_s / 2),
            )

    return await asyncio.start_server(connected, "127.0.0.1", 0)


async def _passed_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float
) -> None:
    """Write what is read, each piece after the delay; pieces on their way overtake none."""
    loop = asyncio.get_running_loop()
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            due, piece = await on_the_way.get()
            await asyncio.sleep(due - loop.time())
            if not piece:
                writer.close()
                return
            writer.write(piece)

    arriving = asyncio.create_task(arrive())
    piece = b" "
    while piece:
        try:
            piece = await reader.read(PIECE)
        except OSError:
            piece = b""
        on_the_way.put_nowait((loop.time() + delay_s, piece))
    await arriving


async def main() -> None:
    """Relay until standard input ends."""
    url, milliseconds = sys.argv[1:3]
    server = await relay(url, float(milliseconds) / 1000)
    sys.stdout.write(
        json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}) + "\n"
    )
    sys.stdout.flush()
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True
    ).start()
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
