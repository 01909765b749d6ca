"""A green run names the surfaces that are ten times slower than in the last green run."""

from pathlib import Path

import pytest

from smoke.report.compare import since_green
from smoke.report.ending import ending
from smoke.results.ledger import NOT_REACHED, Account, Row
from smoke.results.record import Record
from smoke.results.record_reader import read
from tests.results.records import MAKE, READ, begun, ended, passed


def timed(path: Path, read_ms: float, make_ms: float = 20.0) -> Record:
    """A green run with these latencies."""
    run = begun(path)
    passed(run, "books.made", MAKE, elapsed_ms=make_ms)
    passed(run, "books.read", READ, elapsed_ms=read_ms)
    rows = (Row(READ, "books", Account.SUCCEEDED, "x"), Row(MAKE, "shelf", Account.SUCCEEDED, "x"))
    ended(run, *rows)
    return read(path)


def test_surface_that_is_ten_times_slower_is_named(tmp_path: Path) -> None:
    timed(tmp_path / "green.jsonl", 60.0)
    now = timed(tmp_path / "run.jsonl", 1200.0)
    (line,) = since_green(now, tmp_path)
    assert line == "books takes 1.2 s, 20 times as long as in the last green run (60 ms)"
    shown = [text for text, _ in ending(now, "", [line])]
    assert f"slower    {line}" in shown


@pytest.mark.parametrize("read_ms", [60.0, 500.0, 599.0])
def test_surface_that_is_less_slow_is_not_named(read_ms: float, tmp_path: Path) -> None:
    timed(tmp_path / "green.jsonl", 60.0)
    assert since_green(timed(tmp_path / "run.jsonl", read_ms), tmp_path) == []


def test_few_milliseconds_are_not_named(tmp_path: Path) -> None:
    timed(tmp_path / "green.jsonl", 2.0)
    assert since_green(timed(tmp_path / "run.jsonl", 80.0), tmp_path) == []


def test_first_run_has_nothing_to_compare(tmp_path: Path) -> None:
    assert since_green(timed(tmp_path / "run.jsonl", 5000.0), tmp_path) == []


def test_green_run_shows_what_it_did_not_ask_and_why(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    passed(run, "books.read")
    ended(
        run,
        Row(READ, "books", Account.SUCCEEDED, "books.read"),
        Row(MAKE, "books", Account.LEFT_OUT, "target 'a' is read_only"),
        Row("GET /maps", "maps", Account.UNDECIDED, "a person must allow it"),
        Row("GET /films", "films", Account.LEFT_OUT, NOT_REACHED),
    )
    shown = [text for text, _ in ending(read(path), "")]
    at = shown.index("not asked 1 x left out: target 'a' is read_only")
    assert shown[at + 1].strip() == "1 x undecided: a person must allow it"
