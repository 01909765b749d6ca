"""Isolation: the lists of another tenant have no row of a thing of the run."""

from pathlib import Path

from tests.unlike.projects import ended, lockers_run, verdict

HIDDEN = "isolation.other_tenants_are_hidden"


def test_list_of_every_tenant_is_red_and_named(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="list_is_shared")
    assert run.code == 1, run.out
    reported = (
        f"RED (service) {HIDDEN}: GET /lockers as outsider: expected no row of another tenant"
    )
    assert verdict(run).startswith(reported)


def test_other_tenant_is_asked_once_for_a_list_that_shows_a_thing_of_the_run(
    tmp_path: Path,
) -> None:
    run, _ = lockers_run(tmp_path)
    assert ended(run)[HIDDEN] == "passed"
    tried = [row["operation"] for row in run.record("exchange") if row["check"] == HIDDEN]
    assert tried == ["GET /lockers"]


def test_list_that_all_tenants_may_see_is_not_asked_for(tmp_path: Path) -> None:
    rule = '[[rule]]\noperation = "GET /lockers"\noutsider = "allowed"\n'
    run, _ = lockers_run(tmp_path, fault="list_is_shared", rules=rule)
    assert run.code == 0, run.out
    assert "outsider" not in [
        row["actor"] for row in run.record("exchange") if row["operation"] == "GET /lockers"
    ]
