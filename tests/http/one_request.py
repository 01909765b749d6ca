"""A program that sends one request and reports the answer, its time and its memory.

python -m tests.http.one_request URL {operation|handed-out|stream}
"""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from time import perf_counter

import pytest

from smoke.config.targets import Target
from smoke.contract.events import Bounds
from smoke.http.client import Client, Request
from smoke.results.expectations import Expect, Mismatch
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from tests.contracts import shelf
from tests.memory import peak_mb

KILOBYTE = 1024


@dataclass(frozen=True)
class Seen:
    """What came of the request; `grown_mb` is how much more memory there ever was than before."""

    status: int | None
    error: str
    bytes: int
    cut: bool
    remark: str
    seconds: float
    grown_mb: float


def request_of(kind: str, url: str) -> Request:
    """The request of that kind."""
    bounds = Bounds(bytes=KILOBYTE * KILOBYTE) if kind == "stream" else None
    if kind == "handed-out":
        return Request("GET (presigned URL)", url=f"{url}/x")
    return Request("GET /books", stream=bounds)


async def send(url: str, kind: str) -> Seen:
    """Send the request, and look at the answer as a check would."""
    client = Client(Target("t", base_url=url), shelf(), Run("t", Secrets()))
    expect = Expect(shelf(), client.run, lambda _: (204,))
    before, began = peak_mb(), perf_counter()
    exchange = await client.send(request_of(kind, url))
    with pytest.raises(Mismatch, match=exchange.remark):
        expect(exchange)
    took, grown = perf_counter() - began, peak_mb() - before
    await client.close()
    came = (exchange.status, exchange.error, len(exchange.body), exchange.cut, exchange.remark)
    return Seen(*came, took, grown)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(asyncio.run(send(*sys.argv[1:])))))
