"""
Content codings of a body (RFC 9110 §8.4.1), undone piece by piece.

What comes out is bounded: a few kilobytes can be a gigabyte that was compressed.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zlib import _Decompress

# What a request says it can read (RFC 9110 §12.5.3).
ACCEPTED = "gzip, deflate"

MOST_CODINGS = 4

# Bytes that are decompressed at a time.
PIECE = 64 * 1024


class DecodingError(Exception):
    """The body is not what its `Content-Encoding` says."""


class Decoder:
    """
    Undoes the codings of one body; one that is not known is left as it is.

    None of them may make more than `most` bytes: what would come behind them is left out.

    Raises:
        DecodingError: there are more codings than anybody needs.
    """

    def __init__(self, codings: str, most: int) -> None:
        names = [name.strip().lower() for name in codings.split(",")]
        if len(names) > MOST_CODINGS:
            raise DecodingError(f"it says that it has {len(names)} content codings")
        self._stages = [_Stage(name, most) for name in reversed(names) if name in _WINDOWS]

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """
        Give what a piece of the body decodes to, in small pieces.

        Raises:
            DecodingError: the body is not encoded as it says.
        """
        pieces: Iterable[bytes] = (raw,)
        for stage in self._stages:
            pieces = stage.undo(pieces)
        yield from pieces

    @property
    def is_full(self) -> bool:
        """Whether a coding has made all that it may."""
        return any(stage.left <= 0 for stage in self._stages)


_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class _Stage:
    """One coding. Servers send deflate with zlib's header, as they must, and without it."""

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
