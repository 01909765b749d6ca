"""
Server-sent events (WHATWG HTML, 9.2): what the contract's schemas apply to is the data of each.
"""

from __future__ import annotations

EVENT_STREAM = "text/event-stream"


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
