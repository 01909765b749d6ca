"""The record of checks that ran beside each other is in the suite's order."""

import json
from pathlib import Path

from smoke.results.exchange import Exchange
from smoke.results.order import Unseen, leave_uncounted, put_in_order
from smoke.results.outcome import Checking
from smoke.results.run import Run
from smoke.results.secrets import Secrets


def sends(run: Run, check: Checking, path: str) -> Exchange:
    """Let a check send a request and expect its answer."""
    with run.within(check):
        exchange = Exchange(
            next(run.numbers), check.name, "owner", f"GET {path}", "GET", f"http://x{path}", 0.0,
            {}, status=200, place=check.place,
        )  # fmt: skip
        run.saw(exchange)
        run.expected(exchange, "200", "200", met=True)
        run.hit(exchange.operation, check.name)
        run.note(f"note of {check.name}")
    return exchange


def test_lines_numbers_and_notes_follow_the_suite(tmp_path: Path) -> None:
    run = Run("a", Secrets(), tmp_path / "run.jsonl")
    first, second = Checking("books.first", 0), Checking("books.second", 1)
    late = sends(run, second, "/b")
    early = sends(run, first, "/a")
    sends(run, first, "/b")
    put_in_order(run)
    run.close()
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    sent = [(one["number"], one["check"]) for one in lines if one["kind"] == "exchange"]
    assert sent == [(1, "books.first"), (2, "books.first"), (3, "books.second")]
    assert [one["exchange"] for one in lines if one["kind"] == "expectation"] == [1, 2, 3]
    assert (early.number, late.number) == (1, 3)
    assert run.succeeded["GET /b"] == ["books.first", "books.second"]
    assert run.notes == ["note of books.first", "note of books.first", "note of books.second"]
    assert (tmp_path / "run.jsonl").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["run.jsonl"]


def test_check_ahead_is_seen_in_its_turn(tmp_path: Path) -> None:
    run = Run("a", Secrets(), tmp_path / "run.jsonl")
    first, second = Checking("books.first", 0), Checking("books.second", 1)
    unseen = Unseen(run)
    ahead, now = sends(run, second, "/b"), sends(run, first, "/a")
    second.has_ended = True
    cleanup = sends(run, second, "/c")
    run.begin_turn(first)
    assert unseen.take() == [now]
    run.begin_turn(second)
    assert unseen.take() == [ahead]
    run.begin_turn(Checking("books.third", 2))
    assert unseen.take() == [cleanup]
    run.close()


def test_uncounted_check_leaves_its_lines_and_a_note(tmp_path: Path) -> None:
    run = Run("a", Secrets(), tmp_path / "run.jsonl")
    sends(run, Checking("books.first", 0), "/a")
    sends(run, Checking("books.second", 1), "/b")
    run.begin_turn(Checking("books.last", 2))
    put_in_order(run)
    leave_uncounted(run, ["books.second"])
    run.close()
    assert list(run.succeeded) == ["GET /a"]
    assert [one.check for one in run.exchanges] == ["books.first"]
    assert run.notes[-1] == "begun ahead, and not counted: books.second"
    assert '"books.second"' in (tmp_path / "run.jsonl").read_text()
