"""
Two records side by side, and many: what changed between runs, and what varied among them.

Latency is compared with one statistic. The latency of an operation is the median of its answers in
a run; its move is the logarithm of the ratio between two runs. The median of all moves is the
machine's (or the network's) and is reported apart; the noise is the spread of the moves around it,
1.4826 times their median absolute deviation, which is the standard deviation where moves are normal
and is not led astray by those that are not. A move counts as real where it is beyond `SIGMAS` times
the noise, beyond the factor `FACTOR`, and more than `LEAST_MS` milliseconds.
"""

from dataclasses import dataclass
from itertools import groupby
from math import exp, log
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smoke.results.record import Record

SIGMAS = 4.0
FACTOR = 1.5
LEAST_MS = 20.0
# Operations that both runs must have for their moves to have a spread.
FEWEST = 8

# The most checks that a single line names.
NAMED = 3

# The heading of latency that has moved.
STATISTIC = f"medians that moved beyond {SIGMAS:g} sigma (by MAD), x{FACTOR:g} and {LEAST_MS:g} ms"

BAD = ("failed", "blocked")


@dataclass(frozen=True)
class Change:
    """Something that was one way and is another; `""` where it was not there."""

    name: str
    was: str
    now: str

    def __str__(self) -> str:
        """The change as a line."""
        return f"{self.name}: {self.was or 'not there'} -> {self.now or 'not there'}"


@dataclass(frozen=True)
class Move:
    """The latency of an operation in two runs, milliseconds."""

    operation: str
    was_ms: float
    now_ms: float

    def __str__(self) -> str:
        """The move as a line."""
        factor = self.now_ms / self.was_ms
        return f"{self.operation}: {self.was_ms:.0f} ms -> {self.now_ms:.0f} ms (x{factor:.1f})"


@dataclass(frozen=True)
class Comparison:
    """What changed from one run to another."""

    verdict: Change
    failing: tuple[Change, ...]
    mended: tuple[Change, ...]
    checks: tuple[Change, ...]
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    accounts: tuple[Change, ...]
    latency: tuple[Move, ...]
    # How many times slower everything became.
    drift: float

    @property
    def worse(self) -> bool:
        """Whether something fails that did not, or the verdict was green and is not."""
        return bool(self.failing) or (self.verdict.was == "green" != self.verdict.now)


def compare(was: "Record", now: "Record") -> Comparison:
    """Return what changed from one run to the next."""
    before, after = _outcomes(was), _outcomes(now)
    checks = _changes(before, after)
    accounts = _changes(_accounts(was), _accounts(now))
    drift, moves = latency(was, now)
    return Comparison(
        verdict=Change("verdict", str(was.word), str(now.word)),
        failing=tuple(c for c in checks if c.now in BAD and c.was not in BAD),
        mended=tuple(c for c in checks if c.was in BAD and c.now not in (*BAD, "")),
        checks=tuple(c for c in checks if (c.was in BAD) == (c.now in BAD)),
        appeared=tuple(change.name for change in accounts if not change.was),
        vanished=tuple(change.name for change in accounts if not change.now),
        accounts=tuple(change for change in accounts if change.was and change.now),
        latency=tuple(moves),
        drift=drift,
    )


def lines(found: Comparison) -> "Iterator[str]":
    """The comparison as text, what matters first; one line where nothing changed."""
    if found.verdict.was != found.verdict.now:
        yield str(found.verdict)
    groups = {
        "newly failing": found.failing,
        "mended": found.mended,
        "checks": found.checks,
        "operations appeared": found.appeared,
        "operations vanished": found.vanished,
        "operations": found.accounts,
        f"latency ({STATISTIC})": found.latency,
    }
    for title, rows in groups.items():
        if rows:
            yield f"{title}:"
            yield from (f"  {row}" for row in rows)
    if not FACTOR > found.drift > 1 / FACTOR:
        yield f"everything took {found.drift:.1f} times as long"
    if not any(groups.values()) and found.verdict.was == found.verdict.now:
        yield f"no change: {found.verdict.now}, the same checks, the same operations"


def since(green: "Record", now: "Record") -> "Iterator[str]":
    """The changes since an earlier run, usually the last green one, in a line."""
    found = compare(green, now)
    when = str(green.header["started"])[:16].replace("T", " ")
    last = "last" if green.word == "green" else "given"
    about = f"since the {last} {green.word} run ({green.header['id']}, {when} UTC)"
    if green.version != now.version:
        about += f", version {green.version or 'unknown'} -> {now.version or 'unknown'}"
    names = [change.name for change in found.failing[:NAMED]]
    more = ["…"] if len(found.failing) > NAMED else []
    many = f"{len(found.failing)} newly failing: {', '.join(names + more)}"
    parts = [many] if found.failing else []
    parts += [f"{len(found.vanished)} operations vanished"] if found.vanished else []
    parts += [f"slower or faster: {move}" for move in found.latency[:3]]
    yield f"{about}: {'; '.join(parts) or 'nothing else changed'}"


def varied(records: "Sequence[Record]") -> list[tuple[str, tuple[str, ...]]]:
    """
    Return every check and operation whose outcome was not the same in all runs, run by run.

    A check that did not run in one of them is `""` there.
    """
    found: dict[str, tuple[str, ...]] = {}
    for tables in ([_outcomes(r) for r in records], [_accounts(r) for r in records]):
        for name in dict.fromkeys(name for table in tables for name in table):
            outcomes = tuple(table.get(name, "") for table in tables)
            if len(set(outcomes)) > 1:
                found.setdefault(name, outcomes)
    return list(found.items())


def varied_lines(records: "Sequence[Record]") -> "Iterator[str]":
    """Varying results, one line each: how often it ended in which way, in the order of the runs."""
    for name, outcomes in varied(records):
        runs = ", ".join(
            f"{len(list(same))} x {outcome or 'not run'}" for outcome, same in groupby(outcomes)
        )
        yield f"{name}: {runs}"


def latency(was: "Record", now: "Record") -> tuple[float, list[Move]]:
    """Return by what factor everything moved, and the operations that moved beyond the noise."""
    before, after = _medians(was), _medians(now)
    both = [name for name in before if name in after]
    if len(both) < FEWEST:
        return 1.0, []
    moves = {name: log(after[name] / before[name]) for name in both}
    drift = median(moves.values())
    noise = 1.4826 * median(abs(move - drift) for move in moves.values())
    beyond = max(SIGMAS * noise, log(FACTOR))
    found = [
        Move(name, before[name], after[name])
        for name in both
        if abs(moves[name] - drift) > beyond and abs(after[name] - before[name]) > LEAST_MS
    ]
    found.sort(key=lambda move: -abs(log(move.now_ms / move.was_ms)))
    return exp(drift), found


def _medians(record: "Record") -> dict[str, float]:
    """The median latency of each operation that answered; never zero, whose logarithm is none."""
    times: dict[str, list[float]] = {}
    for line in record.exchanges:
        if line["status"] is not None and line["operation"]:
            times.setdefault(line["operation"], []).append(max(line["elapsed_ms"], 0.1))
    return {name: median(values) for name, values in times.items()}


def _changes(was: dict[str, str], now: dict[str, str]) -> list[Change]:
    names = dict.fromkeys((*was, *now))
    pairs = ((name, was.get(name, ""), now.get(name, "")) for name in names)
    return [Change(name, before, after) for name, before, after in pairs if before != after]


def _outcomes(record: "Record") -> dict[str, str]:
    """How each check ended; a check that passed and then failed in its teardown has failed."""
    found: dict[str, str] = {}
    for check in record.checks:
        if found.get(check["check"]) not in BAD:
            found[check["check"]] = check["outcome"]
    return found


def _accounts(record: "Record") -> dict[str, str]:
    return {row["operation"]: row["account"] for row in record.ledger}
