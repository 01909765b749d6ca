"""What is sent: a request by its operation, and how much is read of an answer that may not end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Bytes of an answer that are read; the rest is left on the wire and the exchange says so.
MAX_BODY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Bounds:
    """
    How much of an endless body is read: events, bytes and seconds, whichever comes first.

    `until` looks at the data of each event as it arrives; reading stops where it is true.
    """

    events: int = 1000
    bytes: int = MAX_BODY
    time_s: float = 10.0
    until: Callable[[str], bool] | None = None

    def enough(self, count: int, fresh: list[str]) -> bool:
        """Whether reading stops after `count` events, of which the `fresh` ones just came."""
        return count >= self.events or (self.until is not None and any(map(self.until, fresh)))


@dataclass(frozen=True)
class Request:
    """
    What to send: an operation id, its values, and on whose behalf.

    `credential` holds the headers that identify the actor; they are masked in every output.
    `stream` bounds a body that may not end. `url` overrides the address (a presigned URL): such a
    request carries no credential. `at_once` takes a 429 or 503 as it is, also where it asks to
    come again: for who wants to see just that. `auth` signs the request that goes over the wire.
    `before_record` sees the exchange before it is written down, to register what is secret in it.
    """

    operation: str
    actor: str = "anonymous"
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    form: Mapping[str, Any] | None = None
    files: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None
    credential: Mapping[str, str] = field(default_factory=dict)
    stream: Bounds | None = None
    timeout_s: float | None = None
    url: str = ""
    at_once: bool = False
    auth: Callable[[Any], Any] | None = None
    before_record: Callable[[Any], None] | None = None

    def head_s(self, usual_s: float) -> float:
        """Seconds that are waited for the head of an answer, and for one that is no stream."""
        return self.timeout_s or usual_s

    def silence_s(self, usual_s: float) -> float:
        """Seconds that are waited for more of a body; a stream may be silent in its whole time."""
        return max(self.head_s(usual_s), self.stream.time_s if self.stream else 0.0)
