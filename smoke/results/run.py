"""
The run: everything one invocation saw, kept in memory and written as it goes.

The record is JSON lines, one object each with a `kind` (`report/run.schema.json` describes them);
every line is masked before it is written, so a run that is killed leaves what it saw and no secret.
"""

import json
import secrets as entropy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING, Any

from smoke.contract.operation_id import OperationId, misleads
from smoke.documents import DEEPEST, too_deep
from smoke.results.headers import Headers
from smoke.results.lines import Lines, cut, text_of
from smoke.results.run_dir import put_aside
from smoke.results.secret_detection import READ, learn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smoke.results.outcome import CheckResult
    from smoke.results.secrets import Secrets

# The version of the record's format; a reader refuses another.
FORMAT = 2

# Bytes of bodies that are kept whole; beyond it, those of checks that are over are shortened.
MOST_KEPT = 64 * 1024 * 1024


@dataclass
class Exchange:
    """
    One request and its response; `status` is None where no answer came, `error` says why.

    `started_s` counts from the start of the run; `elapsed_ms` ends with the last byte read.
    `remark` says what was made of an answer that asks to come again, or is too long.
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
    headers: "Mapping[str, str]" = field(default_factory=Headers)
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

    @property
    def content_type(self) -> str:
        """The media type of the answer, without parameters (RFC 9110 §8.3.1)."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        """
        The answer's body, or a stream's last event, as JSON; None where it is not JSON.

        What nests so deeply that it cannot be looked through is as good as none.
        """
        text = self.events[-1].encode("utf-8", "replace") if self.events else self.body
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        may_nest = text.count(b"[") + text.count(b"{") > DEEPEST
        return None if may_nest and too_deep(found) else found

    @property
    def text(self) -> str:
        """The answer's body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def request_id(self) -> str:
        """What the service calls this request, where it says so."""
        named = ("x-request-id", "x-correlation-id", "request-id", "x-amzn-trace-id")
        return next((self.headers[name] for name in named if name in self.headers), "")


class Run:
    """The state and the record of one run against one target."""

    def __init__(self, target: str, secrets: "Secrets", path: "Path | None" = None) -> None:
        self.id = entropy.token_hex(4)
        self.trace_id = entropy.token_hex(16)
        self.target = target
        self.secrets = secrets
        self.started = datetime.now(UTC)
        self.current = ""
        self.url = ""
        self.version = ""
        self.part = ""
        self.expectations = 0
        self.unmet = 0
        self.exchanges: list[Exchange] = []
        self.numbers = count(1)
        self.outcomes: list[CheckResult] = []
        self.succeeded: dict[str, list[str]] = {}
        self.format_findings: dict[tuple[str, str], int] = {}
        self.known: dict[str, str] = {}
        self.notes: list[str] = []
        self.left: dict[str, list[str]] = {}
        """Things that stay on the service after the run, by kind."""
        self.owned: set[str] = set()
        self._kept = 0
        self.taken_away: set[tuple[str, str, str]] = set()
        self.header: dict[str, Any] = {}
        self.path = path
        self._clock = perf_counter()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            put_aside(path)
        self.lines = Lines(secrets, path)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return perf_counter() - self._clock

    def write(self, kind: str, **fields: Any) -> None:
        """Append one line to the record, masked."""
        self.lines.write(kind, **fields)

    def begin(self, **header: Any) -> None:
        """Write the first line of the record: what is asked of whom."""
        self.header = {
            "format": FORMAT,
            "id": self.id,
            "trace_id": self.trace_id,
            "target": self.target,
            "started": self.started.isoformat(),
            **header,
        }
        self.write("run", **self.header)

    def saw(self, exchange: Exchange) -> None:
        """Keep an exchange and write it down; what looks secret in it is masked from now on."""
        learn(
            self.secrets,
            exchange.actor,
            (exchange.request_headers, exchange.headers),
            (exchange.request_body, exchange.body),
        )
        self.exchanges.append(exchange)
        if not self.url and exchange.status is not None:
            self._found(exchange)
        self.lines.exchange(exchange)
        self._kept += len(exchange.body)
        if self._kept > MOST_KEPT:
            self._forget()

    def _forget(self) -> None:
        """Shorten the long bodies of checks that are over: a run is not to fill the memory."""
        for exchange in self.exchanges:
            if exchange.check != self.current and len(exchange.body) > READ:
                self._kept -= len(exchange.body) - READ
                exchange.body, exchange.events = exchange.body[:READ], ()
                exchange.forgotten = True

    def _found(self, exchange: Exchange) -> None:
        """The first answer says where the service is and, if it tells, which version."""
        told = exchange.json
        self.version = str(told.get("version", "")) if isinstance(told, dict) else ""
        self.url = "/".join(exchange.url.split("/", 3)[:3])
        self.write("service", url=self.url, version=self.version)

    def expected(self, exchange: Exchange, wanted: str, got: str, *, met: bool) -> None:
        """Note what was expected of an exchange, and whether it was so."""
        self.expectations += 1
        self.unmet += not met
        self.write("expectation", exchange=exchange.number, expected=wanted, got=got, met=met)

    def ended(self, result: "CheckResult") -> None:
        """Keep how a check ended and write it down."""
        self.outcomes.append(result)
        self.write("check", ended_s=round(self.elapsed_s, 4), **vars(result))

    def note(self, text: str) -> None:
        """Note something the reader of the verdict should know."""
        self.notes.append(text)
        self.write("note", text=text)

    def stays(self, kind: str, name: str) -> None:
        """Note a thing that this run makes and that the API cannot take away again."""
        self.left.setdefault(kind, []).append(name)

    def note_what_stays(self) -> None:
        """Note how many things stay on the service, and which."""
        if self.left:
            counts = (
                f"{kind}: {len(names)} ({', '.join(names)})" for kind, names in self.left.items()
            )
            self.note(f"stays on the service: {'; '.join(counts)}")

    def of_current(self) -> list[Exchange]:
        """The exchanges of the check that is running, oldest first."""
        return [exchange for exchange in self.exchanges if exchange.check == self.current]

    def hit(self, operation: str, check: str) -> None:
        """Note that a check saw the operation answer with its documented success."""
        checks = self.succeeded.setdefault(operation, [])
        if check not in checks:
            checks.append(check)

    def undoes(
        self, operation: str, actor: str, path: "Mapping[str, Any]", body: Any = None
    ) -> None:
        """Write down what takes a thing away that this run made, and own it."""
        self.own(operation, path, actor)
        self.write("undo", operation=operation, actor=actor, path=dict(path), body=body)

    def own(self, operation: str, path: "Mapping[str, Any]", actor: str = "") -> None:
        """
        Note that this run made what an operation with these values takes away.

        Where the path has no parameters, `actor` is who may send it. What would name another path
        is nobody's.
        """
        if not any(map(misleads, path.values())):
            wanted = OperationId(operation)
            self.owned.add(wanted.place(wanted.fill(path), actor))

    def owns(self, operation: str, path: str, actor: str) -> bool:
        """Whether what a filled path names was made by this run."""
        return OperationId(operation).place(path, actor) in self.owned

    def took_away(self, operation: str, path: str, actor: str) -> None:
        """
        Note that an operation answered an actor that it took away what a filled path names.

        To another actor the same answer may mean that there was nothing of its own.
        """
        self.taken_away.add((operation, path, actor))
        self.write("removed", operation=operation, path=path)

    def shorten(self, body: bytes) -> str:
        """Return a body as text an output may carry: masked, then cut, control characters shown."""
        return cut(self.secrets.mask(text_of(body)), len(body))

    def close(self) -> None:
        """Close the record; writing after that is a no-op."""
        self.lines.close()
