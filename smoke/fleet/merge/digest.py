"""The digest of a record: its verdict, the reason, and a few numbers per surface."""

import gzip
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from smoke.errors import DataError
from smoke.report.columns import fit
from smoke.results.ledger import Account
from smoke.results.record import Record
from smoke.results.record_reader import gather

GZIP = b"\x1f\x8b"
LONGEST_LINE = 32_000_000
# Bytes of a record after decompression: a small file may unpack to anything.
MOST_UNPACKED = 512_000_000

EXCHANGE = b'{"kind": "exchange"'
KEPT = (b'{"kind": "run"', b'{"kind": "service"', b'{"kind": "verdict"')
# The beginnings of the lines that are read or counted; all others are skipped.
CHECK, FAILED = b'{"kind": "check"', b'"outcome": "failed"'

REASON_MOST = 400


@dataclass(frozen=True, slots=True)
class Digest:
    """
    One attempt at one target.

    `cells` has four numbers for each surface: its number in the fleet's list, operations that
    succeeded, broken ones, and all. `run` is empty for a record that no unit wrote.
    """

    target: str
    run: str
    unit: str
    attempt: int
    started: str
    word: str
    exit: int
    cause: str
    reason: str
    url: str
    version: str
    seconds: float
    requests: int
    cells: "array[int]"


class Surfaces:
    """The surfaces of all targets, numbered in the order in which they are met."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}

    def cells(self, record: Record) -> "array[int]":
        """Four numbers for each surface of a record, in one row."""
        numbers = array("I")
        for name, counts in record.surfaces.items():
            bad = counts[Account.FAILED] + counts[Account.MISSING]
            cell = (counts[Account.SUCCEEDED], bad, counts.total())
            numbers.extend([self.names.setdefault(name, len(self.names)), *cell])
        return numbers


def digest(place: str, content: bytes, surfaces: Surfaces) -> Digest:
    """
    The digest of a record; a truncated record is read as far as it goes.

    Raises:
        DataError: it is not the record of a run.
    """
    kept: list[str] = []
    requests, damage = 0, ""
    try:
        for line in unpacked(content):
            requests += line.startswith(EXCHANGE)
            if line.startswith(KEPT) or (line.startswith(CHECK) and FAILED in line):
                kept.append(line.decode("utf-8", "replace").rstrip("\n"))
    except (EOFError, OSError, zlib.error) as error:
        damage = f"the record is damaged: {error}"
    record = gather(place, "\n".join(kept))
    verdict = record.verdict
    unit = record.header.get("unit")
    unit = unit if isinstance(unit, dict) else {}
    return Digest(
        target=record.target,
        run=str(unit.get("run", "")),
        unit=str(unit.get("unit") or record.header["id"]),
        attempt=_whole(unit.get("attempt")),
        started=str(record.header["started"]),
        word=str(record.word),
        exit=int(verdict["exit"]),
        cause=str(verdict["cause"]),
        reason=fit(damage or str(verdict["reason"]), REASON_MOST),
        url=record.url,
        version=record.version,
        seconds=float(verdict["seconds"]),
        requests=requests,
        cells=surfaces.cells(record),
    )


def unpacked(content: bytes) -> Iterator[bytes]:
    """
    The lines of a record as it is stored.

    Raises:
        DataError: it unpacks to more than a record can have.
    """
    packed = content.startswith(GZIP)
    total = 0
    with gzip.open(BytesIO(content)) if packed else BytesIO(content) as file:
        while line := file.readline(LONGEST_LINE):
            total += len(line)
            if total > MOST_UNPACKED:
                raise DataError(f"unpacks to more than {MOST_UNPACKED // 1_000_000} MB")
            yield line


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 1
