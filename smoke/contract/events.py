"""
Server-sent events (WHATWG HTML, 9.2): what the contract's schemas apply to is the data of each.
"""

from __future__ import annotations

import re

EVENT_STREAM = "text/event-stream"
MOST = 100_000
"""Events of one body that are told: a bounded body may still have millions."""

_LINE = re.compile(rb"([^\r\n]*+)(\r\n|\r|\n|\Z)")
_BLANK_LINES = (b"\n\n", b"\r\n\r\n")


class EventReader:
    """Takes a stream as it comes and gives the data of each event as soon as it is complete."""

    def __init__(self) -> None:
        self.count = 0
        self._rest = bytearray()

    def feed(self, part: bytes) -> list[str]:
        """Return the data of the events that this part completes."""
        unseen = max(0, len(self._rest) - 3)  # a blank line may have begun in the part before
        self._rest += part
        places = [(self._rest.rfind(mark, unseen), len(mark)) for mark in _BLANK_LINES]
        end = max((place + size for place, size in places if place >= 0), default=0)
        found = event_data(bytes(self._rest[:end])) if end else []
        del self._rest[:end]
        self.count += len(found)
        return found


def event_data(body: bytes) -> list[str]:
    """
    The data of every complete event; a bounded read may cut the last one, which is left out.

    Of a flood of events only the first `MOST` are told.
    """
    events: list[str] = []
    data: list[str] = []
    for found in _LINE.finditer(body.removeprefix(b"\xef\xbb\xbf")):
        if not found[2]:
            break
        line = found[1].decode("utf-8", "replace")
        if line:
            name, _, value = line.partition(":")
            if name == "data":
                data.append(value.removeprefix(" "))
        elif data:
            events.append("\n".join(data))
            data = []
            if len(events) == MOST:
                break
    return events
