"""The record of a run, read back: all data for the reports, with the secrets already masked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from smoke.errors import Exit
from smoke.results.ledger import Account
from smoke.results.outcome import BAD, CheckResult, Outcome, exit_of, worst_first
from smoke.results.verdict import Word

# The name of a failure that no check found: the run itself could not go on.
VERDICT = "run.verdict"

# One line of a record; `run.schema.json` describes each kind.
Line = dict[str, Any]

# The last line of a run that never wrote one.
UNFINISHED: Line = {
    "word": "unverified",
    "reason": "unfinished: the run is still going, or was killed before its verdict",
    "cause": "",
    "exit": 2,
    "part": "",
    "open": "",
    "behind": [],
    "ledger": [],
    "format": [],
}


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

    @classmethod
    def of_lines(cls, lines: Iterable[Line]) -> "Record":
        """Return the record that lines make up; the first one of a run is its header."""
        found = defaultdict[str, list[Line]](list)
        for line in lines:
            found[line["kind"]].append(line)
        return cls(
            header=found["run"][0],
            service=(found["service"] or [{}])[-1],
            exchanges=found["exchange"],
            expectations=found["expectation"],
            checks=_one_each(found["check"]),
            created=found["created"],
            removed=found["removed"],
            notes=found["note"],
            last=found["verdict"][-1] if found["verdict"] else None,
        )

    @property
    def target(self) -> str:
        """The name of the target."""
        return str(self.header["target"])

    @property
    def url(self) -> str:
        """The URL at which the service answered, or should have."""
        return str(self.header.get("url") or self.service.get("url") or "")

    @property
    def version(self) -> str:
        """The version that the service reports; empty if it reports none."""
        return str(self.service.get("version") or "")

    @cached_property
    def verdict(self) -> Line:
        """The last line; a run that was killed is unverified, or red if it had seen enough."""
        if self.last is not None:
            return self.last
        seconds = {"seconds": max((line["started_s"] for line in self.exchanges), default=0.0)}
        seen = next(iter(self.failed), None)
        if seen is None or exit_of(seen["cause"]) is not Exit.RED:
            return UNFINISHED | seconds
        reason = f"{seen['check']}: {seen['reason']} (the run was then killed)"
        red = {"word": "red", "reason": reason, "cause": seen["cause"], "exit": 1}
        return UNFINISHED | red | seconds

    @property
    def word(self) -> Word:
        """The verdict's word."""
        return Word(self.verdict["word"])

    @property
    def title(self) -> str:
        """The verdict's word as people read it: a green run names what it left out, and why."""
        word = str(self.verdict["word"]).upper()
        if self.word is not Word.GREEN:
            return word
        limits = [self.depth] if self.is_quick else []
        limits += ["partial"] if self.part else []
        return f"{word} ({', '.join(limits)})" if limits else word

    @property
    def depth(self) -> str:
        """The depth of the run: quick or full."""
        return str(self.header.get("depth", "full"))

    @property
    def is_quick(self) -> bool:
        """Whether the run sent less than everything, because of its depth."""
        return self.depth == "quick"

    @property
    def part(self) -> str:
        """Why the run is partial: the selection, then what was left open; empty if it is full."""
        words = (self.verdict["part"], self.verdict.get("open", ""))
        return "; ".join(filter(None, map(str, words)))

    @cached_property
    def failed(self) -> list[Line]:
        """The checks that failed, the worst first."""
        failed = [check for check in self.checks if check["outcome"] == Outcome.FAILED]
        return worst_first(failed, lambda check: str(check["cause"]))

    @cached_property
    def failures(self) -> list[Line]:
        """
        The failures that every report shows, the worst first.

        A run may be not green without a failed check: it never began, or the service was not ready.
        Then the verdict itself is the failure.
        """
        return self.failed or ([] if self.word is Word.GREEN else [self._failed_verdict()])

    def _failed_verdict(self) -> Line:
        last = self.verdict
        verdict = CheckResult(
            check=VERDICT,
            title="The run came to a verdict that is green.",
            outcome=Outcome.FAILED,
            seconds=0.0,
            reason=last["reason"],
            cause=last["cause"],
            exchange=last.get("exchange", 0),
        )
        return {"kind": "check", "ended_s": last["seconds"], **vars(verdict)}

    @cached_property
    def tests(self) -> list[Line]:
        """The checks and a failed verdict, for report formats that have only tests."""
        return [*self.checks, *(check for check in self.failures if check["check"] == VERDICT)]

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
    def surfaces(self) -> dict[str, Counter[str]]:
        """How many operations of each surface have each account; a surface is a tag."""
        found = defaultdict[str, Counter[str]](Counter)
        for row in self.ledger:
            found[row["tag"]][row["account"]] += 1
        return dict(found)

    def works(self, surface: str) -> str:
        """The part of a surface that succeeded, as `3/4`; empty if the target lacks the surface."""
        counts = self.surfaces.get(surface)
        return f"{counts[Account.SUCCEEDED]}/{counts.total()}" if counts else ""

    def is_broken(self, surface: str) -> bool:
        """Whether an operation of a surface failed, or is missing without a reason."""
        counts = self.surfaces.get(surface, Counter())
        return bool(counts[Account.FAILED] or counts[Account.MISSING])

    @cached_property
    def ended(self) -> Counter[str]:
        """The number of checks by outcome."""
        return Counter(check["outcome"] for check in self.checks)

    @cached_property
    def by_number(self) -> dict[int, Line]:
        """The exchanges by number."""
        return {exchange["number"]: exchange for exchange in self.exchanges}

    @cached_property
    def expected_of(self) -> dict[int, list[Line]]:
        """The expectations of each exchange."""
        return grouped(self.expectations, "exchange")

    @cached_property
    def sent_by(self) -> dict[str, list[Line]]:
        """The exchanges of each check."""
        return grouped(self.exchanges, "check")

    def failing_exchange(self, check: Mapping[str, Any]) -> Line | None:
        """The exchange that failed a check, if the check names one."""
        # Exchanges are numbered from 1, so 0 names none.
        return self.by_number.get(check.get("exchange") or 0)

    def slowest(self, most: int = 5) -> list[tuple[str, float]]:
        """The slowest operations with the milliseconds of their slowest answer."""
        worst: dict[str, float] = {}
        for line in self.exchanges:
            # A presigned URL has a secret in it, so it is not shown.
            name = line["operation"] or f"{line['method']} (presigned URL)"
            worst[name] = max(worst.get(name, 0.0), line["elapsed_ms"])
        return sorted(worst.items(), key=lambda row: -row[1])[:most]

    def trace(self, exchange: Mapping[str, Any]) -> tuple[str, str]:
        """
        The `traceparent` an exchange was sent with, and the link to its trace if there is one.

        `{trace_id}`, `{span_id}` and `{request_id}` of the target's template are filled in.
        """
        parent = str(exchange["request_headers"].get("traceparent", ""))
        template = str(self.header.get("trace_url") or "")
        parts = parent.split("-")
        if not template or len(parts) != 4:
            return parent, ""
        filled = template.replace("{trace_id}", parts[1]).replace("{span_id}", parts[2])
        return parent, filled.replace("{request_id}", str(exchange["request_id"]))

    def exit_of(self, check: Mapping[str, Any]) -> int:
        """The exit code of a run whose worst failure is this one."""
        return int(exit_of(check["cause"]))

    def again(self, check: Mapping[str, Any]) -> str:
        """The command that runs one check alone."""
        whole = str(self.header["again"])
        return f"{whole} {check['again']}" if check["again"] else whole.removesuffix(" --")


def grouped(lines: Iterable[Line], key: str) -> dict[Any, list[Line]]:
    """The lines with the same value of a key, in their order."""
    found: dict[Any, list[Line]] = {}
    for line in lines:
        found.setdefault(line[key], []).append(line)
    return found


def _one_each(checks: Iterable[Line]) -> list[Line]:
    """
    Return one line for each check: one that failed twice, as its cleanup did too, is one failure.

    A check that passed has failed if its cleanup failed.
    """
    found: dict[str, Line] = {}
    for line in checks:
        before = found.get(line["check"])
        if before is None or before["outcome"] not in BAD:
            found[line["check"]] = line
        elif line["outcome"] in BAD:
            more = f"then its cleanup failed: {line['reason']}"
            found[line["check"]] = before | {"facts": [*before.get("facts", ()), more]}
    return list(found.values())
