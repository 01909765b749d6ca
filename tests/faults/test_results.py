"""The result of a run is read from its record, and the tables say what was measured."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.entries import FalseGreen, Fault, Harmless, Proxied
from tests.faults.interference import replied
from tests.faults.outcome import outcome_of
from tests.faults.results import sections
from tests.faults.results_file import TITLES, rewritten
from tests.faults.smoke_run import RunResult, read
from tests.faults.terminal import closing, line

BROKEN = Proxied(replied("GET /x", 500))
FAULT = Fault("x_is_broken", "routing", "x", BROKEN, caught_by="x.x_is_read")
OTHER = Fault("y_is_broken", "contract", "y", BROKEN, caught_by="y.*", missed="it cannot be seen")
GREEN = RunResult(0, "green", seconds=8.0, wall_s=9.0)


def _check(name: str, outcome: str, ended_s: float) -> dict[str, Any]:
    return {"kind": "check", "check": name, "outcome": outcome, "ended_s": ended_s, "text": "no"}


def _sent(started_s: float) -> dict[str, Any]:
    return {
        "kind": "exchange",
        "started_s": started_s,
        "number": 1,
        "check": "a.a",
        "operation": "GET /a",
        "status": 200,
    }


def _verdict(seconds: float) -> dict[str, Any]:
    return {"kind": "verdict", "word": "red", "reason": "no", "seconds": seconds}


def _said(tmp_path: Path, *rows: dict[str, Any]) -> RunResult:
    record = tmp_path / "run.jsonl"
    record.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return read(RunResult(1, wall_s=5.0), record)


def test_time_to_red_ends_with_the_first_red_line_and_not_with_the_run(tmp_path: Path) -> None:
    result = _said(
        tmp_path, _sent(1.25), _check("a.a", "passed", 1.5), _check("a.b", "failed", 2.0),
        _check("a.c", "failed", 2.5), _verdict(4.25),
    )  # fmt: skip
    assert (result.check, result.red_s, result.seconds) == ("a.b", 0.75, 3.0)


def test_a_run_that_ends_without_a_red_check_is_red_with_its_verdict(tmp_path: Path) -> None:
    result = _said(tmp_path, _sent(0.5), _check("a.a", "passed", 1.0), _verdict(2.0))
    assert (result.red_s, result.seconds) == (1.5, 1.5)


def test_a_run_that_was_killed_in_mid_line_has_no_end(tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    record.write_text(json.dumps(_sent(0.5)) + '\n{"kind": "che', encoding="utf-8")
    result = read(RunResult(-1), record)
    assert (result.word, result.red_s, result.seconds) == ("", None, None)


def test_both_times_are_shown_and_the_median_is_over_all() -> None:
    found = [
        outcome_of(FAULT, RunResult(1, "red", "x.x_is_read", red_s=red, seconds=end))
        for red, end in ((0.5, 1.0), (1.0, 4.0), (3.0, 5.0))
    ]
    text = "\n".join(sections(found, "us")["Faults"])
    assert "| **all** | 3 | 3 | 3 | 1.0 s | 4.0 s |" in text
    assert "| x_is_broken | x | x.x_is_read | 0.5 s | 1.0 s |" in text


def test_a_missed_fault_is_told_with_its_reason() -> None:
    text = "\n".join(sections([outcome_of(OTHER, GREEN)], "us")["Faults"])
    assert "- `y_is_broken`: green (it cannot be seen)" in text
    assert "| y_is_broken | y | - | - | - |" in text


@pytest.mark.parametrize(
    ("says", "output", "right"), [("", "", True), ("stale", "stale", True), ("stale", "x", False)]
)
def test_a_false_green_must_be_caught_for_its_own_reason(
    says: str, output: str, right: bool
) -> None:
    entry = FalseGreen("plan_is_stale", says=says)
    assert outcome_of(entry, RunResult(4, output=output)).right is right


def test_a_fault_that_is_known_to_be_missed_is_no_news() -> None:
    assert outcome_of(OTHER, GREEN).is_as_known
    assert not outcome_of(FAULT, GREEN).is_as_known
    assert not outcome_of(FAULT, RunResult(1, "red", "y.y_is_read")).is_as_known


def test_the_end_fits_eighty_columns_and_tells_what_was_missed_and_what_is_wrong() -> None:
    other = Harmless("a_change_with_a_very_long_name_that_goes_on_and_on_until_it_is_over")
    words = 20 * "words of a reason "
    red = RunResult(1, "red", "x.x_is_read", red_s=0.5)
    alarm = RunResult(1, "red", "x.x", words)
    found = [outcome_of(OTHER, GREEN), outcome_of(FAULT, red), outcome_of(other, alarm)]
    rows = list(closing(found))
    assert [row for row in rows if len(row) > 80] == []
    assert "contract                         1         0       0        -        -" in rows
    assert "missed: y_is_broken: green (0): it cannot be seen" in rows
    assert "harmless changes                    0 of 1 as they should be" in rows


def test_a_line_of_progress_fits_eighty_columns() -> None:
    long = Harmless("a_change_with_a_very_long_name_that_goes_on_and_on_until_it_is_over")
    result = RunResult(
        1, "red", "workflow_runs.streamed_run_is_whole_and_can_be_replayed", red_s=1.0
    )
    for entry in (FAULT, long):
        assert len(line(outcome_of(entry, result), 7, 385)) <= 80


def test_only_the_sections_that_were_measured_are_rewritten() -> None:
    first = rewritten("", {"Faults": ["one"], "Endurance": ["ten"]})
    second = rewritten(first, {"Faults": ["two"], "Harmless changes": ["three"]})
    order = [row for row in second.splitlines() if row.startswith("## ")]
    assert order == ["## Faults", "## Harmless changes", "## Endurance"]
    assert ("one" in second, "two" in second, "ten" in second) == (False, True, True)
    assert rewritten(second, {}) == second
    assert set(sections([outcome_of(FAULT, GREEN)], "us")) <= set(TITLES)
