"""What a proxy may do to the flow of an answer: late, in pieces, cut short, silent, endless."""

import asyncio
from collections.abc import AsyncIterator, Callable

from tests.faults.interference import Begin, on, plainly
from tests.faults.proxy import Answered, Asked, Forward


def slow(operation: str, seconds: float) -> Begin:
    """The answer comes late."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        await asyncio.sleep(seconds)
        return await forward(asked)

    return on(operation, interfere)


def hanging(operation: str) -> Begin:
    """The connection is open and no answer ever comes."""

    async def interfere(_asked: Asked, _forward: Forward) -> Answered:
        await asyncio.Event().wait()
        raise AssertionError

    return on(operation, interfere)


def truncated(operation: str) -> Begin:
    """The connection breaks in the middle of the body."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await forward(asked)
        body = await answered.read()
        answered.write(body).chunks = _of([body[: len(body) // 2]])
        answered.cut = True
        return answered

    return on(operation, interfere)


def stalled(operation: str) -> Begin:
    """Half of the body comes, and then nothing for ever."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await forward(asked)
        body = await answered.read()
        answered.write(body).chunks = _half(body)
        return answered

    return on(operation, interfere)


def dripping(operation: str) -> Begin:
    """The body comes a byte at a time, so slowly that it never ends."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await forward(asked)
        body = await answered.read()
        answered.write(body).chunks = _drops(body)
        return answered

    return on(operation, interfere)


def silent(operation: str) -> Begin:
    """A stream is opened, and then nothing is heard of it but that it is alive."""

    async def interfere(_asked: Asked, _forward: Forward) -> Answered:
        return Answered(200, [("content-type", "text/event-stream")], _breath())

    return on(operation, interfere)


def each_event(operation: str, change: Callable[[bytes], bytes]) -> Begin:
    """Each event of a stream is changed on its way; it goes on when it has come whole."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await plainly(asked, forward)
        if answered.chunks is not None and answered.status == 200:
            answered.chunks = _by_event(answered.chunks, change)
        return answered

    return on(operation, interfere)


def in_pieces(operation: str, size: int) -> Begin:
    """The body comes in small chunks and without its length."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        answered = await forward(asked)
        if answered.chunks is not None and answered.status not in (204, 304):
            answered.drop("content-length")
            answered.chunks = _small(answered.chunks, size)
        return answered

    return on(operation, interfere)


async def _of(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _breath() -> AsyncIterator[bytes]:
    while True:
        yield b": heartbeat\n\n"
        await asyncio.sleep(1)


async def _by_event(
    chunks: AsyncIterator[bytes], change: Callable[[bytes], bytes]
) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n\n")
        for event in whole:
            yield change(event + b"\n\n")
    yield rest


async def _small(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        for at in range(0, len(chunk), size):
            yield chunk[at : at + size]


async def _drops(body: bytes) -> AsyncIterator[bytes]:
    for at in range(len(body)):
        yield body[at : at + 1]
        await asyncio.sleep(1)


async def _half(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    await asyncio.Event().wait()
