"""The terminal output fits 80 columns, needs no colour, and ends with the reason."""

from pathlib import Path

import pytest

from smoke.errors import UnverifiedError
from smoke.report.columns import fit, rows_of, wrapped
from smoke.report.ending import ending
from smoke.report.several import end_of_several
from smoke.report.summary import check_line, header, service
from smoke.results.ledger import NOT_REACHED, Account, Row
from smoke.results.outcome import CheckResult, Outcome
from smoke.results.record import Record
from smoke.results.record_reader import read
from tests.results.records import GONE, MAKE, READ, begun, ended, failed, green, passed, red


def text(record: Record) -> list[str]:
    return [line for line, _ in ending(record, ".smoke/local/report.html")]


@pytest.mark.parametrize("make", [green, red])
def test_nothing_but_pasted_commands_is_wider_than_80(make: object, tmp_path: Path) -> None:
    record = green(tmp_path) if make is green else red(tmp_path, body="word " * 900)
    lines = [line for line, _ in header(record.header)] + text(record)
    pasted = ("curl ", "again ", "link ", "report ")
    assert [line for line in lines if len(line) > 80 and not line.startswith(pasted)] == []


def test_header_shows_target_and_plan(tmp_path: Path) -> None:
    record = green(tmp_path)
    run = record.header["id"]
    assert [line for line, _ in header(record.header)] == [
        f"target    local  http://127.0.0.1:8000  run {run}",
        "contract  shelf.json  3 operations  sha256:001122334455",
        "gates     on: books  (file)",
        "gates     off: films  (default)",
        "gates     off: maps  (--gate)",
        "set       timeout_s = 3.0  (SMOKE_HTTP_TIMEOUT)",
    ]


def test_service_version_is_optional() -> None:
    assert next(service("http://x", ""))[0] == "service   http://x  (no version)"


def test_green_is_short(tmp_path: Path) -> None:
    assert text(green(tmp_path))[-2:] == ["", "GREEN  3 passed; 3 requests; 0.0 s"]


def test_singular_and_plural_are_correct(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    passed(run, "books.read")
    ended(run)
    assert "1 passed; 1 request; 0.0 s" in text(read(path))[-1]


def test_red_begins_with_the_verdict_and_the_first_failure_in_full(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path, trace_url="https://t.example.com/{trace_id}")
    passed(run, "books.made", MAKE)
    failed(run, "books.read", body=b'{"error": "boom"}')
    ended(run)
    record = read(path)
    trace = f"https://t.example.com/{record.header['trace_id']}"
    assert text(record) == [
        "RED (service)  books.read: books.read reads as a sentence.",
        "asked     GET /books/{book_id} as owner",
        "expected  200",
        "got       500  (5 ms)",
        'body      {"error": "boom"}',
        "request   r-1",
        f"link      {trace}",
        "curl -sS -i -m 10 http://127.0.0.1:8000/books/7 "
        '-H "authorization: Bearer $SMOKE_TOKEN_OWNER"',
        "again     nox -s smoke-local -- -k read",
        "surface   books (1 of 1 operations succeeded)",
        "ledger    1 operation: 1 succeeded, 0 gated off, 0 excepted, 0 missing",
        "run       1 passed, 1 failed; 2 requests; 0.0 s; exit code 1",
        "report    .smoke/local/report.html",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_last_screen_of_a_red_run_begins_with_the_verdict(width: int, tmp_path: Path) -> None:
    record = red(tmp_path, body="a word of the body " * 300)
    record.failures[0]["facts"] = ["answered 200 twice before, now 500: intermittent"]
    lines = list(ending(record, ".smoke/local/report.html", ["9 newly failing"] * 9, width))
    assert rows_of(lines, width) <= 24
    screen = " ".join(" ".join(line for line, _ in lines).split())
    assert screen.startswith("RED (service) books.read: ")
    for part in ("expected 200", "got 500", "known answered 200 twice", "request r-3", "curl ",
                 "again ", "exit code 1", "report "):  # fmt: skip
        assert part in screen, part
    assert record.failures[0]["reason"] not in screen


def test_wide_terminal_is_used(tmp_path: Path) -> None:
    lines = [line for line, _ in ending(red(tmp_path, body="word " * 300), "", (), 120)]
    assert max(len(line) for line in lines if not line.startswith(("curl", "again"))) > 110
    assert len(check_line("x", "passed", [], 1.0, 120)[0]) == 120


def test_address_stays_whole() -> None:
    address = f"https://a.example/{'x' * 90}/7c9e6679-7425-40de-944b-e07fc1f90ae7"
    assert any(
        address in line for line in wrapped(f"left behind: DELETE {address} answered 500", "")
    )


def test_command_to_paste_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path, trace_url=f"https://t.example.com/{'x' * 80}/{{trace_id}}")
    failed(run, "books.read")
    ended(run)
    record = read(path)
    lines = [line for line, _ in ending(record, f"{'y' * 90}/report.html")]
    for label in ("link ", "report ", "curl ", "again "):
        assert len([line for line in lines if line.startswith(label)]) == 1
    (link,) = [line for line in lines if line.startswith("link ")]
    assert link.endswith(record.header["trace_id"])


def test_operations_are_counted_also_where_there_are_none(tmp_path: Path) -> None:
    (line,) = [line for line in text(green(tmp_path)) if line.startswith("ledger")]
    assert line.endswith("3 operations: 3 succeeded, 0 gated off, 0 excepted, 0 missing")


def test_red_names_the_first_broken_surface(tmp_path: Path) -> None:
    lines = text(red(tmp_path))
    assert "surface   books (1 of 2 operations succeeded)" in lines
    assert not any("surface" in line for line in text(green(tmp_path)))


ERROR = "KeyError: 'account' (smoke/checks/test_books.py:33)"


def test_misuse_is_reported_without_traceback(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    run.ended(
        CheckResult("books.odd", "Odd.", Outcome.FAILED, 0.1, ERROR, "harness", again="-k odd")
    )
    ended(run)
    lines = text(read(path))
    assert lines[0] == "UNVERIFIED (harness)  books.odd: Odd."
    assert lines[1:3] == [
        "          KeyError: 'account' (smoke/checks/test_books.py:33)",
        "again     nox -s smoke-local -- -k odd",
    ]


def test_several_targets_have_a_grid_of_what_is_broken(tmp_path: Path) -> None:
    records = [green(tmp_path, "us"), red(tmp_path, "europe")]
    pages = {record.target: tmp_path / "report.html" for record in records}
    lines = [line for line, _ in end_of_several(records, pages, tmp_path / "report.html")]
    at = lines.index("broken                                 us   europe")
    assert lines[at + 1 : at + 3] == [
        "          books                       2/2      1/2",
        "          shelf                       1/1      0/1",
    ]
    assert "RED (service)  europe (1 of 2 targets)" in lines
    assert lines[-1] == "exit code 1"


def test_other_failures_are_a_line_each_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    for number in range(9):
        failed(run, f"books.bad{number}")
    ended(run)
    lines = text(read(path))
    assert (
        lines[
            lines.index(
                "also      books.bad1: GET /books/{book_id} as owner: expected 200, got 500"[:80]
            )
            + 5
        ].strip()
        == "and 3 more"
    )


def test_reason_of_a_crash_is_cut_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    ended(run, stopped=RuntimeError("\n".join(f"line {number}" for number in range(40))))
    lines = text(read(path))
    assert lines[0].startswith("UNVERIFIED (harness)  the run was cut short: line 0")
    assert lines[7] == "  line 39"


def test_unverified_run_lists_what_was_and_what_was_not_verified(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    passed(run, "books.read")
    ended(
        run,
        Row(READ, "books", Account.SUCCEEDED, "books.read"),
        Row(MAKE, "books", Account.LEFT_OUT, NOT_REACHED),
        Row(GONE, "shelf", Account.FAILED, "books.gone"),
        Row("GET /maps", "maps", Account.LEFT_OUT, "target 'a' is read_only"),
        Row("GET /films", "films", Account.GATED, "films: no films"),
        stopped=UnverifiedError("The run's deadline of 3 s has passed."),
    )
    lines = text(read(path))
    at = lines.index("verified  1 operation: books 1")
    assert lines[at + 1] == "but not   2 operations: books 1, shelf 1"
    assert "verified" not in " ".join(text(red(tmp_path)))


def test_check_line_is_as_wide_as_the_terminal() -> None:
    one = [{"status": 200, "elapsed_ms": 12.3}]
    line, style = check_line("books.read", "passed", one, 0.02)
    assert (line, style) == (f"ok    books.read{' ' * 45}      200     12 ms", "green")
    assert len(check_line("x" * 200, "failed", one * 3, 1.0)[0]) == 80
    assert check_line("x", "failed", [{"status": None, "elapsed_ms": 1}], 1)[0].split()[2:4] == [
        "no",
        "answer",
    ]


def test_words_longer_than_a_line_are_broken() -> None:
    assert max(map(len, wrapped("x" * 300, "  "))) == 80
    assert fit("abcdef", 4) == "abc…"
