"""
Content codings of a body (RFC 9110 §8.4.1), decoded piece by piece.

The output is bounded: a few compressed kilobytes can decode to a gigabyte.
"""

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING

from smoke.contract.events import MAX_BODY, Bounds, EventReader, event_data
from smoke.contract.media import EVENT_STREAM
from smoke.results.exchange import Exchange

if TYPE_CHECKING:
    from zlib import _Decompress


# The codings that every request accepts (RFC 9110 §12.5.3).
ACCEPTED = "gzip, deflate"

# Real services send one coding. Each further one multiplies the work of a decompression bomb.
MOST_CODINGS = 4

# Bytes per decompression step, so that reading can stop soon after the limit.
PIECE = 64 * 1024


class DecodingError(Exception):
    """The body does not match its `Content-Encoding`."""


class Decoder:
    """
    Decodes one body; an unknown coding stays as it is.

    No coding may produce more than `most` bytes; the decoder drops the rest.

    Raises:
        DecodingError: the body has more than four codings.
    """

    def __init__(self, codings: str, most: int) -> None:
        names = [name.strip().lower() for name in codings.split(",")]
        if len(names) > MOST_CODINGS:
            raise DecodingError(
                f"the response declares {len(names)} content codings; allowed: {MOST_CODINGS}"
            )
        # The coding that was applied last is undone first (RFC 9110 §8.4).
        self._stages = [_Stage(name, most) for name in reversed(names) if name in _WINDOWS]

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """
        Yield the decoded form of a piece of the body, in small pieces.

        Raises:
            DecodingError: the body does not match its `Content-Encoding`.
        """
        pieces: Iterable[bytes] = (raw,)
        for stage in self._stages:
            pieces = stage.undo(pieces)
        yield from pieces

    @property
    def is_full(self) -> bool:
        """Whether a coding has reached its limit."""
        return any(stage.left <= 0 for stage in self._stages)


_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class _Stage:
    """
    One coding.

    The standard demands zlib's header for deflate (RFC 9110 §8.4.1.2); some servers leave it out.
    """

    def __init__(self, name: str, most: int) -> None:
        self._inflate: _Decompress = zlib.decompressobj(_WINDOWS[name])
        self._may_be_raw = name == "deflate"
        self.left = most

    def undo(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            rest = piece
            while rest and self.left > 0:
                found = self._some(rest)
                rest = self._inflate.unconsumed_tail
                self.left -= len(found)
                if found:
                    yield found

    def _some(self, piece: bytes) -> bytes:
        try:
            found = self._inflate.decompress(piece, PIECE)
        except zlib.error as error:
            if not self._may_be_raw:
                raise DecodingError(str(error)) from None
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            self._may_be_raw = False
            return self._some(piece)
        self._may_be_raw = False
        return found


# Read as it arrives: a stream may never end, and a body may not fit into memory.
async def read(
    raw: AsyncIterator[bytes], codings: str, exchange: Exchange, bounds: Bounds | None
) -> None:
    """
    Read a body into its exchange, also the part of one that breaks off.

    Raises:
        DecodingError: the body does not match its `Content-Encoding`.
    """
    reading = Reading(codings, bounds)
    # Bounds are of a stream; a refusal of one is an answer like any other, and is read whole.
    streams = (exchange.status or 0) < 400
    try:
        async for piece in raw:
            if reading.take(piece) and (streams or reading.is_cut):
                exchange.ended = False
                break
    finally:
        exchange.cut, exchange.body = reading.is_cut, reading.body
        if exchange.content_type == EVENT_STREAM:
            exchange.events = tuple(event_data(exchange.body))


class Reading:
    """The body of one response; `is_cut` means that it was longer than the kept part."""

    def __init__(self, codings: str, bounds: Bounds | None) -> None:
        self.limit = bounds.bytes if bounds else MAX_BODY
        self.is_cut = False
        self._bounds = bounds
        self._events = EventReader()
        # One byte more than the limit shows that the body was longer.
        self._decoder = Decoder(codings, self.limit + 1)
        self._came = 0
        self._parts = bytearray()

    @property
    def body(self) -> bytes:
        """The kept part of the body, decoded."""
        return bytes(memoryview(self._parts)[: self.limit])

    def take(self, raw: bytes) -> bool:
        """
        Take a piece as it came over the wire; return whether reading stops here.

        Raises:
            DecodingError: the body does not match its `Content-Encoding`.
        """
        self._came += len(raw)
        enough = False
        for piece in self._decoder.feed(raw):
            self._parts += piece
            enough = enough or self._has_come(piece)
            if len(self._parts) > self.limit:
                break
        self.is_cut = max(self._came, len(self._parts)) > self.limit or self._decoder.is_full
        return enough or self.is_cut

    def _has_come(self, piece: bytes) -> bool:
        """Whether a stream has delivered the events that the caller waits for."""
        if self._bounds is None:
            return False
        fresh = self._events.feed(piece)
        return self._bounds.enough(self._events.count, fresh)
