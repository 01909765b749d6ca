"""Input: a body that the contract excludes is refused, and never sent where it could stay."""

from pathlib import Path

import pytest

from tests.unlike.projects import ended, lockers_run, verdict

INVALID = '[[rule]]\noperation = "POST *"\ninvalid = true\n'
EMPTY = "a refusal (4XX) of a body with an empty text as 'label'"


def test_service_that_takes_what_the_contract_excludes_is_red_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    run, rows = lockers_run(tmp_path, fault="any_label", rules=INVALID)
    assert run.code == 1, run.out
    message = f"POST /lockers as owner: expected {EMPTY}"
    assert verdict(run).startswith(
        f"RED (service) input.invalid_body_is_refused[lockers]: {message}"
    )
    assert rows == {}


def test_service_that_fails_on_what_the_contract_excludes_is_red(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="no_label_breaks", rules=INVALID)
    assert run.code == 1, run.out
    message = f"POST /lockers/{{locker_id}}/shelves as owner: expected {EMPTY}"
    assert message in verdict(run)


def test_refused_bodies_are_green_and_one_is_sent_for_each_write(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, rules=INVALID)
    assert run.code == 0, run.out
    assert ended(run)["input.invalid_body_is_refused[lockers]"] == "passed"
    assert ended(run)["input.invalid_body_is_refused[shelves]"] == "passed"
    refused = [row["operation"] for row in run.record("exchange") if row["status"] == 422]
    assert sorted(refused) == ["POST /lockers", "POST /lockers/{locker_id}/shelves"]


@pytest.mark.parametrize("row", ["read_only = true", "protected = true", 'depth = "quick"'])
def test_no_invalid_body_is_sent(row: str, tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, row=row, rules=INVALID)
    assert not any("input." in name for name in ended(run))


def test_no_invalid_body_is_sent_where_no_rule_asks_for_it(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="any_label")
    assert run.code == 0, run.out
    assert not any("input." in name for name in ended(run))


def test_only_the_broken_operation_is_red_where_the_valid_request_fails_too(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, "--maxfail=0", fault="no_locker", rules=INVALID)
    assert [name for name, end in ended(run).items() if end == "failed"] == ["POST /lockers"]
