"""
The run: everything one invocation saw, kept in memory and written as it goes.

The record is JSON lines, one object each with a `kind` (see `run.schema.json`);
every line is masked before it is written, so a killed run leaves its record and no secret.
"""

import secrets as entropy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

from smoke.contract.operation_id import OperationId, misleads
from smoke.results.created import Creations, excluded_fields, what_stays
from smoke.results.exchange import Exchange
from smoke.results.lines import Lines, cut, text_of
from smoke.results.outcome import BODY, RESULT, Checking, CheckResult, Place
from smoke.results.run_dir import put_aside
from smoke.results.secret_detection import READ, learn
from smoke.results.secrets import Secrets

# The version of the record's format; a reader refuses another.
FORMAT = 2

# Bytes of bodies in memory; beyond this, the bodies of finished checks are shortened.
MOST_KEPT = 64 * 1024 * 1024


class Run:
    """The state and the record of one run against one target."""

    def __init__(self, target: str, secrets: Secrets, path: Path | None = None) -> None:
        # Short: it is part of every name that the run makes, and some services limit names.
        self.id = entropy.token_hex(4)
        # As long as the trace id of a traceparent (W3C Trace Context §3.2.2.3).
        self.trace_id = entropy.token_hex(16)
        self.target = target
        self.secrets = secrets
        self.started = datetime.now(UTC)
        # A variable for each run: the runs of one process must not see each other's checks.
        self._check: ContextVar[Checking] = ContextVar("check")
        self._no_check = Checking("")
        # The place of the check that pytest is at; others may run ahead of it.
        self.turn = 0
        self.url = ""
        self.version = ""
        self.part = ""
        self.expectations = 0
        self.exchanges: list[Exchange] = []
        self.numbers = count(1)
        self.outcomes: list[CheckResult] = []
        self.succeeded: dict[str, list[str]] = {}
        # The place in the suite of each check that saw something succeed.
        self.places: dict[str, int] = {}
        self.format_findings: dict[tuple[str, str], int] = {}
        # How often answers had a field that the contract excludes, by operation and field.
        self.extra_fields: dict[tuple[str, str], int] = {}
        self.known: dict[str, str] = {}
        self._notes: list[tuple[Place, str]] = []
        # Operations that showed a write only at the second read.
        self.late: set[str] = set()
        # Things that stay on the service after the run: place, kind and name.
        self._left: list[tuple[Place, str, str]] = []
        # Operations that made what this run uses again, with the reason why it did not send them.
        self.used_again: dict[str, str] = {}
        self.owned: set[str] = set()
        self.creations = Creations()
        # Removals of the cleanup that failed, as `METHOD /path`.
        self.behind: list[str] = []
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
    def check(self) -> Checking:
        """The check that the calling code belongs to."""
        return self._check.get(self._no_check)

    @property
    def current(self) -> str:
        """The name of the check that the calling code belongs to."""
        return self.check.name

    @current.setter
    def current(self, name: str) -> None:
        self.begin_turn(Checking(name, self.turn + 1))

    def begin_turn(self, check: Checking) -> None:
        """Begin a check in its turn: the code that follows belongs to it."""
        self.enter(check)
        self.turn = check.at

    def enter(self, check: Checking) -> None:
        """Let the calling code belong to a check, until another is entered."""
        self._check.set(check)

    @contextmanager
    def within(self, check: Checking) -> Iterator[None]:
        """Let the code of the block belong to a check, or to work for all checks."""
        token = self._check.set(check)
        try:
            yield
        finally:
            self._check.reset(token)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return perf_counter() - self._clock

    def write(self, kind: str, **fields: Any) -> None:
        """Append one line to the record, masked."""
        self.lines.write(kind, self.check.place, **fields)

    def begin(self, **header: Any) -> None:
        """Write the first line of the record: the target, the contract and the settings."""
        self.header = {
            "format": FORMAT,
            "id": self.id,
            "trace_id": self.trace_id,
            "target": self.target,
            "started": self.started.isoformat(),
        } | header
        self.write("run", **self.header)

    def saw(self, exchange: Exchange) -> None:
        """Keep an exchange and write it; likely secrets in it are masked from now on."""
        # Before the line is written: not even the answer that hands out a token may show it.
        learn(
            self.secrets,
            exchange.actor,
            (exchange.request_headers, exchange.headers),
            (exchange.request_body, exchange.body),
        )
        self.exchanges.append(exchange)
        # The first request asks the readiness operation, whose answer may name the version.
        if not self.url and exchange.status is not None:
            self._found_service(exchange)
        self.lines.exchange(exchange)
        self._kept += len(exchange.body)
        if self._kept > MOST_KEPT:
            self._forget()

    def _forget(self) -> None:
        """Shorten the long bodies of finished checks, so that a run does not fill the memory."""
        for exchange in self.exchanges:
            if exchange.place[0] < self.turn and exchange.check != self.current:
                self._kept -= exchange.shorten(READ)

    def _found_service(self, exchange: Exchange) -> None:
        """Take the service's URL, and its version if it reports one, from the first answer."""
        body = exchange.json
        self.version = str(body.get("version", "")) if isinstance(body, dict) else ""
        self.url = "/".join(exchange.url.split("/", 3)[:3])
        self.write("service", url=self.url, version=self.version)

    def expected(self, exchange: Exchange, wanted: str, got: str, *, met: bool) -> None:
        """Note an expectation of an exchange, and whether it was met."""
        self.expectations += 1
        self.check.expectations += 1
        self.check.looked_at = exchange
        self.check.unmet += not met
        self.write("expectation", exchange=exchange.number, expected=wanted, got=got, met=met)

    def ended(self, result: CheckResult) -> None:
        """Keep how a check ended and write it down."""
        self.outcomes.append(result)
        place = self.check.at, RESULT
        self.lines.write("check", place, ended_s=round(self.elapsed_s, 4), **vars(result))

    @property
    def notes(self) -> list[str]:
        """What the reader of the verdict should know, in the suite's order."""
        return [text for _, text in sorted(self._notes, key=lambda one: one[0])]

    def note(self, text: str) -> None:
        """Note something the reader of the verdict should know."""
        self._notes.append((self.check.place, text))
        self.write("note", text=text)

    def note_late(self, view: str, late_s: float) -> None:
        """Note once that a view is only eventually consistent: it showed a write late."""
        if view not in self.late:
            self.late.add(view)
            self.note(f"eventual consistency: {view} was right only {late_s:g} s later")

    def leaves_behind(self, removal: str, why: str) -> None:
        """Note that the cleanup could not remove a thing, and why; a sweep can try again."""
        self.behind.append(removal)
        self.note(f"left behind: {removal}{why}")

    def stays(self, kind: str, name: str) -> None:
        """Note a resource that the current check has just made and that the run cannot delete."""
        self.creations.stays(self.current)
        self._left.append((self.check.place, kind, name))

    def uses_again(self, operation: str, kind: str, name: str) -> None:
        """Note a resource that an operation made in an earlier run, and that this run uses."""
        self.used_again[operation] = f"the run used again what an earlier run made: {kind} {name}"
        if not any(left[1:] == (kind, name) for left in self._left):
            self._left.append((self.check.place, kind, name))

    def note_sums(self) -> None:
        """Note the fields that the contract excludes, and which resources stay on the service."""
        if self.extra_fields:  # a newer version of the service sends them
            self.note(excluded_fields(self.extra_fields))
        if self._left:
            left = sorted(self._left, key=lambda one: one[0])
            self.note(what_stays((kind, name) for _, kind, name in left))

    def until_now(self) -> list[Exchange]:
        """The exchanges of the present check and of all before it, in the suite's order."""
        now = (self.check.at, BODY)
        before = (one for one in self.exchanges if one.place <= now)
        return sorted(before, key=lambda one: (one.place, one.number))

    def of_current(self) -> list[Exchange]:
        """The exchanges of the check that is running, oldest first."""
        return [exchange for exchange in self.exchanges if exchange.check == self.current]

    def hit(self, operation: str, check: str) -> None:
        """Note that a check saw the operation answer with its documented success."""
        checks = self.succeeded.setdefault(operation, [])
        self.places.setdefault(check, self.check.at)
        if check not in checks:
            checks.append(check)

    def undoes(self, operation: str, actor: str, path: Mapping[str, Any], body: Any = None) -> None:
        """Record the request that deletes a resource of this run, and own the resource."""
        self.own(operation, path, actor)
        # A thing that a check removed and created again must be removed once more.
        filled = OperationId(operation).fill(path)
        self.taken_away.discard((operation, filled, actor))
        self.creations.removes(operation, filled)
        self.write("undo", operation=operation, actor=actor, path=dict(path), body=body)

    def own(self, operation: str, path: Mapping[str, Any], actor: str = "") -> None:
        """
        Note that this run made the resource that an operation with these values deletes.

        If the path has no parameters, only `actor` may send it. A value that would lead to another
        path, such as `..`, is never owned.
        """
        if not any(map(misleads, path.values())):
            wanted = OperationId(operation)
            self.owned.add(wanted.place(wanted.fill(path), actor))

    def owns(self, operation: str, path: str, actor: str) -> bool:
        """Whether this run made the resource at a filled path."""
        return OperationId(operation).place(path, actor) in self.owned

    def took_away(self, operation: str, path: str, actor: str) -> None:
        """
        Note that an operation reported to an actor that it deleted the resource at a filled path.

        For another actor the same answer may mean that it had no such resource.
        """
        self.taken_away.add((operation, path, actor))
        self.creations.removes(operation, path)
        self.write("removed", operation=operation, path=path)

    def shorten(self, body: bytes) -> str:
        """Return a body as text for an output: masked, shortened, without control characters."""
        return cut(self.secrets.mask(text_of(body)), len(body))

    def close(self) -> None:
        """Close the record; writing after that is a no-op."""
        self.lines.close()
