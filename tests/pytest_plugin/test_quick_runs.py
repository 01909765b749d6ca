"""A quick run asks each operation once, tries a refusal per surface, and says that it was quick."""

import json
from pathlib import Path

import pytest

from tests.unlike.projects import accounts, ended, lockers_run

CHECKS = '''
"""Checks of another team."""

import pytest


@pytest.mark.exercises("GET /lockers")
async def test_lockers_are_listed(actor, expect):
    """The owner's lockers are listed."""
    expect(await actor("owner").call("GET /lockers"))


async def test_unknown_locker_is_not_found(actor, expect):
    """A locker that never was is not found."""
    expect(await actor("owner").call("GET /lockers/{locker_id}", locker_id=1), 404, unknown=True)
'''
QUICK = "--depth=quick"


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    """The module of the project's own checks."""
    file = tmp_path / "project/checks/test_lockers.py"
    file.parent.mkdir(parents=True)
    (file.parent / "__init__.py").touch()
    file.write_text(CHECKS, encoding="utf-8")
    return file


WITH_CHECKS = 'checks = "checks"'


def test_each_operation_succeeds_within_the_requests(tmp_path: Path) -> None:
    run, left = lockers_run(tmp_path, QUICK)
    assert run.code == 0, run.out
    assert "GREEN (quick)" in run.out
    assert set(accounts(run).values()) == {"succeeded"}
    assert left == {}
    full, _ = lockers_run(tmp_path / "full")
    assert len(run.record("exchange")) < len(full.record("exchange"))


def test_one_operation_of_each_surface_refuses(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, QUICK)
    refused = [row for row in run.record("exchange") if row["status"] in (401, 403)]
    assert len(refused) == sum("anonymous_is_refused" in name for name in ended(run))
    assert all(row["method"] == "GET" for row in refused)
    assert not [name for name in ended(run) if "outsider" in name or "walked" in name]


def test_writes_are_read_back(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, QUICK)
    assert "readback.change_is_read_back[DELETE /lockers/{locker_id} removed]" in ended(run)


def test_depth_is_in_every_result_and_is_no_partial_run(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, row='depth = "quick"')
    reported = json.loads((tmp_path / "staging/verdict.json").read_text(encoding="utf-8"))
    assert (reported["depth"], reported["partial"]) == ("quick", False)
    assert 'name="depth" value="quick"' in (tmp_path / "staging/junit.xml").read_text("utf-8")
    assert "GREEN (quick)" in (tmp_path / "staging/report.html").read_text("utf-8")
    assert "GREEN (quick)" in (tmp_path / "staging/summary.md").read_text("utf-8")
    assert run.record("run")[0]["depth"] == "quick"


def test_hand_written_check_is_left_to_the_plan(tmp_path: Path, checks: Path) -> None:
    assert checks.exists()
    run, _ = lockers_run(tmp_path, QUICK, more=WITH_CHECKS)
    assert run.code == 0, run.out
    assert "lockers.lockers_are_listed" not in ended(run)
    assert accounts(run)["GET /lockers"] == "succeeded"


def test_check_is_taken_where_the_plan_does_not_send(tmp_path: Path, checks: Path) -> None:
    assert checks.exists()
    rule = '[[rule]]\noperation = "GET /lockers"\nexcept = { reason = "the list is long" }\n'
    run, _ = lockers_run(tmp_path, QUICK, more=WITH_CHECKS, rules=rule)
    assert ended(run)["lockers.lockers_are_listed"] == "passed"
    assert "lockers.unknown_locker_is_not_found" not in ended(run)


def test_marked_check_is_taken(tmp_path: Path, checks: Path) -> None:
    marked = CHECKS.replace("async def test_unknown", "@pytest.mark.quick\nasync def test_unknown")
    checks.write_text(marked, encoding="utf-8")
    run, _ = lockers_run(tmp_path, QUICK, more=WITH_CHECKS)
    assert ended(run)["lockers.unknown_locker_is_not_found"] == "passed"
    assert "GREEN (quick)" in run.out


def test_check_of_the_file_beside_the_plan_comes_first_in_a_full_run(
    tmp_path: Path, checks: Path
) -> None:
    assert checks.exists()
    openapi = tmp_path / "project/openapi"
    openapi.mkdir()
    chosen = {"checks": {"lockers.unknown_locker_is_not_found": 1}}
    (openapi / "plan.quick.json").write_text(json.dumps(chosen), encoding="utf-8")
    run, _ = lockers_run(tmp_path, more=WITH_CHECKS)
    assert run.code == 0, run.out
    names = list(ended(run))
    assert names[0] == "lockers.unknown_locker_is_not_found"
    assert names.index("lockers.lockers_are_listed") > 0
    assert run.record("run")[0]["depth"] == "full"
