"""Reading an answer's body as it comes, and no further than is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smoke.contract.events import EventReader
from smoke.http.decoding import Decoder
from smoke.http.request import MAX_BODY

if TYPE_CHECKING:
    from smoke.http.request import Bounds


class Reading:
    """The body of one answer; `is_cut` says that there was more of it than is kept."""

    def __init__(self, codings: str, bounds: Bounds | None) -> None:
        self.limit = bounds.bytes if bounds else MAX_BODY
        self.is_cut = False
        self._bounds = bounds
        self._events = EventReader()
        self._decoder = Decoder(codings, self.limit + 1)
        self._came = 0
        self._parts = bytearray()

    @property
    def body(self) -> bytes:
        """What was read, its content codings undone."""
        return bytes(memoryview(self._parts)[: self.limit])

    def take(self, raw: bytes) -> bool:
        """
        Take a piece as it came over the wire; whether reading stops here.

        Raises:
            DecodingError: the body is not encoded as it says.
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
        """Whether what a stream is read for has come."""
        if self._bounds is None:
            return False
        fresh = self._events.feed(piece)
        return self._bounds.enough(self._events.count, fresh)
