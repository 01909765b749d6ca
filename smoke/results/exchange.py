"""An exchange: one request of a run, and the response to it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from smoke.documents import DEEPEST, plain_json, too_deep
from smoke.results.outcome import BEFORE, BODY, Place

# The lines of this header field are never joined with commas (RFC 6265 §3).
SEPARATE = "set-cookie"


class Headers(Mapping[str, str]):
    """
    Header fields by name, in lower case; `pairs` has every line in its order.

    A field that came more than once reads as its values joined by commas (RFC 9110 §5.2), but for
    `Set-Cookie`, which reads as its first line: `all` gives each of them.
    """

    def __init__(self, lines: "Iterable[tuple[str, str]] | Mapping[str, str]" = ()) -> None:
        found = lines.items() if isinstance(lines, Mapping) else lines
        self.pairs = tuple((name.lower(), value) for name, value in found)
        self._joined: dict[str, str] = {}
        for name, value in self.pairs:
            before = self._joined.get(name)
            if before is None:
                self._joined[name] = value
            elif name != SEPARATE:
                self._joined[name] = f"{before}, {value}"

    def __getitem__(self, name: str) -> str:
        """Return the value of a field, whatever the case of its name."""
        return self._joined[name.lower()]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._joined)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._joined)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every line of a field."""
        return tuple(value for key, value in self.pairs if key == name.lower())


def pairs_of(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the lines of headers of any kind."""
    return headers.pairs if isinstance(headers, Headers) else tuple(headers.items())


# The methods that only read (RFC 9110 §9.2.1).
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


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
    def succeeded(self) -> bool:
        """Whether the status of the answer is one of success."""
        return 200 <= (self.status or 0) < 300

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
        found = plain_json(text)
        # Counting is quick, and spares most bodies the walk that finds their depth.
        may_nest = text.count(b"[") + text.count(b"{") > DEEPEST
        return None if may_nest and too_deep(found) else found

    @property
    def path(self) -> str:
        """The path of the URL, as it was sent."""
        return urlsplit(self.url).path

    @property
    def ended_s(self) -> float:
        """When the last byte came, from the start of the run."""
        return self.started_s + self.elapsed_ms / 1000

    @property
    def sent_json(self) -> Any:
        """The request's body as JSON; None where it is not JSON."""
        return plain_json(self.request_body)

    @property
    def text(self) -> str:
        """The answer's body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def request_id(self) -> str:
        """The service's own id of this request, if its answer has one."""
        named = ("x-request-id", "x-correlation-id", "request-id", "x-amzn-trace-id")
        return next((self.headers[name] for name in named if name in self.headers), "")
