"""Media types: the kind of content of each, that of an answer, and streams of events."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from smoke.contract.operations import Media

Kind = Literal[
    "json", "lines", "sequence", "events", "xml", "yaml", "form", "parts", "text", "bytes"
]

EVENT_STREAM = "text/event-stream"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# Types whose content is one JSON value on each line; no RFC registers a name for them.
LINES = re.compile(r"(application|text)/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-stream)")

STREAMED_JSON = "application/stream+json"


def essence_of(media_type: str) -> str:
    """A media type without its parameters (RFC 9110, 8.3.1), in lower case."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type carries one JSON value (RFC 6839, 3.1)."""
    return kind_of(media_type) == "json"


# Cached: every exchange asks, and a service has few media types.
@cache
def kind_of(media_type: str) -> Kind:
    """
    The kind of content that a media type carries.

    A range such as `*/*` counts as JSON, since only a schema describes its content.
    """
    essence = essence_of(media_type)
    if essence == EVENT_STREAM:
        return "events"
    if essence == STREAMED_JSON or LINES.fullmatch(essence):
        return "lines"
    # RFC 7464 and RFC 8091.
    if essence.endswith(("/json-seq", "+json-seq")):
        return "sequence"
    if essence.endswith(("/json", "+json")) or essence in {"*/*", "application/*"}:
        return "json"
    if essence.endswith(("/xml", "+xml")):
        return "xml"
    # RFC 9512, and older names.
    if essence.endswith(("/yaml", "+yaml", "/x-yaml", ".yaml")):
        return "yaml"
    if essence.startswith("multipart/"):
        return "parts"
    if essence in FORMS:
        return "form"
    return "text" if essence.startswith("text/") else "bytes"


def kind_of_body(media: "Media") -> Kind:
    """The kind of a request body: a range with no schema, or with a file's schema, is bytes."""
    schema = media.schema if isinstance(media.schema, dict) else {}
    if "*" in media.type and (media.schema is None or schema.get("format") == "binary"):
        return "bytes"
    return kind_of(media.type)


def match_media(content: "Mapping[str, Media]", content_type: str | None) -> "Media | None":
    """The documented media type of an answer, without parameters; the most specific one wins."""
    essence = essence_of(content_type or "")
    ranges = (essence, f"{essence.partition('/')[0]}/*", "*/*")
    known = {essence_of(name): media for name, media in content.items()}
    return next((known[name] for name in ranges if name in known), None)


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
