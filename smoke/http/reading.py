"""Reading a response's body as it arrives, up to a limit."""

from collections.abc import AsyncIterator

from smoke.contract.bounds import MAX_BODY, Bounds
from smoke.contract.events import EVENT_STREAM, EventReader, event_data
from smoke.http.decoding import Decoder
from smoke.results.exchange import Exchange


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
