"""The run: everything one invocation saw, kept in memory and written as it goes.

The record is JSON lines, one object each with a `kind`; every line is masked before it is written,
so a run that is killed leaves what it saw and no secret.
"""

import json
import secrets as entropy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smoke.redact import Secrets

BODY_SHOWN = 2000
"""Characters of a body that an output shows."""


@dataclass
class Exchange:
    """One request and its response; `status` is None where no answer came, `error` says why.

    `started_s` counts from the start of the run; `elapsed_ms` ends with the last byte read.
    """

    number: int
    check: str
    actor: str
    operation: str
    method: str
    url: str
    started_s: float
    request_headers: "Mapping[str, str]"
    request_body: bytes = b""
    status: int | None = None
    headers: "Mapping[str, str]" = field(default_factory=dict)
    body: bytes = b""
    elapsed_ms: float = 0.0
    error: str = ""
    environment: bool = False
    cut: bool = False
    resent: bool = False
    events: tuple[str, ...] = ()
    ended: bool = True

    @property
    def content_type(self) -> str:
        """The media type of the answer, without parameters (RFC 9110 §8.3.1)."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """The answer's body as JSON; None where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def text(self) -> str:
        """The answer's body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def request_id(self) -> str:
        """What the service calls this request, where it says so."""
        named = ("x-request-id", "x-correlation-id", "request-id", "x-amzn-trace-id")
        return next((self.headers[name] for name in named if name in self.headers), "")


@dataclass(frozen=True)
class Created:
    """A thing this run made: the raw path that removes it, and who may."""

    operation: str
    path: str
    ids: tuple[str, ...]


@dataclass
class Outcome:
    """How one check (or one entry of the plan) ended."""

    check: str
    title: str
    outcome: str
    seconds: float
    text: str = ""
    cause: str = ""
    operations: tuple[str, ...] = ()
    generated: bool = False


class Run:
    """The state and the record of one run against one target."""

    def __init__(self, target: str, secrets: "Secrets", path: "Path | None" = None) -> None:
        self.id = entropy.token_hex(4)
        self.trace_id = entropy.token_hex(16)
        self.target = target
        self.secrets = secrets
        self.started = datetime.now(UTC)
        self.current = ""
        self.exchanges: list[Exchange] = []
        self.outcomes: list[Outcome] = []
        self.succeeded: dict[str, list[str]] = {}
        self.format_findings: dict[tuple[str, str], int] = {}
        self.known: dict[str, str] = {}
        self.notes: list[str] = []
        self.owned: set[str] = set()
        self._clock = perf_counter()
        self._file: TextIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", buffering=1)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return perf_counter() - self._clock

    def write(self, kind: str, **fields: Any) -> None:
        """Append one line to the record, masked."""
        if self._file is not None:
            line = json.dumps({"kind": kind, **fields}, ensure_ascii=False, default=str)
            self._file.write(self.secrets.mask(line) + "\n")

    def saw(self, exchange: Exchange) -> None:
        """Keep an exchange and write it down."""
        self.exchanges.append(exchange)
        self.write("exchange", **self.shown(exchange))

    def of_current(self) -> list[Exchange]:
        """The exchanges of the check that is running, oldest first."""
        return [exchange for exchange in self.exchanges if exchange.check == self.current]

    def hit(self, operation: str, check: str) -> None:
        """Note that a check saw the operation answer with its documented success."""
        checks = self.succeeded.setdefault(operation, [])
        if check not in checks:
            checks.append(check)

    def own(self, *ids: str) -> None:
        """Note ids and paths of things this run made, and so may destroy."""
        self.owned.update(filter(None, ids))

    def shown(self, exchange: Exchange) -> dict[str, Any]:
        """Return an exchange as an output may carry it; `write` masks the rest."""
        return {
            "number": exchange.number,
            "check": exchange.check,
            "actor": exchange.actor,
            "operation": exchange.operation,
            "method": exchange.method,
            "url": exchange.url,
            "started_s": round(exchange.started_s, 4),
            "elapsed_ms": round(exchange.elapsed_ms, 1),
            "status": exchange.status,
            "error": exchange.error,
            "resent": exchange.resent,
            "request_id": exchange.request_id,
            "request": {
                "headers": dict(exchange.request_headers),
                "body": self.shorten(exchange.request_body),
            },
            "response": {"headers": dict(exchange.headers), "body": self.shorten(exchange.body)},
            "bytes": len(exchange.body),
        }

    def shorten(self, body: bytes) -> str:
        """Return a body as text an output may carry: masked, then cut, control characters shown."""
        text = self.secrets.mask(body[: BODY_SHOWN * 32].decode("utf-8", "replace"))
        cut = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text[:BODY_SHOWN])
        return cut if len(text) <= BODY_SHOWN else f"{cut}… ({len(body)} bytes in all)"

    def close(self) -> None:
        """Close the record; writing after that is a no-op."""
        if self._file is not None:
            self._file.close()
            self._file = None
