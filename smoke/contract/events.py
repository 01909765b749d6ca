"""
Server-sent events (WHATWG HTML, 9.2): what the contract's schemas apply to is the data of each.
"""

from __future__ import annotations

EVENT_STREAM = "text/event-stream"
_BLANK_LINES = (b"\n\n", b"\r\n\r\n")


class EventReader:
    """Takes a stream as it comes and gives the data of each event as soon as it is complete."""

    def __init__(self) -> None:
        self.count = 0
        self._rest = b""

    def feed(self, part: bytes) -> list[str]:
        """Return the data of the events that this part completes."""
        text = self._rest + part
        end = max(text.rfind(mark) + len(mark) if mark in text else 0 for mark in _BLANK_LINES)
        self._rest = text[end:]
        found = event_data(text[:end])
        self.count += len(found)
        return found


def event_data(body: bytes) -> list[str]:
    """The data of every complete event; a bounded read may cut the last one, which is left out."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    events: list[str] = []
    data: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]:
        if line:
            name, _, value = line.partition(":")
            if name == "data":
                data.append(value.removeprefix(" "))
        elif data:
            events.append("\n".join(data))
            data = []
    return events
