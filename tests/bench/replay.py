"""
The floor: a bare client that sends what a run sent, in its order: `python -m tests.bench.replay`.

Its arguments are the file of what was sent and the URL of a fresh service. Where the service gives
another id or token than it gave the run, the next requests have that one. Nothing is validated or
written down.
"""

import asyncio
import json
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

CONNECTION = {"host", "connection", "content-length", "accept-encoding", "traceparent"}
"""Headers that the client makes for itself."""

SHORTEST = 6
"""Characters of the shortest value that is taken for an id or a token."""


Sent = tuple[str, str, dict[str, str], bytes, int | None, bytes]
"""Method, URL, headers and body of a request; status and body of its answer."""


def renamed(data: bytes, names: dict[bytes, bytes]) -> bytes:
    """Data with the values of this replay in place of those of the run, the longest first."""
    for old, new in sorted(names.items(), key=lambda pair: -len(pair[0])):
        if old in data:
            data = data.replace(old, new)
    return data


def learn(then: Any, now: Any, names: dict[bytes, bytes]) -> None:
    """Note the texts that the service gave otherwise than it gave them to the run."""
    for old, new in _texts(then, now):
        if old != new and len(old) >= SHORTEST:
            names[old.encode()] = new.encode()


def _texts(then: Any, now: Any) -> Iterator[tuple[str, str]]:
    if isinstance(then, str) and isinstance(now, str):
        yield then, now
    elif isinstance(then, dict) and isinstance(now, dict):
        for key in then.keys() & now.keys():
            yield from _texts(then[key], now[key])
    elif isinstance(then, list) and isinstance(now, list):
        for one, other in zip(then, now, strict=False):
            yield from _texts(one, other)


async def replay(sent: list[Sent], url: str) -> int:
    """Send everything again; return how often the status was the same."""
    names = {url_of(sent[0][1]).encode(): url.encode()}
    same = 0
    async with httpx.AsyncClient(timeout=30) as client:
        for method, place, headers, content, status, body in sent:
            request = client.build_request(
                method,
                renamed(place.encode(), names).decode(),
                headers={
                    name: renamed(value.encode(), names).decode()
                    for name, value in headers.items()
                    if name.lower() not in CONNECTION
                },
                content=renamed(content, names) or None,
            )
            answer, now = await _answered(client, request)
            same += answer == status
            learn(_json(body), _json(now), names)
    return same


def url_of(place: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(place)
    return f"{parts.scheme}://{parts.netloc}"


async def _answered(client: httpx.AsyncClient, request: httpx.Request) -> tuple[int, bytes]:
    """Status and body; of a stream that may not end, its first piece."""
    answer = await client.send(request, stream=True)
    try:
        if "event-stream" not in answer.headers.get("content-type", ""):
            return answer.status_code, await answer.aread()
        async for _ in answer.aiter_raw():
            break
        return answer.status_code, b""
    finally:
        await answer.aclose()


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


if __name__ == "__main__":
    pairs = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301  (our own)
    found = asyncio.run(replay(pairs, sys.argv[2]))
    sys.stdout.write(f"{len(pairs)} sent, {found} answered with the same status\n")
