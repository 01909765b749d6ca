"""
A server that answers at once with what another one answered: `python -m tests.bench.canned FILE`.

A request that was recorded gets its own answers in their order; any other gets what its operation
answered to another one.
"""

import asyncio
import json
import pickle
import sys
import threading
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from smoke.contract import Contract

LEFT_OUT = {
    "connection", "content-encoding", "content-length", "date", "server", "transfer-encoding",
}  # fmt: skip
"""Headers that are the connection's, not the answer's."""

NOTHING = b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"


def rows_of(file: Path) -> list[tuple[str, str, int, dict[str, str], bytes, str]]:
    """Method, URL, status, headers, body and operation of each answer."""
    rows = pickle.loads(file.read_bytes())  # noqa: S301  (our own)
    return list(rows)


def answered(file: Path) -> set[str]:
    """The operations that have an answer of success."""
    return {operation for _, _, status, _, _, operation in rows_of(file) if status < 400} - {""}


class Canned:
    """The answers: by method and target in their order, and one for each operation."""

    def __init__(self, rows: Path, contract: Contract, url: str) -> None:
        self.contract = contract
        self.exact: dict[tuple[str, str], list[bytes]] = defaultdict(list)
        self.usual: dict[str, bytes] = {}
        for method, address, status, headers, body, operation in rows_of(rows):
            parts = urlsplit(address)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            here = body.replace(f"{parts.scheme}://{parts.netloc}".encode(), url.encode())
            whole = _message(status, headers, here, bodiless=method == "HEAD")
            self.exact[method, target].append(whole)
            if 200 <= status < 300:
                self.usual[operation] = whole

    def answer(self, method: str, target: str) -> bytes:
        """The next answer to a request; the last one again where there are no more."""
        if rows := self.exact.get((method, target)):
            return rows.pop(0) if len(rows) > 1 else rows[0]
        operation = self.contract.match(method, target.partition("?")[0])
        return self.usual.get(operation.id, NOTHING) if operation else NOTHING


def _message(status: int, headers: dict[str, str], body: bytes, *, bodiless: bool) -> bytes:
    rows = {name: value for name, value in headers.items() if name.lower() not in LEFT_OUT}
    if status not in (204, 304) and not bodiless:
        rows["content-length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in rows.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body


def _size(lines: list[str]) -> int:
    """The length of a request's body, as its headers say."""
    rows = (row.partition(":") for row in lines)
    return next((int(value) for name, _, value in rows if name.lower() == "content-length"), 0)


async def serve(rows: Path, contract: Contract) -> None:
    """Listen on a free port, print the URL, and answer until standard input ends."""
    ended = asyncio.Event()
    canned: list[Canned] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *lines = head.decode("latin-1").split("\r\n")
                sizes = [
                    row.partition(":")[2] for row in lines if row[:15].lower() == "content-length:"
                ]
                await reader.readexactly(int(sizes[0]) if sizes else 0)
                method, target, _ = line.split(" ")
                writer.write(canned[0].answer(method, target))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    canned.append(Canned(rows, contract, url))
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    wait = threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True
    )
    wait.start()
    await ended.wait()


if __name__ == "__main__":
    answers, document = map(Path, sys.argv[1:3])
    asyncio.run(serve(answers, Contract.load(document)))
