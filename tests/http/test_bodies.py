"""Bodies are bounded: a gigabyte, however it is sent, takes neither memory nor time."""

import asyncio
import json
import sys
import zlib
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from smoke.config.targets import Target
from smoke.contract.events import MAX_BODY
from smoke.http.client import Client, Request
from smoke.http.decoding import Decoder, DecodingError
from smoke.results.exchange import Exchange
from smoke.results.run import MOST_KEPT, Run
from smoke.results.secret_detection import READ
from smoke.results.secrets import Secrets
from tests.contracts import shelf
from tests.http.floods import FLOODS
from tests.http.one_request import Seen
from tests.loopback import Handler, Heard, answer, listening
from tests.report import hostile
from tests.smoking import ROOT, smoke_run
from tests.unlike.projects import made

MOST_MB = 32
"""What a body of eight megabytes may take while it is read, decompressed and copied."""


async def asked(flood: Handler, kind: str) -> Seen:
    """Ask a service that answers with a flood, from a process of its own."""
    async with listening(flood) as server:
        words = ("-m", "tests.http.one_request", server.url, kind)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
    assert process.returncode == 0
    return Seen(**json.loads(output))


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("kind", ["operation", "handed-out", "stream"])
async def test_gigabyte_does_not_fill_memory(name: str, kind: str) -> None:
    seen = await asked(FLOODS[name](), kind)
    assert (seen.status, seen.error) == (200, "")
    assert seen.bytes <= MAX_BODY
    assert seen.grown_mb < MOST_MB
    assert seen.seconds < 8


@pytest.mark.parametrize("flood", [FLOODS["streamed"], FLOODS["compressed"]])
async def test_exchange_shows_that_its_body_was_cut(flood: Callable[[], Handler]) -> None:
    seen = await asked(flood(), "operation")
    assert (seen.bytes, seen.cut) == (MAX_BODY, True)
    assert seen.remark == "only the first 8 MiB of the body were read"


@pytest.mark.parametrize(
    ("codings", "body"),
    [
        ("gzip", zlib.compress(b'{"id": "7"}', wbits=31)),
        ("deflate", zlib.compress(b'{"id": "7"}')),
        ("deflate", zlib.compress(b'{"id": "7"}', wbits=-15)),
        ("GZip , deflate", zlib.compress(zlib.compress(b'{"id": "7"}', wbits=31))),
        ("identity", b'{"id": "7"}'),
        ("made-up", b'{"id": "7"}'),
        ("", b'{"id": "7"}'),
    ],
)
async def test_content_codings_are_undone(codings: str, body: bytes) -> None:
    headers = {"Content_Encoding": codings} if codings else {}
    async with listening(answer(200, body, **headers)) as server:
        client = Client(Target("t", base_url=server.url), shelf(), Run("t", Secrets()))
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert (exchange.json, exchange.ended, exchange.cut) == ({"id": "7"}, True, False)
    assert server.heard[0].headers["accept-encoding"] == "gzip, deflate"


async def test_body_with_wrong_content_encoding_fails_the_service() -> None:
    lie = answer(200, b'{"id": "7"}', Content_Encoding="gzip")
    async with listening(lie) as server:
        client = Client(Target("t", base_url=server.url), shelf(), Run("t", Secrets()))
        exchange = await client.send(Request("GET /books"))
        await client.close()
    assert (exchange.status, exchange.environment) == (None, False)
    assert exchange.error.startswith("DecodingError: ")


def test_no_stage_makes_more_than_it_may() -> None:
    begun, empty_block = zlib.compress(b"", wbits=31)[:10], b"\x00\x00\x00\xff\xff"
    nothing = begun + empty_block * 1_000_000
    decoder = Decoder("gzip, gzip", 1000)
    found = b"".join(decoder.feed(zlib.compress(nothing, wbits=31)))
    assert (found, decoder.is_full) == (b"", True)
    with pytest.raises(DecodingError):
        list(Decoder("gzip", 1000).feed(b"plain"))


def test_run_keeps_no_more_of_its_bodies_than_it_can_hold() -> None:
    run, size = Run("t", Secrets()), 4 * 1024 * 1024
    for number in range(MOST_KEPT // size * 3):
        run.current = f"check {number // 3}"
        body = bytes([48 + number % 10]) * size
        run.saw(Exchange(number, run.current, "a", "GET /x", "GET", "http://x", 0, {}, body=body))
    kept = [len(exchange.body) for exchange in run.exchanges]
    assert sum(kept) <= MOST_KEPT + 3 * size
    assert kept[-1] == size
    assert kept[0] == READ


RUN_MB = 400
"""What a whole run may take, pytest and the contract with it, where every answer is a flood."""


async def test_run_that_is_answered_in_gigabytes_keeps_its_memory(tmp_path: Path) -> None:
    (tmp_path / "contract.json").write_text(json.dumps(hostile.contract()))
    floods = cycle([FLOODS["streamed"](), FLOODS["compressed twice"]()])

    async def handle(heard: Heard, writer: asyncio.StreamWriter) -> None:
        await next(floods)(heard, writer)
        writer.close()

    async with listening(handle) as server:
        root = made(tmp_path / "project", tmp_path / "contract.json", "",
                    f'base_url = "{server.url}"')  # fmt: skip
        only = ("--maxfail=0", "-k", "header or length or deep", "-p", "tests.memory")
        run = await asyncio.to_thread(smoke_run, tmp_path, *only, root=root, PYTHONPATH=str(ROOT))
    sizes = [row["bytes"] for row in run.record("exchange")]
    assert (run.code, sizes) == (1, [MAX_BODY] * len(sizes)), run.out
    assert len(sizes) > 16
    assert float((root / "peak_mb").read_text("ascii")) < RUN_MB
