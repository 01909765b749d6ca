"""Media types: the kind of content of each, and that of an answer."""

import re
from collections.abc import Mapping
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
