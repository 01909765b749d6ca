"""A request by its operation, its values, and the actor that sends it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smoke.contract.events import Bounds


@dataclass(frozen=True)
class Request:
    """
    One request: an operation id, its values, and the actor that sends it.

    `credential` holds the headers that identify the actor; they are masked in every output.
    `stream` bounds a body that may not end. `url` overrides the address (a presigned URL): such a
    request carries no credential. `at_once` returns a 429 or 503 without a repeat, also if it
    has `Retry-After`: for checks that expect that status. `auth` signs the final request.
    `before_record` gets the exchange before it is recorded, to register its secrets.
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
        """Seconds to wait for the head of a response, or for a whole one that is not a stream."""
        return self.timeout_s or usual_s

    def silence_s(self, usual_s: float) -> float:
        """Seconds to wait for more of a body; a stream may be silent for its whole time."""
        return max(self.head_s(usual_s), self.stream.time_s if self.stream else 0.0)
