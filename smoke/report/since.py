"""The changes since the last green run of a target, from the record beside the new one."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from smoke.report.compare import since
from smoke.results.record import Line, Record
from smoke.results.record_reader import read
from smoke.results.run_dir import GREEN
from smoke.results.verdict import Word

# How many times slower a surface is at least, to be named: less is the machine or the network.
FACTOR = 10

# Milliseconds that it takes at least: a person does not notice less.
LEAST_MS = 500.0

# How each line of a record begins that has an exchange.
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
    # What a smaller run did not ask would look as if it had vanished.
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
