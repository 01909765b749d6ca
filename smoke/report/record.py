"""The record of a run, read back: everything a report needs, and nothing a report may not show."""

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from smoke.errors import Cause, DataError
from smoke.run import FORMAT
from smoke.verdict import Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Line = dict[str, Any]
"""One line of a record; `run.schema.json` says what each kind holds."""

UNFINISHED: Line = {
    "word": "unverified",
    "reason": "the record has no verdict: the run was killed, or is still going",
    "cause": "",
    "exit": 2,
    "part": "",
    "ledger": [],
    "format": [],
}
"""What stands for the last line of a run that never wrote one."""


@dataclass
class Record:
    """The lines of one record by kind, in the order they were written."""

    header: Line
    service: Line = field(default_factory=dict)
    exchanges: list[Line] = field(default_factory=list)
    expectations: list[Line] = field(default_factory=list)
    checks: list[Line] = field(default_factory=list)
    created: list[Line] = field(default_factory=list)
    removed: list[Line] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    last: Line | None = None

    @property
    def target(self) -> str:
        """The name of the target."""
        return str(self.header["target"])

    @property
    def url(self) -> str:
        """Where the service answered, or where it was looked for."""
        return str(self.header.get("url") or self.service.get("url") or "")

    @property
    def version(self) -> str:
        """The version the service says it is; empty where it says none."""
        return str(self.service.get("version") or "")

    @cached_property
    def verdict(self) -> Line:
        """The last line; a run that was killed is unverified, or red if it had seen enough."""
        if self.last is not None:
            return self.last
        wrong = (str(Cause.SERVICE), str(Cause.CONTRACT))
        seen = next((check for check in self.failures if check["cause"] in wrong), None)
        seconds = {"seconds": max((line["started_s"] for line in self.exchanges), default=0.0)}
        if seen is None:
            return UNFINISHED | seconds
        reason = f"{seen['check']}: {seen['text'].partition(chr(10))[0]} (the run was then killed)"
        red = {"word": "red", "reason": reason, "cause": seen["cause"], "exit": 1}
        return UNFINISHED | red | seconds

    @property
    def word(self) -> Word:
        """The verdict's word."""
        return Word(self.verdict["word"])

    @cached_property
    def failures(self) -> list[Line]:
        """The checks that failed; what is red by the service comes before everything else."""
        order = [Cause.SERVICE, Cause.CONTRACT, Cause.ENVIRONMENT, Cause.HARNESS, ""]
        failed = [check for check in self.checks if check["outcome"] == "failed"]
        return sorted(failed, key=lambda check: order.index(check["cause"]))

    @property
    def ledger(self) -> list[Line]:
        """The rows of the ledger."""
        rows: list[Line] = self.verdict["ledger"]
        return rows

    @cached_property
    def accounts(self) -> Counter[str]:
        """How many operations have each account."""
        return Counter(row["account"] for row in self.ledger)

    @cached_property
    def ended(self) -> Counter[str]:
        """How many checks ended in which way."""
        return Counter(check["outcome"] for check in self.checks)

    @property
    def ran(self) -> int:
        """How many checks were run, whatever came of them."""
        return sum(self.ended[word] for word in ("passed", "failed", "known"))

    @cached_property
    def by_number(self) -> dict[int, Line]:
        """The exchanges by number."""
        return {exchange["number"]: exchange for exchange in self.exchanges}

    @cached_property
    def expected_of(self) -> dict[int, list[Line]]:
        """What was expected of each exchange."""
        found: dict[int, list[Line]] = {}
        for line in self.expectations:
            found.setdefault(line["exchange"], []).append(line)
        return found

    @cached_property
    def sent_by(self) -> dict[str, list[Line]]:
        """The exchanges of each check."""
        found: dict[str, list[Line]] = {}
        for exchange in self.exchanges:
            found.setdefault(exchange["check"], []).append(exchange)
        return found

    def failing_exchange(self, check: "Mapping[str, Any]") -> Line | None:
        """The exchange that failed a check; where none is named, there is none."""
        return self.by_number.get(check.get("exchange") or 0)

    def slowest(self, most: int = 5) -> list[tuple[str, float]]:
        """The slowest operations with the milliseconds of their slowest answer."""
        worst: dict[str, float] = {}
        for line in self.exchanges:
            name = line["operation"] or f"{line['method']} (presigned URL)"
            worst[name] = max(worst.get(name, 0.0), line["elapsed_ms"])
        return sorted(worst.items(), key=lambda row: -row[1])[:most]

    def trace(self, exchange: "Mapping[str, Any]") -> tuple[str, str]:
        """The `traceparent` an exchange was sent with, and the link to its trace if there is one.

        `{trace_id}`, `{span_id}` and `{request_id}` of the target's template are filled in.
        """
        parent = str(exchange["request_headers"].get("traceparent", ""))
        template = str(self.header.get("trace_url") or "")
        parts = parent.split("-")
        if not template or len(parts) != 4:
            return parent, ""
        filled = template.replace("{trace_id}", parts[1]).replace("{span_id}", parts[2])
        return parent, filled.replace("{request_id}", str(exchange["request_id"]))

    def again(self, check: "Mapping[str, Any]") -> str:
        """The command that runs one check alone."""
        return f"{self.header['again']} {check['again']}"


def read(path: "Path") -> Record:
    """Return the record at a path; a last line that was cut short by a kill is left out.

    Raises:
        DataError: the file cannot be read, or is not the record of a run.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}).") from error
    return gather(str(path), text)


def gather(place: str, text: str) -> Record:
    """Return the record a text holds; `place` names it in messages.

    Raises:
        DataError: it is not the record of a run, or of another format.
    """
    lines = list(_lines(place, text))
    if not lines or lines[0].get("kind") != "run":
        raise DataError(f"{place}: is not the record of a run: its first line has no header.")
    if lines[0].get("format") != FORMAT:
        raise DataError(
            f"{place}: has format {lines[0].get('format')!r}. Allowed: {FORMAT}. "
            "Read it with the version of smoke that wrote it."
        )
    record = Record(lines[0])
    lists = {
        "exchange": record.exchanges,
        "expectation": record.expectations,
        "check": record.checks,
        "created": record.created,
        "removed": record.removed,
        "note": record.notes,
    }
    for line in lines[1:]:
        kind = line.get("kind", "")
        if kind == "service":
            record.service = line
        elif kind == "verdict":
            record.last = line
        elif kind in lists:
            lists[kind].append(line)
    return record


def _lines(place: str, text: str) -> "Iterator[Line]":
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            if number == len(lines):
                return
            raise DataError(f"{place}:{number}: is not JSON: {error}.") from error
        if not isinstance(found, dict):
            raise DataError(f"{place}:{number}: is not a line of a record.")
        yield found
