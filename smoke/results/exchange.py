"""An exchange: one request of a run, and the response to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smoke.documents import DEEPEST, too_deep
from smoke.results.checking import BEFORE, BODY, Place
from smoke.results.headers import Headers

# The methods that only read (RFC 9110 §9.2.1).
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass
class Exchange:
    """
    One request and its response; `status` is None if no answer came; `error` has the reason.

    `started_s` counts from the start of the run; `elapsed_ms` ends with the last byte read.
    `remark` explains how the client handled an answer that asks for a retry, or is too long.
    """

    number: int
    check: str
    actor: str
    operation: str
    method: str
    url: str
    started_s: float
    request_headers: Mapping[str, str]
    request_body: bytes = b""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=Headers)
    body: bytes = b""
    elapsed_ms: float = 0.0
    error: str = ""
    environment: bool = False
    cut: bool = False
    resent: bool = False
    events: tuple[str, ...] = ()
    ended: bool = True
    remark: str = ""
    # Whether the run has shortened the body to save memory.
    forgotten: bool = False
    first_byte_ms: float = 0.0
    # Where it belongs in the suite's order; checks run beside each other, so time does not say it.
    place: Place = (BEFORE, BODY)

    def shorten(self, size: int) -> int:
        """Forget the bytes of a long body after the first `size`; return how many."""
        gone = max(0, len(self.body) - size)
        if gone:
            self.body, self.events, self.forgotten = self.body[:size], (), True
        return gone

    @property
    def content_type(self) -> str:
        """The media type of the answer, without parameters (RFC 9110 §8.3.1)."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """
        The answer's body, or a stream's last event, as JSON; None where it is not JSON.

        A body that nests too deeply for the readers of JSON counts as none.
        """
        text = self.events[-1].encode("utf-8", "replace") if self.events else self.body
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        may_nest = text.count(b"[") + text.count(b"{") > DEEPEST
        return None if may_nest and too_deep(found) else found

    @property
    def sent_json(self) -> Any:
        """The request's body as JSON; None where it is not JSON."""
        try:
            return json.loads(self.request_body)
        except (ValueError, RecursionError):
            return None

    @property
    def text(self) -> str:
        """The answer's body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def request_id(self) -> str:
        """The service's own id of this request, if its answer has one."""
        named = ("x-request-id", "x-correlation-id", "request-id", "x-amzn-trace-id")
        return next((self.headers[name] for name in named if name in self.headers), "")
