"""The lines that pytest's options add to a run: -v, -vv, -r and --durations."""

from pathlib import Path

from smoke.pytest_plugin.details import durations, requests, results
from smoke.results.record_reader import read
from tests.results.records import begun, ended, failed, passed, sent


def test_requests_are_a_line_each(tmp_path: Path) -> None:
    run = begun(tmp_path / "run.jsonl")
    sent(run)
    sent(run, status=None, error="ReadTimeout: no answer")
    run.close()
    assert [line for line, _ in requests(run, run.exchanges, whole=False)] == [
        "      GET /books/{book_id} as owner: 200, 5 ms",
        "      GET /books/{book_id} as owner: no answer: ReadTimeout: no answer, 5 ms",
    ]


def test_whole_requests_have_headers_and_masked_bodies(tmp_path: Path) -> None:
    run = begun(tmp_path / "run.jsonl")
    sent(run, body=b'{"a": 1,\n "token": "token-of-the-owner"}', request_body=b"q")
    run.close()
    lines = [line.strip() for line, _ in requests(run, run.exchanges, whole=True)]
    assert lines[1] == "> GET http://127.0.0.1:8000/books/7"
    assert "> q" in lines
    assert "< content-type: application/json" in lines
    assert lines[-2:] == ['< {"a": 1,', '<  "token": "$SMOKE_TOKEN_OWNER"}']


def test_results_are_listed_by_the_letters_of_pytest(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    passed(run, "books.made")
    failed(run, "books.read")
    ended(run)
    bad = "FAILED   books.read - GET /books/{book_id} as owner: expected 200, got 500"
    record = read(path)
    assert [line for line, _ in results(record, "A")] == ["PASSED   books.made", bad]
    assert [line for line, _ in results(record, "fE")] == [bad]


def test_durations_are_those_of_the_slowest_checks(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    passed(run, "books.made")
    failed(run, "books.read")
    ended(run)
    record = read(path)
    assert [line for line, _ in durations(record, 1, 0, 80)] == ["durations   0.030 s  books.read"]
    assert len(list(durations(record, 0, 0, 80))) == 2
    assert list(durations(record, 0, 1.0, 80)) == []
