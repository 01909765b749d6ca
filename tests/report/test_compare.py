"""Two records side by side: what changed, what is noise, what varies."""

from pathlib import Path

from smoke.report.compare import compare, lines, since, varied, varied_lines
from smoke.results.ledger import Account, Row
from smoke.results.record import Record
from smoke.results.record_reader import read
from tests.results.records import begun, ended, failed, green, passed, red


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
    shown = list(lines(found))
    assert shown[0] == "verdict: green -> red"
    assert "  books.read: passed -> failed" in shown
    assert "  GET /films" in shown


def test_green_after_red_is_mended(tmp_path: Path) -> None:
    found = compare(red(tmp_path, "a"), green(tmp_path, "b"))
    assert not found.worse
    assert [change.name for change in found.mended] == ["books.read"]
    assert found.vanished == ("GET /films",)


def test_since_the_last_green_run_in_a_line(tmp_path: Path) -> None:
    was, now = green(tmp_path, "a"), red(tmp_path, "b")
    (shown,) = since(was, now)
    assert shown.startswith(f"since the last green run ({was.header['id']}, ")
    assert "newly failing" in shown


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
