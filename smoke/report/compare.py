"""Comparing records: the changes between two runs, and the variation among many."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from smoke.results.record import Line, Record
from smoke.results.record_reader import read
from smoke.results.run_dir import GREEN
from smoke.results.verdict import Word

# The most checks that a single line names.
NAMED = 3

BAD = ("failed", "blocked")


@dataclass(frozen=True)
class Change:
    """One changed fact, before and after; `""` if it was absent."""

    name: str
    was: str
    now: str

    def __str__(self) -> str:
        """The change as a line."""
        return f"{self.name}: {self.was or 'not there'} -> {self.now or 'not there'}"


@dataclass(frozen=True)
class Comparison:
    """The changes from one run to another."""

    verdict: Change
    failing: tuple[Change, ...]
    mended: tuple[Change, ...]
    checks: tuple[Change, ...]
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    accounts: tuple[Change, ...]

    @property
    def worse(self) -> bool:
        """Whether something fails that passed before, or a green verdict is no longer green."""
        return bool(self.failing) or (self.verdict.was == "green" != self.verdict.now)


def compare(was: Record, now: Record) -> Comparison:
    """Return the changes from one run to the next."""
    before, after = _outcomes(was), _outcomes(now)
    checks = _changes(before, after)
    accounts = _changes(_accounts(was), _accounts(now))
    return Comparison(
        verdict=Change("verdict", str(was.word), str(now.word)),
        failing=tuple(c for c in checks if c.now in BAD and c.was not in BAD),
        mended=tuple(c for c in checks if c.was in BAD and c.now not in (*BAD, "")),
        checks=tuple(c for c in checks if (c.was in BAD) == (c.now in BAD)),
        appeared=tuple(change.name for change in accounts if not change.was),
        vanished=tuple(change.name for change in accounts if not change.now),
        accounts=tuple(change for change in accounts if change.was and change.now),
    )


def lines(found: Comparison) -> Iterator[str]:
    """The comparison as text, the most important changes first; one line if nothing changed."""
    if found.verdict.was != found.verdict.now:
        yield str(found.verdict)
    groups = {
        "newly failing": found.failing,
        "mended": found.mended,
        "checks": found.checks,
        "operations appeared": found.appeared,
        "operations vanished": found.vanished,
        "operations": found.accounts,
    }
    for title, rows in groups.items():
        if rows:
            yield f"{title}:"
            yield from (f"  {row}" for row in rows)
    if not any(groups.values()) and found.verdict.was == found.verdict.now:
        yield f"no change: {found.verdict.now}, the same checks, the same operations"


def since(green: Record, now: Record) -> Iterator[str]:
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
    yield f"{about}: {'; '.join(parts) or 'nothing else changed'}"


def varied(records: Sequence[Record]) -> list[tuple[str, tuple[str, ...]]]:
    """
    Return every check and operation with different outcomes in the runs, run by run.

    A check that did not run in one of them is `""` there.
    """
    found: dict[str, tuple[str, ...]] = {}
    for tables in ([_outcomes(r) for r in records], [_accounts(r) for r in records]):
        for name in dict.fromkeys(name for table in tables for name in table):
            outcomes = tuple(table.get(name, "") for table in tables)
            # An entry of the plan and its operation have the same name: the check comes first.
            if len(set(outcomes)) > 1:
                found.setdefault(name, outcomes)
    return list(found.items())


def varied_lines(records: Sequence[Record]) -> Iterator[str]:
    """Varying results, one line each: the count of each outcome, and the outcomes run by run."""
    for name, outcomes in varied(records):
        runs = ", ".join(
            f"{len(list(same))} x {outcome or 'not run'}" for outcome, same in groupby(outcomes)
        )
        yield f"{name}: {runs}"


def _changes(was: dict[str, str], now: dict[str, str]) -> list[Change]:
    names = dict.fromkeys((*was, *now))
    pairs = ((name, was.get(name, ""), now.get(name, "")) for name in names)
    return [Change(name, before, after) for name, before, after in pairs if before != after]


def _outcomes(record: Record) -> dict[str, str]:
    return {check["check"]: check["outcome"] for check in record.checks}


def _accounts(record: Record) -> dict[str, str]:
    return {row["operation"]: row["account"] for row in record.ledger}


# A surface is named if it is at least this many times slower: less may be the network.
FACTOR = 10

# A surface is named only from this latency in milliseconds on: nobody notices less.
LEAST_MS = 500.0

# The beginning of each line of a record with an exchange.
EXCHANGE = b'{"kind": "exchange"'


def given(path: Path, target: str) -> bytes:
    """
    Return the record of an earlier run: the file, or that of the target in a directory of records.

    Raises:
        DataError: it is not the record of a run.
    """
    file = path / target / "run.jsonl" if path.is_dir() else path
    read(file)
    return file.read_bytes()


def since_green(record: Record, folder: Path) -> list[str]:
    """
    The changes since the last green run of this target; none for a partial or quick run.

    A green run names only the surfaces that are much slower.
    """
    path = folder / GREEN
    # Operations that a smaller run omits would look as if they had vanished.
    if record.verdict["part"] or record.is_quick or not path.is_file():
        return []
    if record.word is Word.GREEN:
        return list(_slower_than(path, record))
    return list(since(read(path), record))


def _slower_than(path: Path, record: Record) -> Iterator[str]:
    """
    Return a sentence for each surface that is ten times slower than in the record at a path.

    The latency of a surface is the median over its operations, each with the median of its answers.
    """
    was, now = _medians(_exchanges(path)), _medians(record.exchanges)
    tags = dict.fromkeys(row["tag"] for row in record.ledger)
    for tag in tags:
        both = [
            row["operation"]
            for row in record.ledger
            if row["tag"] == tag and row["operation"] in was and row["operation"] in now
        ]
        if not both:
            continue
        before, after = (median(times[name] for name in both) for times in (was, now))
        if after >= LEAST_MS and after >= FACTOR * before:
            yield (
                f"{tag or 'no tag'} takes {after / 1000:.1f} s, {after / max(before, 0.1):.0f} "
                f"times as long as in the last green run ({before:.0f} ms)"
            )


def _exchanges(path: Path) -> Iterator[Line]:
    """The exchanges of a record; validating the rest of it would cost a run a tenth of a second."""
    with path.open("rb") as lines:
        for text in lines:
            if text.startswith(EXCHANGE):
                line: Any = json.loads(text)
                yield line


def _medians(exchanges: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """The median latency of each operation that answered, in milliseconds."""
    times: dict[str, list[float]] = {}
    for line in exchanges:
        if line["status"] is not None and line["operation"]:
            times.setdefault(line["operation"], []).append(float(line["elapsed_ms"]))
    return {name: median(values) for name, values in times.items()}
