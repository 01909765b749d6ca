"""What a read shows of a thing: its JSON, or the bytes of a file."""

from collections.abc import Iterator
from typing import Any

from smoke.contract.media import essence_of
from smoke.errors import LeftOutError
from smoke.plan.wire import Body
from smoke.results.exchange import Exchange

# The type of bytes that a service keeps without looking into them (RFC 2046 §4.5.1).
OPAQUE = "application/octet-stream"


def shown_in(exchange: Exchange) -> Any:
    """The thing as an answer shows it; None if the answer is empty."""
    return exchange.body or None if exchange.json is None else exchange.json


def file_differs(sent: Body, read: Exchange) -> str:
    """
    What a read shows that differs from the file as it was sent, in words; empty if nothing does.

    Raises:
        LeftOutError: the answer is of another type: a service may make a picture of a file.
    """
    files = list(_files(sent))
    if any(content.strip() in read.body for content, _ in files):
        return ""
    if read.forgotten or not any(read.content_type in (OPAQUE, kind) for _, kind in files):
        raise LeftOutError("the read is not JSON, so only a hand-written check can compare it")
    return "other bytes than those of the file that was sent"


def _files(sent: Body) -> Iterator[tuple[bytes, str]]:
    """The files of a body, each with its media type."""
    for _, (name, content, kind) in sent.files or ():
        if name is not None:
            yield content, essence_of(kind or "")
    if sent.content is not None:
        yield sent.content, essence_of(sent.media_type or "")
