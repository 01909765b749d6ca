"""Streams of events: reading their data, and the limits for reading an endless body."""

import re
from collections.abc import Callable
from dataclasses import dataclass

# The most events that are read from one body: even a bounded body may have millions.
MOST = 100_000

_LINE = re.compile(rb"([^\r\n]*+)(\r\n|\r|\n|\Z)")
# The separators of events in practice; a lone carriage return as a line ending is not used.
_BLANK_LINES = (b"\n\n", b"\r\n\r\n")


class EventReader:
    """Reads a stream in parts and returns the data of each event once it is complete."""

    def __init__(self) -> None:
        self.count = 0
        self._rest = bytearray()

    def feed(self, part: bytes) -> list[str]:
        """Return the data of the events that this part completes."""
        # A blank line may have begun in the part before.
        unseen = max(0, len(self._rest) - 3)
        self._rest += part
        places = [(self._rest.rfind(mark, unseen), len(mark)) for mark in _BLANK_LINES]
        end = max((place + size for place, size in places if place >= 0), default=0)
        found = event_data(bytes(self._rest[:end])) if end else []
        del self._rest[:end]
        self.count += len(found)
        return found


def event_data(body: bytes) -> list[str]:
    """
    The data of every complete event, at most `MOST`.

    A bounded read may truncate the last event, which is then omitted.
    """
    events: list[str] = []
    data: list[str] = []
    for found in _LINE.finditer(body.removeprefix(b"\xef\xbb\xbf")):
        # The end of the text without a line ending: the event is not complete.
        if not found[2]:
            break
        line = found[1].decode("utf-8", "replace")
        if line:
            name, _, value = line.partition(":")
            # One space after the colon belongs to the notation (WHATWG HTML, 9.2.6).
            if name == "data":
                data.append(value.removeprefix(" "))
        elif data:
            events.append("\n".join(data))
            data = []
            if len(events) == MOST:
                break
    return events


# Bytes of a response that the client reads; the exchange shows that it left the rest unread.
MAX_BODY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Bounds:
    """
    The limits of an endless body: events, bytes and seconds; reading stops at the first one.

    `until` gets the data of each event as it arrives; reading stops when it returns true.
    """

    events: int = 1000
    bytes: int = MAX_BODY
    time_s: float = 10.0
    until: Callable[[str], bool] | None = None

    def enough(self, count: int, fresh: list[str]) -> bool:
        """Whether reading stops after `count` events, of which the `fresh` ones just came."""
        return count >= self.events or (self.until is not None and any(map(self.until, fresh)))
