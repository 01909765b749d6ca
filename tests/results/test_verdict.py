"""The verdict follows from what failed, in one place; green is earned."""

from typing import Any

import pytest

from smoke.errors import BrokenError, Cause, CrashedError, Exit, SmokeError, UnverifiedError
from smoke.results.ledger import Account, Ledger, Row
from smoke.results.outcome import CheckResult, Outcome
from smoke.results.record import Record
from smoke.results.run import Run
from smoke.results.verdict import Verdict, Word, closing, verdict_of
from tests.results.records import READ, begun, failed, passed, sent

SERVICE, CONTRACT = Cause.SERVICE, Cause.CONTRACT
ENVIRONMENT, HARNESS = Cause.ENVIRONMENT, Cause.HARNESS
GOOD = Row(READ, "books", Account.SUCCEEDED, "books.read")
LOST = Row("GET /films", "films", Account.MISSING, "not seen")


def ran(*causes: Cause) -> Run:
    """A run in which one check passed and one failed for each cause, in that order."""
    run = begun(None)
    passed(run, "books.good")
    for number, cause in enumerate(causes):
        failed(run, f"books.bad{number}", cause=cause)
    return run


def verdict(run: Run, *rows: Row, stopped: BaseException | None = None) -> Verdict:
    return verdict_of(run, Ledger(rows or (GOOD,)), stopped)


@pytest.mark.parametrize(
    ("causes", "word", "code", "cause"),
    [
        ((), Word.GREEN, Exit.GREEN, ""),
        ((SERVICE,), Word.RED, Exit.RED, SERVICE),
        ((CONTRACT,), Word.RED, Exit.RED, CONTRACT),
        ((ENVIRONMENT,), Word.UNVERIFIED, Exit.UNVERIFIED, ENVIRONMENT),
        ((HARNESS,), Word.UNVERIFIED, Exit.INTERNAL, HARNESS),
        ((ENVIRONMENT, SERVICE), Word.RED, Exit.RED, SERVICE),
        ((HARNESS, CONTRACT), Word.RED, Exit.RED, CONTRACT),
        ((HARNESS, ENVIRONMENT), Word.UNVERIFIED, Exit.UNVERIFIED, ENVIRONMENT),
        ((HARNESS, ENVIRONMENT, CONTRACT, SERVICE), Word.RED, Exit.RED, CONTRACT),
    ],
)
def test_word_and_exit_follow_from_the_causes(
    causes: tuple[Cause, ...], word: Word, code: Exit, cause: str
) -> None:
    found = verdict(ran(*causes))
    assert (found.word, found.exit, found.cause) == (word, code, cause)


def test_reason_is_the_first_failure_that_decides() -> None:
    assert verdict(ran(HARNESS, SERVICE, SERVICE)).reason == (
        "books.bad1: GET /books/{book_id} as owner: expected 200, got 500"
    )


def test_reason_is_kept_short() -> None:
    run = ran(SERVICE)
    run.outcomes[-1].got = "x" * 5000
    assert len(verdict(run).reason) < 400


@pytest.mark.parametrize(
    ("error", "word", "code"),
    [
        (SmokeError("no such actor"), Word.MISUSED, Exit.MISUSED),
        (UnverifiedError("nothing answers"), Word.UNVERIFIED, Exit.UNVERIFIED),
        (BrokenError("not ready"), Word.RED, Exit.RED),
        (CrashedError("the run crashed"), Word.UNVERIFIED, Exit.INTERNAL),
        (KeyboardInterrupt(), Word.UNVERIFIED, Exit.UNVERIFIED),
    ],
)
def test_what_stops_a_run_decides_where_nothing_failed(
    error: BaseException, word: Word, code: Exit
) -> None:
    found = verdict(ran(), stopped=error)
    assert (found.word, found.exit) == (word, code)


def test_wrong_service_outweighs_what_stopped_the_run() -> None:
    assert verdict(ran(SERVICE), stopped=UnverifiedError("then it died")).word is Word.RED


def _unasserted() -> Run:
    run = begun(None)
    passed(run, "books.good")
    run.expectations = 0
    return run


def _refused() -> Run:
    run = begun(None)
    passed(run, "books.a", status=401)
    passed(run, "books.b", status=403)
    return run


def _skipped() -> Run:
    run = begun(None)
    passed(run, "books.a")
    run.outcomes[0].outcome = Outcome.SKIPPED
    return run


def _silent() -> Run:
    run = begun(None)
    passed(run, "books.a")
    run.exchanges[0].status = None
    return run


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (begun(None), "no check ran"),
        (_skipped(), "all 1 checks were skipped"),
        (_silent(), "nothing was sent"),
        (_refused(), "refused everywhere: all 2 answers were 401 or 403"),
        (_unasserted(), "nothing was asserted of any answer"),
    ],
)
def test_green_is_not_given_for_nothing(run: Run, message: str) -> None:
    found = verdict(run)
    assert (found.word, found.exit, found.reason) == (Word.UNVERIFIED, Exit.UNVERIFIED, message)


def test_contract_without_operations_is_not_green() -> None:
    assert verdict_of(ran(), Ledger(()), None).word is Word.UNVERIFIED


def test_operation_that_is_unaccounted_for_is_red() -> None:
    found = verdict(ran(), GOOD, LOST)
    assert (found.word, found.exit) == (Word.RED, Exit.RED)
    assert found.reason == "1 operation is unaccounted for: GET /films"


def test_nothing_seen_to_succeed_is_not_green() -> None:
    gated = Row(READ, "books", Account.GATED, "shut")
    assert verdict(ran(), gated).reason == "no operation was seen to succeed"


def test_reason_of_a_stop_in_a_check_is_given_once() -> None:
    run = begun(None)
    run.current = "books.a"
    sent(run, status=503)
    error: Any = BrokenError("Not ready within 1 s.")
    failed(run, "books.a", cause=SERVICE)
    found = verdict_of(run, Ledger((GOOD,)), error, "books.a")
    assert found.reason == "Not ready within 1 s."


@pytest.mark.parametrize(("later", "word"), [(200, Word.RED), (502, Word.UNVERIFIED)])
def test_surface_that_is_down_beside_others_that_answer_is_red(later: int, word: Word) -> None:
    run = begun(None)
    failed(run, "books.a", status=502, cause=Cause.ENVIRONMENT)
    sent(run, "GET /films", status=later)
    found = verdict(run)
    assert (found.word, found.cause) == (word, Cause.ENVIRONMENT)


def test_answer_to_what_was_sent_before_does_not_show_that_others_answer() -> None:
    run = begun(None)
    failed(run, "books.a", status=None, cause=Cause.ENVIRONMENT)
    # Checks run beside each other: it was sent first, and has a later number.
    sent(run, "GET /films", started_s=-1.0)
    assert verdict(run).word is Word.UNVERIFIED


def closed(run: Run, *rows: Row) -> Record:
    """The record of a run with these rows in its ledger."""
    ledger = Ledger(rows)
    return Record(run.header, last=closing(run, ledger, verdict_of(run, ledger, None)))


def test_undecided_operation_makes_a_green_run_partial() -> None:
    undecided = Row("POST /void", "films", Account.UNDECIDED, "may take things away")
    record = closed(ran(), GOOD, undecided, undecided)
    assert record.title == "GREEN (partial)"
    assert record.part == "2 operations are undecided and not sent: POST /void, …"
    assert record.verdict["reason"] == ""


def test_blocked_check_makes_a_green_run_partial() -> None:
    run = ran()
    run.outcomes.append(
        CheckResult("films.read", "", Outcome.BLOCKED, 0.0, reason="blocked by POST /films")
    )
    record = closed(run, GOOD)
    assert record.title == "GREEN (partial)"
    assert record.part == "1 check is blocked: films.read (blocked by POST /films)"


def test_selection_and_what_is_open_are_both_reported() -> None:
    run = ran()
    run.part = "-k books"
    record = closed(run, GOOD, Row("POST /void", "films", Account.UNDECIDED, "?"))
    assert record.part == "-k books; 1 operation is undecided and not sent: POST /void"
    assert closed(ran(), GOOD).title == "GREEN"
