"""Two records side by side: what changed, what is noise, what varies."""

import random
from pathlib import Path

import pytest

from smoke.report.compare import compare, latency, lines, since, varied, varied_lines
from smoke.results.ledger import Account, Row
from smoke.results.record import Record, read
from tests.results.records import begun, ended, failed, green, passed, red, sent


def timed(folder: Path, name: str, times: dict[str, float]) -> Record:
    """A green run whose operations took these milliseconds."""
    path = folder / name / "run.jsonl"
    run = begun(path, name)
    run.current = "books.all"
    for operation, elapsed in times.items():
        sent(run, operation, elapsed_ms=elapsed)
    ended(run)
    return read(path)


def test_same_run_has_not_changed(tmp_path: Path) -> None:
    found = compare(green(tmp_path, "a"), green(tmp_path, "b"))
    assert list(lines(found)) == ["no change: green, the same checks, the same operations"]
    assert not found.worse


def test_red_after_green_is_worse_and_says_what_is_new(tmp_path: Path) -> None:
    found = compare(green(tmp_path, "a"), red(tmp_path, "b"))
    assert found.worse
    assert (found.verdict.was, found.verdict.now) == ("green", "red")
    assert "books.read" in {change.name for change in found.failing}
    assert found.appeared == ("GET /films",)
    told = list(lines(found))
    assert told[0] == "verdict: green -> red"
    assert "  books.read: passed -> failed" in told
    assert "  GET /films" in told


def test_green_after_red_is_mended(tmp_path: Path) -> None:
    found = compare(red(tmp_path, "a"), green(tmp_path, "b"))
    assert not found.worse
    assert [change.name for change in found.mended] == ["books.read"]
    assert found.vanished == ("GET /films",)


NAMES = [f"GET /things/{number}" for number in range(40)]


def noisy(seed: int, factor: float = 1.0) -> dict[str, float]:
    """Forty operations between 5 and 200 ms, each with a noise of a tenth."""
    base, noise = random.Random(1), random.Random(seed)  # noqa: S311
    return {name: base.uniform(5, 200) * noise.lognormvariate(0, 0.1) * factor for name in NAMES}


@pytest.mark.parametrize("seed", range(2, 12))
def test_noise_is_not_reported(tmp_path: Path, seed: int) -> None:
    drift, moves = latency(timed(tmp_path, "a", noisy(1)), timed(tmp_path, "b", noisy(seed)))
    assert moves == []
    assert drift == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("seed", range(2, 7))
def test_one_slow_operation_is_found_on_a_slower_machine(tmp_path: Path, seed: int) -> None:
    after = noisy(seed, factor=1.8)
    slow = max(after, key=lambda name: after[name])
    after[slow] *= 3
    drift, moves = latency(timed(tmp_path, "a", noisy(1)), timed(tmp_path, "b", after))
    assert [move.operation for move in moves] == [slow]
    assert drift == pytest.approx(1.8, rel=0.15)


def test_machine_that_became_slow_is_told_once(tmp_path: Path) -> None:
    was, now = timed(tmp_path, "a", noisy(1)), timed(tmp_path, "b", noisy(1, factor=2.0))
    assert "everything took 2.0 times as long" in list(lines(compare(was, now)))


def test_few_milliseconds_are_not_reported(tmp_path: Path) -> None:
    was = dict.fromkeys(NAMES, 2.0)
    now = {**was, NAMES[0]: 18.0}
    assert latency(timed(tmp_path, "a", was), timed(tmp_path, "b", now))[1] == []


def test_two_operations_have_no_spread(tmp_path: Path) -> None:
    was, now = {"GET /a": 10.0, "GET /b": 10.0}, {"GET /a": 500.0, "GET /b": 10.0}
    assert latency(timed(tmp_path, "a", was), timed(tmp_path, "b", now)) == (1.0, [])


def test_since_the_last_green_run_in_a_line(tmp_path: Path) -> None:
    was, now = green(tmp_path, "a"), red(tmp_path, "b")
    (told,) = since(was, now)
    assert told.startswith(f"since the last green run ({was.header['id']}, ")
    assert "newly failing" in told


def flaky(folder: Path, number: int, *, good: bool) -> Record:
    """One of several runs: a check that is sometimes right."""
    path = folder / str(number) / "run.jsonl"
    run = begun(path)
    passed(run, "books.made")
    (passed if good else failed)(run, "books.read")
    account = Account.SUCCEEDED if good else Account.FAILED
    ended(run, Row("GET /books/{book_id}", "books", account, "books.read"))
    return read(path)


def test_what_varied_among_runs_is_listed(tmp_path: Path) -> None:
    runs = [flaky(tmp_path, n, good=good) for n, good in enumerate([True, False, True])]
    assert varied(runs) == [
        ("books.read", ("passed", "failed", "passed")),
        ("GET /books/{book_id}", ("succeeded", "failed", "succeeded")),
    ]
    assert next(varied_lines(runs)) == "books.read: 1 x passed, 1 x failed, 1 x passed"


def test_steady_runs_have_nothing_that_varied(tmp_path: Path) -> None:
    assert varied([green(tmp_path, "a"), green(tmp_path, "b")]) == []


def test_check_that_fails_while_it_is_torn_down_has_failed(tmp_path: Path) -> None:
    path = tmp_path / "x" / "run.jsonl"
    run = begun(path)
    passed(run, "books.read")
    failed(run, "books.read")
    ended(run)
    assert [c.name for c in compare(green(tmp_path, "a"), read(path)).failing] == ["books.read"]
